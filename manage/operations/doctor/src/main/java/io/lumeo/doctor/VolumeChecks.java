package io.lumeo.doctor;

import io.lumeo.lvm.Checkup;
import io.lumeo.storage.FileSystem;
import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What can be wrong with volumes and with what lies on them.
record VolumeChecks(Host host, Findings findings) {
  private static final String TRASH_TAG = "lumeo.trash-until=";
  private static final String INSPECTION_TAG = "lumeo.verify";
  private static final String REPAIRED_TAG = "lumeo.repaired";

  void run() {
    for (var volume : host.inventory().volumes()) {
      if (volume.kind() != Volume.Kind.CLASSIC_SNAPSHOT) {
        health(volume);
      }
      tags(volume);
      var fileSystem = volume.fileSystem();
      if (fileSystem != null && !volume.isSnapshot()) {
        fileSystem(volume, fileSystem);
      }
      host.facts(volume).ifPresent(facts -> lvm(volume, facts));
    }
  }

  private void health(Volume volume) {
    var reason = volume.health().reason();
    var facts = host.facts(volume);
    boolean merging =
        facts.map(lvm -> lvm.merging() || lvm.mergeFailed()).orElse(false) && volume.isSnapshot();
    if (merging || facts.map(Checkup.LogicalVolume::suspended).orElse(false)) {
      // Told with what is done about it.
      return;
    }
    switch (volume.health().state()) {
      case OK, UNKNOWN -> {}
      case DEGRADED ->
          findings.warning(
              Trouble.VOLUME_DEGRADED,
              host.name(volume),
              reason,
              "The next failure takes what it holds.",
              Words.commandsIn(reason));
      case OUT_OF_SPACE, READ_ONLY ->
          findings.critical(
              Trouble.VOLUME_FAILED,
              host.name(volume),
              reason,
              "Writes to it fail.",
              Words.commandsIn(reason));
      case INVALID, FAILED ->
          findings.critical(
              Trouble.VOLUME_FAILED,
              host.name(volume),
              reason,
              "What it holds cannot be read in full.",
              Words.commandsIn(reason));
    }
  }

  // --- what Lumeo left

  private void tags(Volume volume) {
    var name = host.name(volume);
    trashedUntil(volume)
        .filter(until -> until.isBefore(host.now()))
        .ifPresent(until ->
            findings.note(
                Trouble.TRASH_EXPIRED,
                name,
                "%s has been in the trash past its time, which was %s".formatted(name, until),
                "It holds its space until it is purged.",
                List.of("lumeo lvm trash purge " + Words.word(name))));
    if (volume.tags().contains(INSPECTION_TAG)) {
      findings.note(
          Trouble.INSPECTION_LEFT,
          name,
          "%s is the clone of an inspection".formatted(name),
          "If none runs now, one was cut short: it holds blocks of its snapshot.",
          List.of("lumeo plan list", "lumeo plan finish PLAN"));
    }
    if (volume.tags().contains(REPAIRED_TAG) || volume.name().matches(".*_meta[0-9]+")) {
      findings.note(
          Trouble.REPAIR_COPY_KEPT,
          name,
          "%s is the metadata that a pool had before it was repaired".formatted(name),
          "It is the only way back. Keep it until everything on the pool has been checked.",
          List.of("lvremove " + Words.word(name)));
    }
  }

  private static Optional<Instant> trashedUntil(Volume volume) {
    return volume.tags().stream()
        .filter(tag -> tag.matches(TRASH_TAG + "[0-9]{1,11}"))
        .map(tag -> Instant.ofEpochSecond(Long.parseLong(tag.substring(TRASH_TAG.length()))))
        .findFirst();
  }

  // --- file systems

  private void fileSystem(Volume volume, FileSystem fileSystem) {
    var usage = fileSystem.usage();
    if (usage == null) {
      return;
    }
    if (usage.ratio() >= Limits.FILE_SYSTEM.warning()) {
      findings.add(
          PoolChecks.severity(usage.ratio(), Limits.FILE_SYSTEM),
          Trouble.FILE_SYSTEM_FULL,
          host.name(volume),
          "the file system at %s is %s full, %s free, and %s"
              .formatted(
                  fileSystem.mountPoint(),
                  Words.percent(usage.ratio()),
                  Words.bytes(usage.freeBytes()),
                  roomBelow(volume)),
          "Programs that write there fail.",
          new Remedy(host).extendVolume(volume));
    }
    if (usage.ratio() >= Limits.WANTS_TO_GROW) {
      blocked(volume, usage);
    }
  }

