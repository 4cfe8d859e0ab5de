package io.lumeo.doctor;

import io.lumeo.lvm.Checkup;
import io.lumeo.lvm.Checkup.PhysicalVolume;
import io.lumeo.storage.Pool;
import java.util.List;

/// What can be wrong with LVM on a host: its daemon, its backups, its devices, and what its tools
/// complain of.
record LvmChecks(Host host, Checkup checkup, Findings findings) {
  /// The tools repeat themselves; more of them say nothing more.
  private static final int MOST_WARNINGS = 10;

  void run() {
    daemon();
    for (var pool : host.inventory().pools()) {
      if (pool.kind() == Pool.Kind.VOLUME_GROUP) {
        backup(pool);
        moves(pool);
      }
    }
    backups();
    checkup.devices().forEach(this::device);
    warnings();
  }

  // --- the daemon

  private void daemon() {
    var watching = checkup.watching();
    boolean wanted =
        watching.extendsSnapshots()
            || host.inventory().pools().stream().anyMatch(pool -> pool.selfExtension() != null);
    if (!wanted || (watching.monitoring() && watching.daemonRuns())) {
      return;
    }
    findings.warning(
        Trouble.MONITOR_NOT_RUNNING,
        host.inventory().system(),
        watching.daemonRuns()
            ? "LVM is to extend things by itself, and activation/monitoring is 0"
            : "LVM is to extend things by itself, and dmeventd does not run",
        watching.daemonRuns()
            ? "What is activated from now on is watched by nobody."
            : "Nothing is extended, whatever the thresholds say.",
        watching.daemonRuns()
            ? List.of("lvmconfig activation/monitoring", "vgchange --monitor y")
            : List.of("systemctl enable --now lvm2-monitor", "vgchange --monitor y"));
  }

  // --- backups of LVM's metadata

  private void backups() {
    if (checkup.groups().isEmpty()) {
      return;
    }
    var backups = checkup.backups();
    if (!backups.enabled()) {
      findings.warning(
          Trouble.BACKUPS_OFF,
          host.inventory().system(),
          "LVM keeps no backups of its metadata: backup/backup is 0",
          "When the labels of a group's devices are overwritten, nothing says where its volumes"
              + " were.",
          List.of("lvmconfig backup/backup", "vgcfgbackup"));
    }
    if (backups.archivedFiles() > Limits.ARCHIVED_FILES) {
      findings.note(
          Trouble.ARCHIVE_CROWDED,
          backups.archiveFolder(),
          "%d files lie in %s".formatted(backups.archivedFiles(), backups.archiveFolder()),
          "LVM adds two with each change and reads all their names; its retain_min and retain_days"
              + " keep at least so many, never at most.",
          List.of(
              "find %s -name '*.vg' -mtime +30 -delete"
                  .formatted(Words.word(backups.archiveFolder()))));
    }
  }

  private void backup(Pool group) {
    var backups = checkup.backups();
    boolean usable = checkup.group(group.uuid()).map(Checkup.Group::usable).orElse(false);
    if (!backups.enabled() || !usable) {
      return;
    }
    var sequence = backups.sequence(group.name());
    if (sequence.isPresent() && sequence.getAsLong() >= group.sequence()) {
      return;
    }
    findings.warning(
        Trouble.BACKUP_OUTDATED,
        group.name(),
        sequence.isEmpty()
            ? "there is no backup of the metadata of group %s in %s"
                .formatted(group.name(), backups.folder())
            : "the backup of the metadata of group %s is at sequence %d and the group at %d"
                .formatted(group.name(), sequence.getAsLong(), group.sequence()),
        "What was made since cannot be found again if the labels of its devices are overwritten.",
        List.of("vgcfgbackup " + Words.word(group.name())));
  }

  private void moves(Pool group) {
    for (var move : checkup.group(group.uuid()).map(Checkup.Group::moves).orElse(List.of())) {
      findings.warning(
          Trouble.MOVE_UNFINISHED,
          group.name(),
          "data are being moved in group %s (%s)".formatted(group.name(), move),
          "If no pvmove runs now, one was cut short, and the volumes that it moves are locked.",
          List.of("lvs -a -o+copy_percent " + Words.word(group.name()), "pvmove"));
    }
  }

  // --- devices

  private void device(PhysicalVolume device) {
    if (device.duplicate()) {
      findings.critical(
          Trouble.DEVICE_DUPLICATE,
          device.path(),
          "%s says that it is the same physical volume as another device".formatted(device.path()),
          "LVM uses one of the two and may choose the other next time: it is a copy, or a path that"
              + " multipath should own.",
          List.of(
              "pvs -a -o+pv_uuid,pv_duplicate",
              "vgimportclone --basevgname NEWNAME " + Words.word(device.path())));
    }
    long grown = device.deviceBytes() - device.sizeBytes();
    if (!device.missing()
        && grown > Limits.DEVICE_SLACK_BYTES
        && grown > device.sizeBytes() / 100) {
      findings.note(
          Trouble.DEVICE_GROWN,
          device.path(),
          "%s has %s and LVM uses %s of it"
              .formatted(
                  device.path(),
                  Words.bytes(device.deviceBytes()),
                  Words.bytes(device.sizeBytes())),
          "The device was made larger, and its group does not know.",
          List.of("pvresize " + Words.word(device.path())));
    }
    if (!device.missing()
        && !device.duplicate()
        && !device.allocatable()
        && !device.group().isEmpty()
        && device.freeBytes() > 0) {
      findings.note(
          Trouble.DEVICE_NOT_ALLOCATABLE,
          device.path(),
          "%s of group %s are free on %s, and nothing may be put there"
              .formatted(Words.bytes(device.freeBytes()), device.group(), device.path()),
          "The group has less to give than it says.",
          List.of("pvchange -x y " + Words.word(device.path())));
    }
  }

  private void warnings() {
    checkup.inventory().warnings().stream()
        .distinct()
        .limit(MOST_WARNINGS)
        .forEach(warning ->
            findings.note(
                Trouble.TOOL_WARNING,
                host.inventory().system(),
                Words.printable(warning),
                "One of the host's own tools says so.",
                List.of()));
  }
}
