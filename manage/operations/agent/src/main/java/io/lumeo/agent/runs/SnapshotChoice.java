package io.lumeo.agent.runs;

import io.lumeo.configuration.SnapshotSettings;
import io.lumeo.policies.Admission;
import io.lumeo.policies.Amount;
import io.lumeo.policies.Retention;
import io.lumeo.policies.RunKey;
import io.lumeo.policies.SnapshotAdmission;
import io.lumeo.policies.SnapshotFacts;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.policies.StoreSizing;
import io.lumeo.storage.Capability;
import io.lumeo.storage.Change;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a run's snapshot of one volume is to be.
sealed interface SnapshotChoice {

  /// Make it.
  record Make(Change.CreateSnapshot change, String reason) implements SnapshotChoice {}

  /// The run has made it already, before it was interrupted.
  record Made(Volume snapshot) implements SnapshotChoice {}

  /// Do not.
  record Refused(String reason) implements SnapshotChoice {}

  /// Delete this one for good, look again, and ask again.
  record DeleteFirst(SnapshotFacts snapshot, String reason) implements SnapshotChoice {}

  /// What is needed to choose.
  ///
  /// @param changedBytesPerHour how much of the volume is overwritten in an hour, if it is known
  record Question(
      PolicyTerms terms,
      RunKey key,
      Inventory inventory,
      Volume volume,
      OptionalLong changedBytesPerHour,
      Instant now) {}

  /// Chooses. A pure function.
  static SnapshotChoice of(Question question) {
    return new Chooser(question).choose();
  }

  /// The choice for one volume.
  final class Chooser {
    /// How much of what is expected to change a store has room for, in percent.
    private static final int SAFETY_PERCENT = 200;

    /// A store as long as nobody knows what changes.
    private static final Amount USUAL_STORE = new Amount.Percent(20);

    /// What a classic snapshot leaves free in its group.
    private static final Amount GROUP_RESERVE = new Amount.Percent(5);

    private final Question question;
    private final PolicyTerms terms;
    private final SnapshotSettings settings;
    private final Inventory inventory;
    private final Volume volume;
    private final List<SnapshotFacts> snapshots;

    Chooser(Question question) {
      this.question = question;
      this.terms = question.terms();
      this.settings = terms.settings().snapshot();
      this.inventory = question.inventory();
      this.volume = question.volume();
      this.snapshots = Holdings.snapshots(inventory, Set.of());
    }

    SnapshotChoice choose() {
      for (var snapshot : inventory.volumes()) {
        if (isOfThisRun(snapshot)) {
          return new Made(snapshot);
        }
      }
      var stop = Retention.reasonToStop(snapshots, terms.retention(), volume.uuid());
      if (stop != null) {
        return new Refused(stop);
      }
      var pool = inventory.pool(volume.pool());
      if (pool.isEmpty()) {
        return new Refused("nobody knows what %s draws from".formatted(volume.name()));
      }
      var thin = volume.can(Capability.THIN_SNAPSHOT);
      return switch (settings.kind()) {
        case AUTO -> thin ? thin(pool.get()) : classic(pool.get());
        case THIN ->
            thin
                ? thin(pool.get())
                : new Refused(
                    "%s takes no thin snapshots, and the policy wants them"
                        .formatted(volume.name()));
        case CLASSIC ->
            thin
                ? new Refused(
                    "%s is thin, and a classic snapshot of it would slow each of its writes; let the policy take thin ones"
                        .formatted(volume.name()))
                : classic(pool.get());
      };
    }

    /// One in the trash is on its way out: its group was not complete.
    private boolean isOfThisRun(Volume snapshot) {
      return snapshot.isSnapshot()
          && !TrashTags.isTrashed(snapshot.tags())
          && question.key().equals(SnapshotTags.run(snapshot.tags()))
          && volume.uuid().equals(Holdings.facts(snapshot, false).volume());
    }

    private SnapshotChoice thin(Pool pool) {
      var minimum = minimumFree(pool);
      if (!(minimum instanceof Admission.Admitted)) {
        return notNow(minimum);
      }
      var admission = SnapshotAdmission.thin(pool);
      return admission instanceof Admission.Admitted
          ? make(null, "as scheduled")
          : notNow(admission);
    }

