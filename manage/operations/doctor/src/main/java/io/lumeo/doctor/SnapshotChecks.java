package io.lumeo.doctor;

import io.lumeo.lvm.Checkup;
import io.lumeo.policies.SnapshotAdmission;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What can be wrong with snapshots.
record SnapshotChecks(Host host, Findings findings) {
  private static final String HOLD_TAG = "lumeo.hold=";

  void run() {
    for (var volume : host.inventory().volumes()) {
      if (volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT) {
        classic(volume);
      }
      if (volume.isSnapshot()) {
        age(volume);
        merging(volume);
      } else {
        tooMany(volume);
      }
    }
  }

  // --- classic snapshots

  private void classic(Volume snapshot) {
    var name = host.name(snapshot);
    if (Host.isLost(snapshot)) {
      findings.critical(
          Trouble.SNAPSHOT_INVALID,
          name,
          snapshot.health().reason(),
          "There is no way back to that moment. The origin is not harmed, but each write to it still"
              + " looks at the dead snapshot.",
          List.of("lvremove " + Words.word(name)));
      return;
    }
    var store = snapshot.data();
    if (store != null) {
      store(snapshot, store);
    }
    host.originOf(snapshot)
        .filter(origin -> origin.kind() == Volume.Kind.THIN)
        .ifPresent(origin -> ofThin(snapshot, origin));
  }

  private void store(Volume snapshot, Usage store) {
    var name = host.name(snapshot);
    var largest = host.facts(snapshot).map(Checkup.LogicalVolume::largestStoreBytes).orElse(0L);
    if (largest > 0 && store.sizeBytes() >= largest) {
      // Every block of the origin fits into it.
      return;
    }
    if (store.ratio() >= Limits.SNAPSHOT_STORE.warning()) {
      findings.add(
          PoolChecks.severity(store.ratio(), Limits.SNAPSHOT_STORE),
          Trouble.SNAPSHOT_FULL,
          name,
          "snapshot %s has used %s of its store of %s"
              .formatted(name, Words.percent(store.ratio()), Words.bytes(store.sizeBytes())),
          "When it is full, the snapshot becomes invalid and its content is lost.",
          new Remedy(host).extendStore(snapshot, store.sizeBytes()));
    } else {
      host.lvm().ifPresent(checkup -> notExtended(snapshot, store, largest, checkup));
    }
  }

  private void notExtended(Volume snapshot, Usage store, long largest, Checkup checkup) {
    boolean monitored = host.facts(snapshot).map(Checkup.LogicalVolume::monitored).orElse(false);
    var watching = checkup.watching();
    if (watching.extendsSnapshots() && watching.daemonRuns() && monitored) {
      return;
    }
    var name = host.name(snapshot);
    var commands = new ArrayList<String>();
    if (watching.extendsSnapshots()) {
      commands.add("lvchange --monitor y " + Words.word(name));
    }
    if (largest > store.sizeBytes()) {
      commands.add("lvextend -L %s %s".formatted(Words.option(largest), Words.word(name)));
    }
    findings.note(
        Trouble.SNAPSHOT_NOT_EXTENDED,
        name,
        "nothing extends the store of snapshot %s: %s".formatted(name, whyNot(watching, monitored)),
        "It is lost once more than %s of its origin have changed.%s"
            .formatted(
                Words.bytes(store.sizeBytes()),
                largest > 0
                    ? " With a store of %s it cannot overflow.".formatted(Words.bytes(largest))
                    : ""),
        commands);
  }

  private static String whyNot(Checkup.Watching watching, boolean monitored) {
    if (!watching.extendsSnapshots()) {
      return "activation/snapshot_autoextend_threshold is 100";
    }
    return watching.daemonRuns() && !monitored
        ? "dmeventd was not told to watch it"
        : "dmeventd does not run";
  }

  private void ofThin(Volume snapshot, Volume origin) {
    var name = host.name(snapshot);
    findings.warning(
        Trouble.CLASSIC_SNAPSHOT_OF_THIN,
        name,
        "%s is a classic snapshot of the thin volume %s".formatted(name, host.name(origin)),
        "It copies what is overwritten and can overflow, where a thin one would do neither; a size"
            + " given to `lvcreate -s` made it so.",
        List.of(
            "lvcreate -s -n NAME " + Words.word(host.name(origin)),
            "lvremove " + Words.word(name)));
  }

