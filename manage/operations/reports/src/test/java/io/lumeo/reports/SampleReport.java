package io.lumeo.reports;

import io.lumeo.alerts.Severity;
import io.lumeo.reports.Growth.Band;
import io.lumeo.reports.Growth.Full;
import io.lumeo.reports.Growth.Point;
import io.lumeo.storage.FileSystem;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// A week of two hosts, one of which is in trouble and the other does not answer.
final class SampleReport {
  static final long GIB = 1L << 30;
  static final Instant NOW = Instant.parse("2026-03-09T06:00:00Z");

  private SampleReport() {}

  static ReportData week() {
    return named("data", "nightly");
  }

  /// The same with these names, which may be hostile.
  static ReportData named(String volume, String policy) {
    return new ReportData(
        "Storage of the week",
        NOW.minus(Duration.ofDays(7)),
        NOW,
        NOW,
        ZoneId.of("Europe/Berlin"),
        List.of(quiet(), busy(volume, policy), away()),
        List.of(
            new Concern(
                Severity.WARNING,
                "db1",
                "Policy "
                    + policy
                    + " on db1 has not succeeded for more than one and a half of its periods",
                "The newest snapshot is older than was promised.",
                List.of("lvs -o+lv_time,lv_tags"),
                NOW.minus(Duration.ofHours(20))),
            new Concern(
                Severity.CRITICAL,
                "db1",
                "Data of pool vg0/pool0 on db1 is 91 % full",
                "When it is full, writes to every volume of the pool wait and then fail.",
                List.of("lvextend -L +10G vg0/pool0", "fstrim -av"),
                NOW.minus(Duration.ofHours(3)))),
        List.of(
            new Deed(
                NOW.minus(Duration.ofDays(2)),
                "db1",
                "policy " + policy,
                "snapshot create",
                "vg0/" + volume,
                "done",
                "vg0/" + volume + "-1"),
            new Deed(
                NOW.minus(Duration.ofDays(1)),
                "db1",
                "ann",
                "extend",
                "vg0/pool0",
                "refused",
                "the group has 3 GiB and 10 GiB are wanted")));
  }

  static ReportData empty() {
    return new ReportData(
        "Storage", NOW, NOW, NOW, ZoneId.of("UTC"), List.of(), List.of(), List.of());
  }

  private static HostReport quiet() {
    return new HostReport("web1", true, NOW, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  private static HostReport away() {
    return new HostReport(
        "web2", false, null, List.of(), List.of(), List.of(), List.of(), List.of());
  }

  private static HostReport busy(String volume, String policy) {
    return HostReport.of(
            inventory(volume),
            true,
            Map.of("pool-uuid", growth(), "vg-uuid", slow()),
            List.of(
                new PolicyReport(
                    "hourly", NOW.minus(Duration.ofMinutes(40)), false, NOW, 24, List.of()),
                new PolicyReport(
                    policy, NOW.minus(Duration.ofHours(44)), true, null, 40, verdicts(policy))))
        .withNotes(List.of("vg0/pool0 needs 20 GiB more until September."));
  }

  private static List<PolicyReport.Verdict> verdicts(String policy) {
    return IntStream.range(0, 40)
        .mapToObj(age ->
            new PolicyReport.Verdict(
                policy + "-" + age,
                age < 7,
                age < 7 ? "newest of day %d".formatted(age) : "past the 7 daily that are kept"))
        .toList();
  }

  static Growth growth() {
    var history = new ArrayList<Point>();
    for (var day = 60; day >= 0; day--) {
      history.add(
          new Point(
              NOW.minus(Duration.ofDays(day)), (90.5 - day * 0.6 + Math.sin(day) * 1.5) * GIB));
    }
    var forecast = new ArrayList<Band>();
    for (var day = 1; day <= 30; day++) {
      forecast.add(
          new Band(
              NOW.plus(Duration.ofDays(day)),
              (90.5 + day * 0.4) * GIB,
              (90.5 + day * 0.6) * GIB,
              (90.5 + day * 0.9) * GIB));
    }
    return new Growth(
        100 * GIB,
        history,
        forecast,
        0.6 * GIB,
        new Full(
            NOW.plus(Duration.ofDays(10)),
            NOW.plus(Duration.ofDays(16)),
            NOW.plus(Duration.ofDays(24)),
            "data"),
        "high",
        "Theil-Sen line over 60 days, mean error 0.9 GiB at 7 days.");
  }

  private static Growth slow() {
    return new Growth(
        200 * GIB,
        List.of(new Point(NOW.minus(Duration.ofDays(9)), 150.0 * GIB), new Point(NOW, 149.0 * GIB)),
        List.of(),
        -0.1 * GIB,
        null,
        "insufficient data",
        "Two values in nine days.");
  }

  private static Inventory inventory(String volume) {
    var group =
        pool("vg-uuid", "vg0", Pool.Kind.VOLUME_GROUP, null, new Usage(200 * GIB, 149 * GIB), null);
    var thin =
        pool(
            "pool-uuid",
            "pool0",
            Pool.Kind.THIN_POOL,
            "vg-uuid",
            new Usage(100 * GIB, 91 * GIB),
            new Usage(GIB, GIB / 3));
    return new Inventory(
        "db1",
        NOW,
        List.of(group, thin),
        List.of(
            volume("root", "vg-uuid", Volume.Kind.THICK, null, "/"),
            volume(
                volume,
                "pool-uuid",
                Volume.Kind.THIN,
                new Usage(60 * GIB, 50 * GIB),
                "/srv/" + volume),
            volume("snap", "vg-uuid", Volume.Kind.CLASSIC_SNAPSHOT, new Usage(GIB, GIB), null),
            volume("lost", "gone", Volume.Kind.OTHER, null, null),
            volume("ts", "pool-uuid", Volume.Kind.THIN_SNAPSHOT, new Usage(60 * GIB, GIB), null)),
        List.of(),
        List.of(
            "WARNING: Device /dev/sdc has size of 10 sectors which is smaller than 20 sectors."));
  }

  private static Pool pool(
      String uuid, String name, Pool.Kind kind, String parent, Usage data, Usage metadata) {
    return new Pool(
        uuid,
        name,
        kind,
        parent,
        data,
        metadata,
        4 << 20,
        1,
        null,
        Collections.emptySortedSet(),
        Health.ok(),
        Set.of());
  }

  private static Volume volume(
      String name, String pool, Volume.Kind kind, Usage data, String mountPoint) {
    return new Volume(
        name + "-uuid",
        name,
        pool,
        kind,
        60 * GIB,
        null,
        data,
        null,
        NOW,
        Collections.emptySortedSet(),
        true,
        true,
        false,
        mountPoint == null
            ? null
            : new FileSystem("xfs", null, mountPoint, new Usage(60 * GIB, 57 * GIB)),
        kind == Volume.Kind.CLASSIC_SNAPSHOT
            ? new Health(Health.State.INVALID, "its store overflowed and its content is lost")
            : Health.ok(),
        Set.of());
  }
}
