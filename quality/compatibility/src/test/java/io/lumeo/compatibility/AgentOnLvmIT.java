package io.lumeo.compatibility;

import static io.lumeo.compatibility.LvmGuest.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.watch.Watch;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Poll;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// `lumeo agent` on a host whose pools, stores of snapshots, file systems and groups fill, ext4 and
/// XFS with a writer in each: it tells of all of it in time, and extends what its rules let it.
///
/// The agent's clock is faster than the guest's, so that its patience is short. The paces at which
/// things fill are the guest's own, however busy the machine below is.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentOnLvmIT {
  private static final int SPEED = 4;
  private static final long POOL_MAXIMUM = 240 * MIB;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  @TempDir static Path folder;

  private final StringBuilder said = new StringBuilder();
  private LvmGuest guest;
  private ToldAlerts alerts;
  private HostShell shell;
  private Thread agent;

  @BeforeAll
  void startTheAgent() throws IOException {
    guest = LvmGuest.boot(folder, 1300, 440, 60, 40);
    alerts = ToldAlerts.open();
    prepare();
    Files.writeString(folder.resolve("lumeo.yaml"), configuration());
    rememberTheLastDays();
    shell = new HostShell(guest.rig, folder, new FastTime(SPEED), Watch.factory("test"));
    agent = Thread.ofPlatform().name("agent").start(() -> shell.lumeo("agent", said));
  }

  /// Extents of 1 MiB let metadata be of 2 MiB, which are soon full.
  private void prepare() {
    guest.shell(
        """
        dmeventd -d >/run/dmeventd 2>&1 &
        mkdir -p /dev/disk/by-id /run/lvm-system/profile
        ln -s %3$s /dev/disk/by-id/spare-blank
        ln -s %4$s /dev/disk/by-id/spare-used
        mkfs.ext4 -q %4$s
        vgremove -q vg
        vgcreate -q -s 1m vg %1$s
        vgcreate -q -s 1m files %2$s
        lvcreate -q -T -L 160M --poolmetadatasize 2M -V 200M -n thin vg/pool
        lvcreate -q -V 304M -T vg/pool -n thinx
        lvcreate -q -T -L 48M -V 200M -n inown vg/own
        lvcreate -q -T -L 48M -V 200M -n inleft vg/left
        mkfs.ext4 -q /dev/vg/thin
        mkfs.xfs -q /dev/vg/thinx
        mkdir /mnt/thin /mnt/thinx /mnt/plain /mnt/plainx /mnt/data /mnt/datax
        """,
        guest.rig.disk(0), guest.rig.disk(1), guest.rig.disk(2), guest.rig.disk(3));
  }

  private String configuration() {
    return """
    state: %1$s/state
    audit: {file: %1$s/audit.jsonl}
    hosts: [{name: guest, kind: lvm}]
    monitors: {pollInterval: 5s, slowestPoll: 10s}
    growth:
      - name: pools
        pool: vg/pool
        threshold: 60%%
        step: 20%%
        maximum: 240MiB
        coolDown: 1m
        leadTime: 2m
        reserve: 20MiB
        metadata: {threshold: 50%%, step: 50%%}
      - {name: own, pool: vg/own, threshold: 70%%, step: 20%%}
      - {name: left, pool: vg/left, mode: delegate, threshold: 70%%}
      - name: stores
        store: vg/kept
        threshold: 70%%
        step: 50%%
        coolDown: 30s
        leadTime: 1m
        reserve: 20MiB
      - name: files
        volume: files/data*
        threshold: 80%%
        step: 40MiB
        coolDown: 30s
        leadTime: 1m
        reserve: 20MiB
        spareDevices: [/dev/disk/by-id/spare-used, /dev/disk/by-id/spare-blank]
    alerts:
      channels: [team]
      rules:
        pool-full-soon: {for: 1m}
        pool-metadata-full: {warning: 45%%}
        latency-high: {enabled: false}
        iops-dropped: {enabled: false}
    channels:
      - {name: team, kind: webhook, url: '%2$s', allowPrivate: true}
    """
        .formatted(folder, alerts.address());
  }

  /// Of the pool's last two days it is known that it filled by 30 MiB a day.
  private void rememberTheLastDays() throws IOException {
    var state = Files.createDirectories(folder.resolve("state"));
    try (var database = Database.open(state.resolve("state.db"))) {
      var samples = Samples.open(database);
      var key = new SeriesKey("guest", guest.uuid("pool"), Measure.DATA_USED);
      var used = status("pool").usedBytes();
      var now = Instant.now();
      var polls = new ArrayList<Poll>();
      for (var hours = 48; hours > 0; hours--) {
        polls.add(
            new Poll(
                now.minus(Duration.ofHours(hours)), Map.of(key, used - hours * 30.0 * MIB / 24)));
      }
      samples.addAll(polls);
      samples.flush();
      samples.rollUp(now);
    }
  }

  /// What the kernel says of a pool's data.
  private record Status(String line, long usedBytes, long sizeBytes) {
    private static final long CHUNK_BYTES = 64 << 10;

    static Status of(String line) {
      var data = line.split(" ", -1)[5].split("/", -1);
      return new Status(
          line, Long.parseLong(data[0]) * CHUNK_BYTES, Long.parseLong(data[1]) * CHUNK_BYTES);
    }

    boolean isWritable() {
      return line.contains(" rw ");
    }
  }

  private Status status(String pool) {
    return Status.of(guest.output("dmsetup status --noflush vg-%s-tpool", pool));
  }

  /// Waits until a condition of the guest's shell holds.
  @SuppressWarnings("AnnotateFormatMethod") // only tests give it conditions
  private void await(String condition, Object... words) {
    var script =
        "for i in $(seq 20); do if %s; then exit 0; fi; sleep 0.5; done; exit 1"
            .formatted(condition.formatted(words));
    var end = System.nanoTime() + ToldAlerts.PATIENCE.toNanos();
    while (guest.rig.shell(script).exit() != 0) {
      assertThat(System.nanoTime())
          .as("the end of patience: %s%n%s", script, alerts)
          .isLessThan(end);
    }
  }

  /// Runs a script in the guest, however long it takes.
  @SuppressWarnings("AnnotateFormatMethod") // only tests give it scripts
  private void run(String script, Object... words) {
    guest.shell(
        "rm -f /run/over; (set -e%n%s%ntouch /run/over) >/run/out 2>&1 &", script.formatted(words));
    await("[ -e /run/over ]");
  }

  /// The reasons in the record, the latest first, of what was done about something with this
  /// result.
  private List<String> reasons(String verb, String uuid, String result) {
    var list =
        shell.run(
            "lumeo audit list --limit 500 --output json --verb %s --target %s"
                .formatted(verb, uuid),
            "the record");
    return StreamSupport.stream(MAPPER.readTree(list).spliterator(), false)
        .filter(record -> record.required("result").stringValue().equals(result))
        .map(record -> record.required("reason").stringValue())
        .toList();
  }

  /// The same when there is one: what was done is seen on the host before it is in the record.
  private List<String> awaitDone(String verb, String uuid) {
    var end = System.nanoTime() + ToldAlerts.PATIENCE.toNanos();
    var done = reasons(verb, uuid, "done");
    while (done.isEmpty()) {
      assertThat(System.nanoTime()).as("the end of patience: %s", verb).isLessThan(end);
      done = reasons(verb, uuid, "done");
    }
    return done;
  }

  @Test
  void aBurstIsToldWithItsTimeAndThePoolIsExtendedInTime() throws InterruptedException {
    guest.mount("thin");
    guest.mount("thinx");
    guest.startWriting("thin");
    guest.startWriting("thinx");
    run(
        """
        for i in $(seq 80); do
          dd if=/dev/urandom of=/mnt/thin/burst bs=1M count=1 seek=$i conv=notrunc,fsync
          for look in $(seq 12); do dmsetup status --noflush vg-pool-tpool >>/run/seen; done
        done
        """);
    assertThat(alerts.await("PoolFullSoon", "vg/pool").toString())
        .contains("may be full in 5 d", "That is at 20");
    assertThat(alerts.await("PoolFillingFast", "vg/pool").title())
        .containsPattern("is full in [0-9]+ (s|min)");
    assertThat(alerts.await("ExtensionFailed", "vg/pool data").meaning())
        .contains("is at its maximum of 240 MiB; raise its maximum");
    assertThat(guest.output("cat /run/seen").lines().map(Status::of))
        .allMatch(seen -> seen.isWritable() && seen.sizeBytes() <= POOL_MAXIMUM)
        .anyMatch(seen -> seen.sizeBytes() == 160 * MIB);
    assertThat(guest.mib("pool")).isEqualTo(240);
    assertThat(reasons("grow.pool-data", guest.uuid("pool"), "done")).isNotEmpty();
    assertThat(reasons("grow.pool-data", guest.uuid("pool"), "refused").getFirst())
        .contains("is at its maximum");

    run(
        """
        i=1000
        until dmsetup status --noflush vg-pool-tpool | grep -E ' (2[7-9].|[34]..)/512 '; do
          for each in 1 2 3 4 5 6 7 8; do
            dmsetup message vg-pool-tpool 0 "create_thin $i"
            i=$((i + 1))
          done
        done
        """);
    alerts.await("PoolMetadataFull", "vg/pool");
    await("dmsetup status vg-pool-tpool | grep '/768 '");
    assertThat(guest.mib("pool_tmeta")).isEqualTo(3);
    assertThat(guest.mib("lvol0_pmspare")).isEqualTo(3);
    assertThat(status("pool").isWritable()).isTrue();
    assertThat(awaitDone("grow.pool-metadata", guest.uuid("pool"))).hasSize(1);
    guest.expectWritten("thin");
    guest.expectWritten("thinx");
    guest.shell("umount /mnt/thin /mnt/thinx");
  }

  @Test
  void anOverflowIsToldBeforeAndAfterAndAStoreWithARuleIsExtended() throws InterruptedException {
    guest.shell(
        """
        lvcreate -q -y -L 40M -n plain vg
        lvcreate -q -y -L 304M -n plainx vg
        mkfs.ext4 -q /dev/vg/plain
        mkfs.xfs -q /dev/vg/plainx
        mount /dev/vg/plain /mnt/plain
        mount /dev/vg/plainx /mnt/plainx
        lvcreate -q -s -L 16M -n lost vg/plain
        lvcreate -q -s -L 16M -n kept vg/plain
        lvcreate -q -s -L 16M -n lostx vg/plainx
        """);
    guest.startWriting("plain");
    guest.startWriting("plainx");
    // To eight tenths of their 32768 sectors.
    run(
        """
        fill() {
          i=0
          until dmsetup status vg-$1 | grep -E ' (2[6-9]|3.).../|Invalid'; do
            dd if=/dev/urandom of=/mnt/$2/burst bs=256k count=1 seek=$i conv=notrunc,fsync
            i=$((i + 1))
          done
        }
        fill lost plain
        fill lostx plainx
        """);
    alerts.await("SnapshotStoreFull", "vg/lost on");
    alerts.await("SnapshotStoreFull", "vg/lostx on");
    await("! dmsetup status vg-kept | grep '/32768 '");
    run(
        """
        for each in lost:plain lostx:plainx; do
          until dmsetup status vg-${each%%:*} | grep Invalid; do
            dd if=/dev/urandom of=/mnt/${each#*:}/more bs=1M count=6 conv=fsync
          done
        done
        """);
    assertThat(alerts.await("SnapshotInvalid", "vg/lost on").next()).contains("lvremove vg/lost");
    assertThat(alerts.await("SnapshotInvalid", "vg/lostx on").next()).contains("lvremove vg/lostx");
    assertThat(guest.output("dmsetup status vg-kept")).doesNotContain("Invalid");
    awaitDone("grow.snapshot-store", guest.uuid("kept"));
    assertThat(reasons("grow.snapshot-store", guest.uuid("lost"), "done")).isEmpty();
    guest.expectWritten("plain");
    guest.expectWritten("plainx");
    guest.shell("umount /mnt/plain /mnt/plainx");
  }

  @Test
  void aFullGroupTakesABlankSpareAndTheGrowthCompletes() throws InterruptedException {
    guest.shell(
        """
        lvcreate -q -y -L 80M -n data files
        lvcreate -q -y -L 304M -n datax files
        mkfs.ext4 -q /dev/files/data
        mkfs.xfs -q /dev/files/datax
        mount /dev/files/data /mnt/data
        mount /dev/files/datax /mnt/datax
        fallocate -l 60M /mnt/data/much
        fallocate -l 185M /mnt/datax/much
        """);
    guest.startWriting("data");
    guest.startWriting("datax");
    await("[ $(df -m --output=size /mnt/data | tail -1) -gt 100 ]");
    await("[ $(df -m --output=size /mnt/datax | tail -1) -gt 270 ]");
    var data = guest.output("lvs --noheadings -o lv_uuid files/data");
    var datax = guest.output("lvs --noheadings -o lv_uuid files/datax");
    assertThat(guest.output("pvs --noheadings -o pv_name,vg_name"))
        .containsPattern(guest.rig.disk(2) + " +files")
        .doesNotContain(guest.rig.disk(3));
    assertThat(awaitDone("grow.file-system", data)).anyMatch(why -> why.contains("more of it"));
    assertThat(awaitDone("grow.file-system", datax)).hasSize(1);
    guest.expectWritten("data");
    guest.expectWritten("datax");
    guest.shell("umount /mnt/data /mnt/datax");
  }

  @Test
  void whatDmeventdExtendsIsLeftToIt() throws InterruptedException {
    assertThat(alerts.await("AutoextendMisconfigured", "vg/left").meaning())
        .contains("its system is not told to extend it");
    shell.run(
        """
        lumeo lvm pool autoextend vg/own --threshold 70 --step 20
        lumeo lvm pool autoextend vg/left --threshold 70 --step 20
        """,
        "autoextend");
    run(
        """
        dd if=/dev/urandom of=/dev/vg/inown bs=1M count=36 conv=fsync
        dd if=/dev/urandom of=/dev/vg/inleft bs=1M count=36 conv=fsync
        """);
    assertThat(alerts.await("ExtensionFailed", "vg/own data").meaning())
        .contains("by its own system at 70 %, and two that extend it would extend it twice");
    for (var pool : List.of("own", "left")) {
      await("dmsetup status vg-%s-tpool | grep '/928 '", pool);
      assertThat(guest.mib(pool)).as("one step, by dmeventd").isEqualTo(58);
      assertThat(reasons("begin.", guest.uuid(pool), "done"))
          .noneMatch(reason -> reason.contains("data is"));
    }
    assertThat(reasons("grow.pool-data", guest.uuid("own"), "refused").getFirst())
        .contains("two that extend it would extend it twice");
    assertThat(reasons("grow.pool-data", guest.uuid("left"), "refused"))
        .as("but what was said before it was told")
        .hasSize(1);
  }

  @AfterAll
  void theRecordOfItAllIsIntact() throws InterruptedException {
    try (var _ = guest;
        var _ = alerts) {
      agent.interrupt();
      agent.join();
      assertThat(shell.run("lumeo audit verify", "the record"))
          .contains("are as they were written");
    }
  }
}
