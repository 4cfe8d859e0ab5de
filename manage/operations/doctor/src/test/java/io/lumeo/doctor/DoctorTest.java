package io.lumeo.doctor;

import static io.lumeo.doctor.SampleHost.GIB;
import static io.lumeo.doctor.SampleHost.MIB;
import static io.lumeo.doctor.SampleHost.NOW;
import static io.lumeo.doctor.SampleHost.fileSystem;
import static io.lumeo.doctor.SampleHost.made;
import static io.lumeo.doctor.SampleHost.with;
import static io.lumeo.doctor.Severity.CRITICAL;
import static io.lumeo.doctor.Severity.NOTE;
import static io.lumeo.doctor.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lumeo.lvm.Checkup;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One line for each thing that bites: what is wrong with a host, and what is said of it.
class DoctorTest {

  /// What is wrong with a host.
  @FunctionalInterface
  interface Ill {
    void make(SampleHost host);
  }

  /// @param problem a part of what must be said
  /// @param commands exactly what must be proposed
  record Row(
      Trouble trouble,
      Severity severity,
      String subject,
      Ill ill,
      String problem,
      List<String> commands) {
    @Override
    public String toString() {
      return trouble.code() + ": " + problem;
    }
  }

  private static Row row(
      Trouble trouble,
      Severity severity,
      String subject,
      Ill ill,
      String problem,
      String... commands) {
    return new Row(trouble, severity, subject, ill, problem, List.of(commands));
  }