  private void tooMany(Volume origin) {
    var snapshots = host.classicSnapshotsOf(origin);
    if (snapshots.size() > SnapshotAdmission.CLASSIC_PER_ORIGIN) {
      findings.warning(
          Trouble.TOO_MANY_CLASSIC_SNAPSHOTS,
          host.name(origin),
          "%s has %d classic snapshots".formatted(host.name(origin), snapshots.size()),
          "Each write to a new place is copied for each of them: one write becomes %d."
              .formatted(snapshots.size() + 1),
          snapshots.stream()
              .sorted(Comparator.comparing(Volume::name))
              .skip(SnapshotAdmission.CLASSIC_PER_ORIGIN)
              .map(snapshot -> "lvremove " + Words.word(host.name(snapshot)))
              .toList());
    }
  }

  // --- all snapshots

  private void age(Volume snapshot) {
    var created = snapshot.createdAt();
    if (created == null || isHeld(snapshot)) {
      return;
    }
    var age = Duration.between(created, host.now());
    var name = host.name(snapshot);
    if (age.compareTo(Limits.CLOCK_DIFFERENCE.negated()) < 0) {
      findings.warning(
          Trouble.SNAPSHOT_FROM_THE_FUTURE,
          name,
          "snapshot %s was made at %s, which is to come".formatted(name, created),
          "The clock was wrong then or is now; retention leaves such a snapshot alone.",
          List.of("timedatectl"));
      return;
    }
    boolean classic = snapshot.kind() == Volume.Kind.CLASSIC_SNAPSHOT;
    var limit = classic ? Limits.CLASSIC_SNAPSHOT_AGE : Limits.THIN_SNAPSHOT_AGE;
    if (age.compareTo(limit) > 0 && !Host.isLost(snapshot)) {
      findings.add(
          classic ? Severity.WARNING : Severity.NOTE,
          Trouble.SNAPSHOT_OLD,
          name,
          "snapshot %s is %s old".formatted(name, Words.age(age)),
          classic
              ? "Each write to its origin pays for it, and its store only fills."
              : "It keeps every block that its origin has changed since.",
          List.of("lvremove " + Words.word(name)));
    }
  }

  private static boolean isHeld(Volume snapshot) {
    return snapshot.tags().stream().anyMatch(tag -> tag.startsWith(HOLD_TAG));
  }

  private void merging(Volume snapshot) {
    var facts = host.facts(snapshot);
    if (facts.isEmpty()) {
      return;
    }
    var name = host.name(snapshot);
    if (facts.get().mergeFailed()) {
      findings.critical(
          Trouble.MERGE_FAILED,
          name,
          snapshot.health().reason(),
          "The origin may be half of one moment and half of another: restore it from elsewhere.",
          List.of("dmesg", "lvs -a -o+lv_merge_failed,origin " + Words.word(groupName(snapshot))));
    } else if (facts.get().merging()) {
      mergeWaits(snapshot, name);
    }
  }

  private void mergeWaits(Volume snapshot, String name) {
    var origin = host.originOf(snapshot);
    var commands = new ArrayList<String>();
    origin.ifPresent(volume -> {
      var fileSystem = volume.fileSystem();
      var mountPoint = fileSystem == null ? null : fileSystem.mountPoint();
      if (mountPoint != null) {
        commands.add("umount " + Words.word(mountPoint));
      }
      commands.add("lvchange --refresh " + Words.word(host.name(volume)));
    });
    findings.warning(
        Trouble.MERGE_WAITING,
        name,
        "snapshot %s is to be merged into %s, and is not yet"
            .formatted(name, origin.map(host::name).orElse("its origin")),
        "Until it is, the origin goes on with what it has, and what is written to it now is thrown"
            + " away when the merge takes effect: at the next activation that finds it closed.",
        commands);
  }

  private String groupName(Volume volume) {
    return host.groupOf(volume).map(pool -> pool.name()).orElse("");
  }
}
