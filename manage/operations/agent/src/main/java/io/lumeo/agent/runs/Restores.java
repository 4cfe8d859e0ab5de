package io.lumeo.agent.runs;

import io.lumeo.agent.Decision;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.Upshot;
import io.lumeo.audit.AuditResult;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.storage.Change;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What a person does with a snapshot: goes back to it, makes a volume of it, takes files out of
/// it, holds it. Each is recorded in that person's name.
public final class Restores {
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Hand hand;
  private final Ledger ledger;
  private final String actor;
  private final String source;

  /// @param actor who does it: `uid:0`
  /// @param source where they are: `local`, an address
  public Restores(Hand hand, Ledger ledger, String actor, String source) {
    this.hand = hand;
    this.ledger = ledger;
    this.actor = actor;
    this.source = source;
  }

  /// What the snapshot is called that is taken of a volume before it becomes what it once was.
  public static String safetyName(Volume volume, Instant now) {
    return "%s-before-restore-%s".formatted(volume.name(), UTC.format(now));
  }

  /// Makes a volume what a snapshot of it is. Its present content is kept in a snapshot first.
  ///
  /// @param keepSnapshot whether the snapshot is still wanted afterwards
  /// @return what came of it; when the volume is in use, that says when it takes effect
  /// @throws IOException if it cannot be recorded
  public Upshot inPlace(
      HostSetup host,
      Volume volume,
      Volume snapshot,
      boolean keepSnapshot,
      Instant now,
      Progress progress)
      throws IOException {
    return act(
        host,
        "snapshot.restore",
        List.of(volume.uuid(), snapshot.uuid()),
        new Change.RollBack(volume.uuid(), snapshot.uuid(), keepSnapshot, safetyName(volume, now)),
        "%s becomes what %s is".formatted(volume.name(), snapshot.name()),
        progress);
  }

  /// Makes a new volume of a snapshot.
  ///
  /// @throws IOException if it cannot be recorded
  public Upshot toNewVolume(HostSetup host, Volume snapshot, String name, Progress progress)
      throws IOException {
    return act(
        host,
        "snapshot.clone",
        List.of(snapshot.uuid()),
        new Change.CreateClone(snapshot.uuid(), name, true, new TreeSet<>()),
        "%s as a new volume %s".formatted(snapshot.name(), name),
        progress);
  }

  /// Copies files and folders out of a snapshot.
  ///
  /// @param files from the root of its file system
  /// @param folder where they are copied to, on the host that has the snapshot
  /// @throws StorageFailure if the snapshot cannot be looked into
  /// @throws IOException if it cannot be recorded; before it, nothing is copied then
  public Inspection files(
      HostSetup host, Volume snapshot, List<String> files, Path folder, Progress progress)
      throws StorageFailure, IOException {
    var intent = intent(host, "snapshot.copy-out", List.of(snapshot.uuid()));
    var what = "%s out of %s to %s".formatted(String.join(", ", files), snapshot.name(), folder);
    if (hand.isDry()) {
      ledger.note(intent, AuditResult.DRY_RUN, what);
      return new Inspection(List.of(), List.of());
    }
    ledger.note(
        intent(host, Ledger.BEGIN + "snapshot.copy-out", intent.targets()), AuditResult.DONE, what);
    try {
      var inspection =
          host.system()
              .inspect(
                  new InspectionRequest(snapshot.uuid(), false, List.of(), Map.of(), files, folder),
                  progress);
      ledger.note(
          intent,
          inspection.passed() ? AuditResult.DONE : AuditResult.PARTIAL,
          "%s: %d copied".formatted(what, inspection.copied().size()));
      return inspection;
    } catch (StorageFailure failure) {
      ledger.note(intent, AuditResult.FAILED, "%s: %s".formatted(what, failure.getMessage()));
      throw failure;
    }
  }

  /// Holds a snapshot in somebody's name: no policy deletes it until that is released.
  ///
  /// @param name who or what holds it; letters, digits and `_+.-`
  /// @throws IOException if it cannot be recorded
  public Upshot hold(HostSetup host, Volume snapshot, String name) throws IOException {
    return tag(host, "snapshot.hold", snapshot, Set.of(SnapshotTags.hold(name)), Set.of(), name);
  }

  /// Releases a hold.
  ///
  /// @throws IOException if it cannot be recorded
  public Upshot release(HostSetup host, Volume snapshot, String name) throws IOException {
    return tag(host, "snapshot.release", snapshot, Set.of(), Set.of(SnapshotTags.hold(name)), name);
  }

  private Upshot tag(
      HostSetup host,
      String verb,
      Volume snapshot,
      Set<String> add,
      Set<String> remove,
      String name)
      throws IOException {
    if (!name.matches("[A-Za-z0-9_+.-]{1,64}")) {
      return hand.carryOut(
          host.system(),
          new Decision.Refuse(
              intent(host, verb, List.of(snapshot.uuid())),
              "the name of a hold is 1 to 64 letters, digits and _+.-"),
          Progress.none());
    }
    return act(
        host,
        verb,
        List.of(snapshot.uuid()),
        new Change.SetTags(snapshot.uuid(), new TreeSet<>(add), new TreeSet<>(remove)),
        "%s by %s".formatted(snapshot.name(), name),
        Progress.none());
  }

  private Upshot act(
      HostSetup host,
      String verb,
      List<String> targets,
      Change change,
      String reason,
      Progress progress)
      throws IOException {
    return hand.carryOut(
        host.system(), new Decision.Act(intent(host, verb, targets), change, reason), progress);
  }

  private Intent intent(HostSetup host, String verb, List<String> targets) {
    return new Intent(actor, source, verb, host.name(), targets);
  }
}
