package io.lumeo.agent.runs;

import io.lumeo.agent.Decision;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.Upshot;
import io.lumeo.storage.Change;
import io.lumeo.storage.Progress;
import java.io.IOException;
import java.time.Duration;

/// Removes snapshots: into the trash, or through it at once where their space is needed.
final class Removal {
  private final Hand hand;

  Removal(Hand hand) {
    this.hand = hand;
  }

  /// Puts a snapshot in the trash for a while.
  Upshot trash(HostSetup host, String actor, String uuid, Duration timeToLive, String reason)
      throws IOException {
    return hand.carryOut(
        host.system(),
        new Decision.Act(
            Intent.scheduled(actor, "snapshot.trash", host.name(), uuid),
            new Change.Trash(uuid, timeToLive),
            reason),
        Progress.none());
  }

  /// Removes what is in the trash for good.
  Upshot purge(HostSetup host, String actor, String uuid, String reason) throws IOException {
    return hand.carryOut(
        host.system(),
        new Decision.Act(
            Intent.scheduled(actor, "trash.purge", host.name(), uuid),
            new Change.Purge(uuid),
            reason),
        Progress.none());
  }

  /// Removes a snapshot for good. A dry hand says what the first half would be.
  Upshot removeNow(HostSetup host, String actor, String uuid, String reason) throws IOException {
    var trashed = trash(host, actor, uuid, Duration.ZERO, reason);
    return hand.isDry() || !trashed.isGood() ? trashed : purge(host, actor, uuid, reason);
  }
}