    private SnapshotChoice classic(Pool group) {
      if (!volume.can(Capability.CLASSIC_SNAPSHOT)) {
        return new Refused("no snapshot can be taken of %s".formatted(volume.name()));
      }
      var minimum = minimumFree(group);
      if (!(minimum instanceof Admission.Admitted)) {
        return notNow(minimum);
      }
      var size = storeSize(group.unitBytes());
      var existing =
          (int)
              inventory.snapshotsOf(volume.uuid()).stream()
                  .filter(snapshot -> snapshot.kind() == Volume.Kind.CLASSIC_SNAPSHOT)
                  .count();
      var admission =
          SnapshotAdmission.classic(
              volume.name(),
              existing,
              settings.perOrigin(),
              size.bytes(),
              group.data(),
              GROUP_RESERVE);
      return admission instanceof Admission.Admitted
          ? make(
              new Change.StoreSize.Bytes(size.bytes()),
              "as scheduled, with a store of %d bytes: %s".formatted(size.bytes(), size.reason()))
          : notNow(admission);
    }

    private Admission minimumFree(Pool pool) {
      return terms
          .settings()
          .minimumFree()
          .map(rule ->
              SnapshotAdmission.minimumFree(
                  pool.data(),
                  rule,
                  snapshots.stream()
                      .filter(snapshot -> snapshot.volume().equals(volume.uuid()))
                      .toList(),
                  terms.retention(),
                  question.now()))
          .orElse(new Admission.Admitted());
    }

    private static SnapshotChoice notNow(Admission admission) {
      return switch (admission) {
        case Admission.Admitted() -> throw new AssertionError("admitted");
        case Admission.Refused(var reason, var help) ->
            new Refused(help.isEmpty() ? reason : reason + "; " + String.join(", or ", help));
        case Admission.DeleteFirst(var snapshot, var reason) -> new DeleteFirst(snapshot, reason);
      };
    }

    /// A store as the policy wants it, or for what is expected to change until the snapshots after
    /// it have taken its place.
    private StoreSizing storeSize(long unitBytes) {
      var life =
          terms.timetable().period(question.key().scheduledAt()).multipliedBy(settings.perOrigin());
      var sizing =
          settings
              .store()
              .map(store -> asConfigured(store, life, unitBytes))
              .orElseGet(() -> foreseen(life, unitBytes));
      return settings.storeMaximum().map(most -> atMost(sizing, most, unitBytes)).orElse(sizing);
    }

    private StoreSizing asConfigured(Amount store, Duration life, long unitBytes) {
      var sizing = StoreSizing.of(volume.sizeBytes(), null, life, SAFETY_PERCENT, store, unitBytes);
      return new StoreSizing(sizing.bytes(), store.words() + " as configured");
    }

    private StoreSizing foreseen(Duration life, long unitBytes) {
      var changed = question.changedBytesPerHour();
      return StoreSizing.of(
          volume.sizeBytes(),
          changed.isPresent() ? Long.valueOf(changed.getAsLong()) : null,
          life,
          SAFETY_PERCENT,
          USUAL_STORE,
          unitBytes);
    }

    private StoreSizing atMost(StoreSizing sizing, Amount maximum, long unitBytes) {
      var most = Math.max(unitBytes, maximum.of(volume.sizeBytes()) / unitBytes * unitBytes);
      return sizing.bytes() <= most
          ? sizing
          : new StoreSizing(most, sizing.reason() + "; at most " + maximum.words());
    }

    private SnapshotChoice make(Change.@Nullable StoreSize store, String reason) {
      var classes =
          Retention.classesAt(snapshots, terms.retention(), volume.uuid(), question.now());
      var tags = new TreeSet<>(SnapshotTags.of(question.key(), volume.uuid(), classes));
      // The system puts this one on by itself, and lets nobody else do so.
      tags.remove(SnapshotTags.MANAGED);
      return new Make(
          new Change.CreateSnapshot(
              volume.uuid(),
              question.key().snapshotName(volume.name()),
              store,
              settings.active(),
              settings.readOnly(),
              tags),
          reason);
    }
  }
}