  private String roomBelow(Volume volume) {
    return host.groupOf(volume)
        .filter(group -> group.kind() == Pool.Kind.VOLUME_GROUP)
        .map(group ->
            "its group %s has %s to give"
                .formatted(group.name(), Words.bytes(group.data().freeBytes())))
        .orElse("its volume can be made larger");
  }

  private void blocked(Volume volume, Usage usage) {
    var snapshots = host.classicSnapshotsOf(volume);
    if (!volume.active() || snapshots.isEmpty()) {
      return;
    }
    findings.warning(
        Trouble.EXTENSION_BLOCKED,
        host.name(volume),
        "%s is %s full and cannot be extended while it is active and has classic snapshots"
            .formatted(host.name(volume), Words.percent(usage.ratio())),
        "When it must grow, the snapshots have to go first, or what uses it has to stop.",
        snapshots.stream().map(snapshot -> "lvremove " + Words.word(host.name(snapshot))).toList());
  }

  // --- what only LVM says

  private void lvm(Volume volume, Checkup.LogicalVolume facts) {
    var name = host.name(volume);
    if (facts.suspended()) {
      findings.critical(
          Trouble.VOLUME_SUSPENDED,
          name,
          volume.health().state() == Health.State.DEGRADED
              ? volume.health().reason()
              : "%s is suspended".formatted(name),
          "Every write to it waits, and LVM's commands behind it.",
          List.of("dmsetup info -c", "dmsetup resume " + Words.device(name)));
    }
    if (facts.skipsActivation() && !volume.isSnapshot()) {
      findings.warning(
          Trouble.ACTIVATION_SKIPPED,
          name,
          "%s is marked to be skipped when volumes are activated".formatted(name),
          "It is not there after the next start, and `lvchange -ay` says success and does nothing.",
          List.of("lvchange -kn -ay " + Words.word(name)));
    }
    if (facts.ambivalent()) {
      findings.warning(
          Trouble.SIGNATURES_AMBIGUOUS,
          name,
          "%s bears the signatures of several file systems".formatted(name),
          "What is mounted or grown there is a guess; neither mount nor Lumeo takes it.",
          List.of("wipefs --no-act " + Words.word("/dev/" + name)));
    }
    readOnlyMount(volume, facts);
    behind(volume, facts);
  }

  private void readOnlyMount(Volume volume, Checkup.LogicalVolume facts) {
    var fileSystem = volume.fileSystem();
    if (fileSystem == null
        || !facts.mountedReadOnly()
        || volume.readOnly()
        || volume.isSnapshot()) {
      return;
    }
    findings.note(
        Trouble.MOUNTED_READ_ONLY,
        host.name(volume),
        "%s could be written and is mounted read-only at %s"
            .formatted(host.name(volume), fileSystem.mountPoint()),
        "If nobody wanted that, the file system met an error and turned itself off: see the"
            + " kernel's log, unmount and check it.",
        List.of("dmesg", "findmnt " + Words.word(String.valueOf(fileSystem.mountPoint()))));
  }

  /// An extension that ended before its file system had grown.
  private void behind(Volume volume, Checkup.LogicalVolume facts) {
    var fileSystem = volume.fileSystem();
    var spanned = facts.fileSystemBytes();
    long unit = host.groupOf(volume).map(Pool::unitBytes).orElse(0L);
    if (fileSystem == null
        || spanned == null
        || volume.isSnapshot()
        || volume.sizeBytes() - spanned < Math.max(1, unit)) {
      return;
    }
    findings.warning(
        Trouble.FILE_SYSTEM_BEHIND,
        host.name(volume),
        "%s has %s and its %s file system only %s"
            .formatted(
                host.name(volume),
                Words.bytes(volume.sizeBytes()),
                fileSystem.type(),
                Words.bytes(spanned)),
        "The volume was extended and what lies on it was not: the difference is of no use.",
        grow(volume, fileSystem));
  }

  private static List<String> grow(Volume volume, FileSystem fileSystem) {
    var device = Words.word(String.valueOf(volume.path()));
    var mountPoint = fileSystem.mountPoint();
    return switch (fileSystem.type()) {
      case "xfs" ->
          mountPoint == null
              ? List.of("mount %s MOUNTPOINT".formatted(device), "xfs_growfs MOUNTPOINT")
              : List.of("xfs_growfs " + Words.word(mountPoint));
      case "ext2", "ext3", "ext4" ->
          mountPoint == null
              ? List.of("e2fsck -f " + device, "resize2fs " + device)
              : List.of("resize2fs " + device);
      default -> List.of();
    };
  }
}