  @Test
  void aHostOnWhichNothingIsWrongIsWell() {
    assertThat(Doctor.examine(new SampleHost().checkup()).findings()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void whatBitesIsSaidWithWhatMendsIt(Row row) {
    var host = new SampleHost();
    row.ill().make(host);
    var found =
        Doctor.examine(host.checkup()).findings().stream()
            .filter(finding -> finding.trouble() == row.trouble())
            .toList();
    assertThat(found).hasSize(1);
    var finding = found.getFirst();
    assertThat(finding.severity()).isEqualTo(row.severity());
    assertThat(finding.subject()).isEqualTo(row.subject());
    assertThat(finding.problem()).contains(row.problem());
    assertThat(finding.consequence()).isNotBlank();
    assertThat(finding.commands()).isEqualTo(row.commands());
  }

  @Test
  void everyTroubleHasALine() {
    assertThat(rows().map(Row::trouble)).containsAll(Set.of(Trouble.values()));
  }

  static Stream<Row> rows() {
    return Stream.of(pools(), snapshots(), volumes(), groups(), devices()).flatMap(rows -> rows);
  }

  private static Stream<Row> pools() {
    return Stream.of(
        row(
            Trouble.POOL_FAILED,
            CRITICAL,
            "vg/pool",
            host ->
                host.poolHealth(Health.State.FAILED, "given up; run `lvconvert --repair vg/pool`"),
            "given up",
            "lvconvert --repair vg/pool"),
        row(
            Trouble.POOL_READ_ONLY,
            CRITICAL,
            "vg/pool",
            host -> host.poolHealth(Health.State.READ_ONLY, "takes no writes"),
            "takes no writes",
            "lvextend --poolmetadatasize +128M vg/pool"),
        row(
            Trouble.POOL_READ_ONLY,
            CRITICAL,
            "vg/pool",
            host -> host.needsCheck().poolHealth(Health.State.READ_ONLY, "needs a check"),
            "needs a check",
            "umount /srv/data",
            "lvchange -an vg/data vg/pool",
            "lvchange -ay --config 'global/thin_check_options=[\"-q\",\"--clear-needs-check-flag\"]'"
                + " vg/pool vg/data"),
        row(
            Trouble.POOL_OUT_OF_SPACE,
            CRITICAL,
            "vg/pool",
            host -> host.poolHealth(Health.State.OUT_OF_SPACE, "out of data space"),
            "out of data space",
            "lvextend -L +8G vg/pool"),
        row(
            Trouble.POOL_NEEDS_CHECK,
            CRITICAL,
            "vg/pool",
            host ->
                host.needsCheck().poolHealth(Health.State.DEGRADED, "the metadata need a check"),
            "need a check",
            "umount /srv/data",
            "lvchange -an vg/data vg/pool",
            "lvchange -ay --config 'global/thin_check_options=[\"-q\",\"--clear-needs-check-flag\"]'"
                + " vg/pool vg/data"),
        row(
            Trouble.VOLUME_DEGRADED,
            WARNING,
            "vg/pool",
            host ->
                host.poolHealth(
                    Health.State.DEGRADED, "a device is missing; run `lvconvert --repair vg/pool`"),
            "a device is missing",
            "lvconvert --repair vg/pool"),
        row(
            Trouble.POOL_INACTIVE,
            NOTE,
            "vg/pool",
            host -> host.poolHealth(Health.State.UNKNOWN, "inactive; `lvchange -ay vg/pool` shows"),
            "inactive",
            "lvchange -ay vg/pool"),
        row(
            Trouble.TRANSACTION_ID_MISMATCH,
            CRITICAL,
            "vg/pool",
            host -> host.transactions(3, 5),
            "at transaction 5 and LVM's metadata at 3",
            "dmsetup status vg-pool-tpool",
            "lvs -o+transaction_id vg/pool"),
        row(
            Trouble.POOL_DATA_FULL,
            WARNING,
            "vg/pool",
            host -> host.poolData(0.80),
            "80 % full, 8 GiB free",
            "lvextend -L +8G vg/pool"),
        row(
            Trouble.POOL_DATA_FULL,
            CRITICAL,
            "vg/pool",
            host -> host.poolData(0.95).groupFree(2 * GIB),
            "95 % full",
            "lvextend -L +2G vg/pool"),
        row(
            Trouble.POOL_DATA_FULL,
            CRITICAL,
            "vg/pool",
            host ->
                host.poolData(0.95)
                    .groupFree(0)
                    .device("/dev/sdb", "", GIB, GIB, GIB, true, false, false),
            "95 % full",
            "vgextend vg /dev/sdb",
            "lvextend -L +8G vg/pool"),
        row(
            Trouble.POOL_METADATA_FULL,
            WARNING,
            "vg/pool",
            host -> host.poolMetadata(0.70),
            "metadata of pool vg/pool is 70 % full",
            "lvextend --poolmetadatasize +128M vg/pool"),
        row(
            Trouble.POOL_METADATA_FULL,
            CRITICAL,
            "vg/pool",
            host -> host.poolMetadata(0.90).groupFree(0),
            "metadata of pool vg/pool is 90 % full",
            "vgextend vg DEVICE",
            "lvextend --poolmetadatasize +128M vg/pool"),
        row(
            Trouble.POOL_METADATA_FILLS_FIRST,
            WARNING,
            "vg/pool",
            host -> host.poolMetadata(0.50),
            "fuller (50 %) than its data (25 %)",
            "lvextend --poolmetadatasize +128M vg/pool"),
        row(
            Trouble.SNAPSHOTS_REFUSED,
            WARNING,
            "vg/pool",
            host -> host.poolData(0.75),
            "over 70 %",
            "lvextend -L +8G vg/pool"),
        row(
            Trouble.SNAPSHOTS_REFUSED,
            WARNING,
            "vg/pool",
            host -> host.poolMetadata(0.75),
            "metadata is 75 % full",
            "lvextend --poolmetadatasize +128M vg/pool"),
        row(
            Trouble.POOL_NOT_EXTENDED,
            WARNING,
            "vg/pool",
            host -> host.poolData(0.75),
            "75 % full and LVM should have extended it at 70 %",
            "lvextend --use-policies vg/pool",
            "journalctl -u dm-event"),
        row(
            Trouble.POOL_NOT_WATCHED,
            WARNING,
            "vg/pool",
            host -> host.poolExtendsItself(new Pool.SelfExtension(70, 20, false, null)),
            "dmeventd was not told to watch it",
            "lvchange --monitor y vg/pool"),
        row(
            Trouble.POOL_NOT_WATCHED,
            WARNING,
            "vg/pool",
            host ->
                host.poolExtendsItself(new Pool.SelfExtension(70, 20, false, null))
                    .watching(true, false, 100),
            "dmeventd does not run",
            "systemctl start lvm2-monitor",
            "lvchange --monitor y vg/pool"),
        row(
            Trouble.MONITOR_NOT_RUNNING,
            WARNING,
            "here",
            host -> host.watching(true, false, 100),
            "dmeventd does not run",
            "systemctl enable --now lvm2-monitor",
            "vgchange --monitor y"),
        row(
            Trouble.MONITOR_NOT_RUNNING,
            WARNING,
            "here",
            host -> host.watching(false, true, 70),
            "activation/monitoring is 0",
            "lvmconfig activation/monitoring",
            "vgchange --monitor y"),
        row(
            Trouble.GROUP_CANNOT_EXTEND,
            WARNING,
            "vg",
            host -> host.groupFree(2 * GIB),
            "2 GiB free, and the next extension of pool vg/pool needs 8 GiB",
            "vgextend vg DEVICE"),
        row(
            Trouble.POOL_OVER_PROVISIONED,
            WARNING,
            "vg/pool",
            host ->
                host.poolExtendsItself(null)
                    .volume(SampleHost.volume("more", Volume.Kind.THIN, "P", 30 * GIB)),
            "has 40 GiB and has promised 60 GiB",
            "lumeo lvm pool autoextend vg/pool --threshold 70"),
        row(
            Trouble.POOL_OVER_PROVISIONED,
            NOTE,
            "vg/pool",
            host -> host.volume(SampleHost.volume("more", Volume.Kind.THIN, "P", 90 * GIB)),
            "has promised 120 GiB to its volumes, and with all of its group it has 80 GiB",
            "vgextend vg DEVICE"),
        row(
            Trouble.NO_METADATA_SPARE,
            WARNING,
            "vg/pool",
            host -> host.groupFacts(0),
            "has no spare",
            "lvconvert --poolmetadataspare y vg/pool"),
        row(
            Trouble.NO_METADATA_SPARE,
            WARNING,
            "vg/pool",
            host -> host.groupFacts(64 * MIB),
            "the spare of group vg has 64 MiB and the metadata of pool vg/pool 128 MiB",
            "lvconvert --poolmetadataspare y vg/pool"),
        row(
            Trouble.DISCARDS_IGNORED,
            NOTE,
            "vg/pool",
            host -> host.discards("ignore", false),
            "ignores discards",
            "umount /srv/data",
            "lvchange -an vg/data vg/pool",
            "lvchange --discards passdown vg/pool",
            "lvchange -ay vg/pool vg/data"),
        row(
            Trouble.METADATA_SNAPSHOT_HELD,
            NOTE,
            "vg/pool",
            host -> host.discards("passdown", true),
            "has reserved a metadata snapshot",
            "dmsetup message vg-pool-tpool 0 release_metadata_snap"));
  }

  private static Stream<Row> snapshots() {
    return Stream.of(
        row(
            Trouble.SNAPSHOT_INVALID,
            CRITICAL,
            "vg/old",
            host ->
                host.classic("old", 1)
                    .change("old", v -> with(v, new Health(Health.State.INVALID, "overflowed"))),
            "overflowed",
            "lvremove vg/old"),
        row(
            Trouble.SNAPSHOT_FULL,
            WARNING,
            "vg/old",
            host -> host.classic("old", 0.70),
            "used 70 % of its store of 1 GiB",
            "lvextend -L +208M vg/old"),
        row(
            Trouble.SNAPSHOT_FULL,
            CRITICAL,
            "vg/old",
            host -> host.classic("old", 0.95).groupFree(0),
            "used 95 %",
            "lvremove vg/old"),
        row(
            Trouble.SNAPSHOT_NOT_EXTENDED,
            NOTE,
            "vg/old",
            host -> host.classic("old", 0.20).watching(true, true, 100),
            "snapshot_autoextend_threshold is 100",
            "lvextend -L 10272M vg/old"),
        row(
            Trouble.SNAPSHOT_NOT_EXTENDED,
            NOTE,
            "vg/old",
            host ->
                host.classic("old", 0.20)
                    .facts(
                        "old",
                        new Checkup.LogicalVolume(
                            false, false, false, false, false, 0, null, false, false, null)),
            "dmeventd was not told to watch it",
            "lvchange --monitor y vg/old"),
        row(
            Trouble.CLASSIC_SNAPSHOT_OF_THIN,
            WARNING,
            "vg/thick",
            host -> host.volume(SampleHost.classicOf("data", "thick", 0.1, 1)),
            "a classic snapshot of the thin volume vg/data",
            "lvcreate -s -n NAME vg/data",
            "lvremove vg/thick"),
        row(
            Trouble.TOO_MANY_CLASSIC_SNAPSHOTS,
            WARNING,
            "vg/root",
            host -> host.classic("a", 0.1).classic("b", 0.1).classic("c", 0.1),
            "has 3 classic snapshots",
            "lvremove vg/c"),
        row(
            Trouble.SNAPSHOT_OLD,
            WARNING,
            "vg/old",
            host -> host.volume(SampleHost.classicOf("root", "old", 0.1, 20)),
            "20 days old",
            "lvremove vg/old"),
        row(
            Trouble.SNAPSHOT_OLD,
            NOTE,
            "vg/night",
            host -> host.change("night", v -> made(v, NOW.minus(Duration.ofDays(401)))),
            "401 days old",
            "lvremove vg/night"),
        row(
            Trouble.SNAPSHOT_FROM_THE_FUTURE,
            WARNING,
            "vg/night",
            host -> host.change("night", v -> made(v, NOW.plus(Duration.ofDays(1)))),
            "which is to come",
            "timedatectl"),
        row(
            Trouble.MERGE_WAITING,
            WARNING,
            "vg/night",
            host ->
                host.facts(
                    "night",
                    new Checkup.LogicalVolume(
                        true, true, false, false, false, 0, null, false, false, null)),
            "is to be merged into vg/data, and is not yet",
            "umount /srv/data",
            "lvchange --refresh vg/data"),
        row(
            Trouble.MERGE_FAILED,
            CRITICAL,
            "vg/night",
            host ->
                host.facts(
                        "night",
                        new Checkup.LogicalVolume(
                            true, true, true, false, false, 0, null, false, false, null))
                    .change("night", v -> with(v, new Health(Health.State.FAILED, "merge failed"))),
            "merge failed",
            "dmesg",
            "lvs -a -o+lv_merge_failed,origin vg"));
  }

  private static Stream<Row> volumes() {
    return Stream.of(
        row(
            Trouble.VOLUME_FAILED,
            CRITICAL,
            "vg/root",
            host ->
                host.change("root", v -> with(v, new Health(Health.State.FAILED, "device gone"))),
            "device gone"),
        row(
            Trouble.VOLUME_FAILED,
            CRITICAL,
            "vg/root",
            host ->
                host.change("root", v -> with(v, new Health(Health.State.READ_ONLY, "no writes"))),
            "no writes"),
        row(
            Trouble.VOLUME_DEGRADED,
            WARNING,
            "vg/root",
            host ->
                host.change(
                    "root",
                    v ->
                        with(
                            v,
                            new Health(
                                Health.State.DEGRADED,
                                "a copy lags; `lvchange --refresh vg/root`"))),
            "a copy lags",
            "lvchange --refresh vg/root"),
        row(
            Trouble.VOLUME_SUSPENDED,
            CRITICAL,
            "vg/my-root",
            host ->
                host.volume(SampleHost.volume("my-root", Volume.Kind.THICK, "G", GIB))
                    .facts(
                        "my-root",
                        new Checkup.LogicalVolume(
                            true, false, false, false, true, 0, null, false, false, null)),
            "is suspended",
            "dmsetup info -c",
            "dmsetup resume vg-my--root"),
        row(
            Trouble.ACTIVATION_SKIPPED,
            WARNING,
            "vg/data",
            host ->
                host.facts(
                    "data",
                    new Checkup.LogicalVolume(
                        true, false, false, true, false, 0, null, false, false, null)),
            "marked to be skipped",
            "lvchange -kn -ay vg/data"),
        row(
            Trouble.SIGNATURES_AMBIGUOUS,
            WARNING,
            "vg/data",
            host ->
                host.facts(
                    "data",
                    new Checkup.LogicalVolume(
                        true, false, false, false, false, 0, null, false, true, null)),
            "signatures of several",
            "wipefs --no-act /dev/vg/data"),
        row(
            Trouble.MOUNTED_READ_ONLY,
            NOTE,
            "vg/data",
            host ->
                host.facts(
                    "data",
                    new Checkup.LogicalVolume(
                        true, false, false, false, false, 0, null, true, false, null)),
            "mounted read-only at /srv/data",
            "dmesg",
            "findmnt /srv/data"),
        row(
            Trouble.FILE_SYSTEM_BEHIND,
            WARNING,
            "vg/data",
            host -> host.facts("data", reaching(20 * GIB)),
            "has 30 GiB and its ext4 file system only 20 GiB",
            "resize2fs /dev/vg/data"),
        row(
            Trouble.FILE_SYSTEM_BEHIND,
            WARNING,
            "vg/data",
            host ->
                host.facts("data", reaching(20 * GIB))
                    .change("data", v -> with(v, fileSystem("ext4", null, 0))),
            "only 20 GiB",
            "e2fsck -f /dev/vg/data",
            "resize2fs /dev/vg/data"),
        row(
            Trouble.FILE_SYSTEM_BEHIND,
            WARNING,
            "vg/data",
            host ->
                host.facts("data", reaching(20 * GIB))
                    .change("data", v -> with(v, fileSystem("xfs", "/srv/my data", 0.1))),
            "its xfs file system",
            "xfs_growfs '/srv/my data'"),
        row(
            Trouble.FILE_SYSTEM_BEHIND,
            WARNING,
            "vg/data",
            host ->
                host.facts("data", reaching(20 * GIB))
                    .change("data", v -> with(v, fileSystem("xfs", null, 0))),
            "its xfs file system",
            "mount /dev/vg/data MOUNTPOINT",
            "xfs_growfs MOUNTPOINT"),
        row(
            Trouble.FILE_SYSTEM_FULL,
            WARNING,
            "vg/root",
            host -> host.change("root", v -> with(v, fileSystem("ext4", "/", 0.91))),
            "the file system at / is 91 % full, 829.4 MiB free, and its group vg has 40 GiB to give",
            "lvextend -r -L +2G vg/root"),
        row(
            Trouble.FILE_SYSTEM_FULL,
            CRITICAL,
            "vg/data",
            host -> host.change("data", v -> with(v, fileSystem("xfs", "/srv/data", 0.99))),
            "99 % full",
            "lvextend -r -L +6G vg/data"),
        row(
            Trouble.EXTENSION_BLOCKED,
            WARNING,
            "vg/root",
            host ->
                host.classic("old", 0.1)
                    .change("root", v -> with(v, fileSystem("ext4", "/", 0.75))),
            "75 % full and cannot be extended while it is active and has classic snapshots",
            "lvremove vg/old"),
        row(
            Trouble.TRASH_EXPIRED,
            NOTE,
            "vg/night",
            host ->
                host.change(
                    "night",
                    v -> with(v, "lumeo.trash-until=" + NOW.minusSeconds(60).getEpochSecond())),
            "past its time, which was 2026-11-27T01:59:00Z",
            "lumeo lvm trash purge vg/night"),
        row(
            Trouble.INSPECTION_LEFT,
            NOTE,
            "vg/night",
            host -> host.change("night", v -> with(v, "lumeo.verify")),
            "the clone of an inspection",
            "lumeo plan list",
            "lumeo plan finish PLAN"),
        row(
            Trouble.REPAIR_COPY_KEPT,
            NOTE,
            "vg/pool_meta0",
            host -> host.volume(SampleHost.volume("pool_meta0", Volume.Kind.THICK, "G", MIB)),
            "before it was repaired",
            "lvremove vg/pool_meta0"));
  }

  private static Checkup.LogicalVolume reaching(long bytes) {
    return new Checkup.LogicalVolume(
        true, false, false, false, false, 0, bytes, false, false, null);
  }

  private static Stream<Row> groups() {
    return Stream.of(
        row(
            Trouble.DEVICE_MISSING,
            CRITICAL,
            "vg",
            host ->
                host.group(g ->
                    new Pool(
                        g.uuid(),
                        g.name(),
                        g.kind(),
                        null,
                        g.data(),
                        g.metadata(),
                        g.unitBytes(),
                        g.sequence(),
                        null,
                        g.tags(),
                        new Health(Health.State.DEGRADED, "1 of the devices is missing"),
                        g.capabilities())),
            "1 of the devices is missing",
            "pvs -o+pv_uuid,pv_missing",
            "vgextend --restoremissing vg DEVICE"),
        row(
            Trouble.GROUP_NOT_USABLE,
            NOTE,
            "vg",
            host ->
                host.group(g ->
                    new Pool(
                        g.uuid(),
                        g.name(),
                        g.kind(),
                        null,
                        g.data(),
                        g.metadata(),
                        g.unitBytes(),
                        g.sequence(),
                        null,
                        g.tags(),
                        new Health(Health.State.UNKNOWN, "exported; run `vgimport vg`"),
                        g.capabilities())),
            "exported",
            "vgimport vg"),
        row(
            Trouble.GROUP_FULL,
            WARNING,
            "vg",
            host -> host.groupFree(0),
            "no extent free",
            "vgextend vg DEVICE"),
        row(
            Trouble.GROUP_METADATA_FULL,
            WARNING,
            "vg",
            host ->
                host.group(g ->
                    new Pool(
                        g.uuid(),
                        g.name(),
                        g.kind(),
                        null,
                        g.data(),
                        new Usage(100, 90),
                        g.unitBytes(),
                        g.sequence(),
                        null,
                        new TreeSet<>(),
                        g.health(),
                        g.capabilities())),
            "90 %",
            "vgs -o+vg_mda_free,vg_mda_size vg",
            "pvcreate --metadatasize 16M DEVICE",
            "vgextend vg DEVICE"),
        row(
            Trouble.BACKUPS_OFF,
            WARNING,
            "here",
            host -> host.backups(false, 0, 0),
            "backup/backup is 0",
            "lvmconfig backup/backup",
            "vgcfgbackup"),
        row(
            Trouble.BACKUP_OUTDATED,
            WARNING,
            "vg",
            host -> host.backups(true, 5, 0),
            "at sequence 5 and the group at 7",
            "vgcfgbackup vg"),
        row(
            Trouble.BACKUP_OUTDATED,
            WARNING,
            "vg",
            host -> host.backups(true, 0, 0),
            "there is no backup of the metadata of group vg in /etc/lvm/backup",
            "vgcfgbackup vg"),
        row(
            Trouble.ARCHIVE_CROWDED,
            NOTE,
            "/etc/lvm/archive",
            host -> host.backups(true, 7, 5001),
            "5001 files",
            "find /etc/lvm/archive -name '*.vg' -mtime +30 -delete"),
        row(
            Trouble.MOVE_UNFINISHED,
            WARNING,
            "vg",
            host -> host.groupFacts(128 * MIB, "pvmove0"),
            "data are being moved in group vg (pvmove0)",
            "lvs -a -o+copy_percent vg",
            "pvmove"));
  }

  private static Stream<Row> devices() {
    return Stream.of(
        row(
            Trouble.DEVICE_DUPLICATE,
            CRITICAL,
            "/dev/sdc",
            host -> host.device("/dev/sdc", "vg", GIB, 0, GIB, false, true, false),
            "the same physical volume as another",
            "pvs -a -o+pv_uuid,pv_duplicate",
            "vgimportclone --basevgname NEWNAME /dev/sdc"),
        row(
            Trouble.DEVICE_GROWN,
            NOTE,
            "/dev/sdc",
            host -> host.device("/dev/sdc", "vg", GIB, 0, 2 * GIB, true, false, false),
            "has 2 GiB and LVM uses 1 GiB",
            "pvresize /dev/sdc"),
        row(
            Trouble.DEVICE_NOT_ALLOCATABLE,
            NOTE,
            "/dev/sdc",
            host -> host.device("/dev/sdc", "vg", GIB, GIB, GIB, false, false, false),
            "1 GiB of group vg are free on /dev/sdc",
            "pvchange -x y /dev/sdc"),
        row(
            Trouble.TOOL_WARNING,
            NOTE,
            "here",
            host -> host.warning("WARNING: something\u001b[31m odd"),
            "WARNING: something?[31m odd"));
  }

  @Test
  void theWorstComesFirst() {
    var host =
        new SampleHost()
            .warning("odd")
            .classic("old", 0.95)
            .poolData(0.99)
            .poolMetadata(0.99)
            .discards("ignore", false);
    assertThat(Doctor.examine(host.checkup()).findings())
        .extracting(Finding::trouble)
        .startsWith(Trouble.POOL_METADATA_FULL, Trouble.POOL_DATA_FULL, Trouble.SNAPSHOT_FULL)
        .endsWith(Trouble.DISCARDS_IGNORED, Trouble.TOOL_WARNING);
  }

  @Test
  void ofAGroupThatIsNotOursNothingElseIsSaid() {
    var exported = new Health(Health.State.UNKNOWN, "exported");
    var host =
        new SampleHost()
            .poolHealth(Health.State.UNKNOWN, "inactive")
            .groupFacts(0)
            .group(g ->
                new Pool(
                    g.uuid(),
                    g.name(),
                    g.kind(),
                    null,
                    g.data(),
                    g.metadata(),
                    g.unitBytes(),
                    g.sequence(),
                    null,
                    g.tags(),
                    exported,
                    g.capabilities()));
    assertThat(Doctor.examine(host.checkup()).findings())
        .extracting(Finding::trouble)
        .containsExactly(Trouble.GROUP_NOT_USABLE);
  }

  @Test
  void aSnapshotThatCannotOverflowIsLeftAlone() {
    var host =
        new SampleHost()
            .classic("old", 0.99)
            .facts(
                "old",
                new Checkup.LogicalVolume(
                    false, false, false, false, false, GIB, null, false, false, null));
    assertThat(Doctor.examine(host.checkup()).findings()).isEmpty();
  }

  @Test
  void aSnapshotThatSomebodyHoldsIsNotTooOld() {
    var host =
        new SampleHost()
            .change(
                "night", v -> with(made(v, NOW.minus(Duration.ofDays(900))), "lumeo.hold=audit"));
    assertThat(Doctor.examine(host.checkup()).findings()).isEmpty();
  }

  @Test
  void whatIsInTheTrashForItsTimeIsWell() {
    var until = "lumeo.trash-until=" + NOW.plusSeconds(60).getEpochSecond();
    var host = new SampleHost().change("night", v -> with(v, until));
    assertThat(Doctor.examine(host.checkup()).findings()).isEmpty();
  }

  @Test
  void aGroupThatIsGivenOutWholeIsOnlyNotedWhenNothingInItCanFill() {
    var inventory = new SampleHost().groupFree(0).inventory();
    var withoutPool =
        new Inventory(
            "here",
            NOW,
            inventory.pools().subList(0, 1),
            inventory.volumes().stream().filter(v -> v.pool().equals("G")).toList(),
            inventory.devices(),
            List.of());
    assertThat(Doctor.examine(withoutPool).findings())
        .extracting(Finding::trouble, Finding::severity)
        .containsExactly(tuple(Trouble.GROUP_FULL, NOTE));
  }
}
