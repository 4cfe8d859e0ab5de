package io.lumeo.agent.runs;

import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// Empties the trash of what has had its time.
public final class TrashRun {
  private final Removal removal;

  public TrashRun(Hand hand) {
    this.removal = new Removal(hand);
  }

  /// What is in the trash and past its time.
  public static List<Volume> expired(Inventory inventory, Instant now) {
    return inventory.volumes().stream()
        .filter(volume ->
            TrashTags.isTrashed(volume.tags())
                && TrashTags.until(volume.tags()).filter(until -> !until.isAfter(now)).isPresent())
        .toList();
  }

  /// Removes it for good.
  ///
  /// @throws IOException if it cannot be recorded
  public RunReport run(HostSetup host, Inventory inventory, Instant now) throws IOException {
    var report = new RunReport.Builder();
    for (var volume : expired(inventory, now)) {
      report.add(
          Holdings.name(inventory, volume),
          removal.purge(
              host, "agent", volume.uuid(), volume.name() + " has had its time in the trash"));
    }
    return report.build();
  }
}
