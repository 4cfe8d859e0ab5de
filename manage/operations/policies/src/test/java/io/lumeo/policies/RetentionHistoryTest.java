package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.policies.RetentionPolicy.Pick;
import io.lumeo.testing.SeededTest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Years of making and deleting, beside a model that never deleted anything and knows calendars by
/// their printed names only.
class RetentionHistoryTest {
  private static final Map<Bucket, DateTimeFormatter> LABELS =
      Map.of(
          Bucket.HOUR, pattern("uuuu-MM-dd HH xxxxx"),
          Bucket.DAY, pattern("uuuu-MM-dd"),
          Bucket.WEEK, pattern("YYYY-ww"),
          Bucket.MONTH, pattern("uuuu-MM"),
          Bucket.QUARTER, pattern("uuuu-Q"),
          Bucket.YEAR, pattern("uuuu"));

  /// In Britain weeks are as ISO has them.
  private static DateTimeFormatter pattern(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.UK);
  }

  @Test
  void inTenYearsOfEveryZoneWhatIsLeftIsWhatOneThatDeletedNothingWouldChoose() {
    for (var zone : Zones.distinct()) {
      var policy = RetentionPolicy.standard("nightly").in(zone);
      var history = new History(policy);
      var nightly = CronSchedule.parse("30 2 * * *");
      var day = 0;
      for (var now = nightly.next(Zones.BEGIN, zone);
          now.isBefore(Zones.END);
          now = nightly.next(now, zone)) {
        // Now and then the machine is off for a month.
        if (++day % 400 > 30) {
          history.make(now);
          history.sweep(now);
          if (day % 197 == 0) {
            history.compare(now);
          }
        }
      }
      assertThat(history.left).as(zone.toString()).hasSizeBetween(18, 23);
    }
  }

  @SeededTest(seeds = 60)
  void whatIsLeftIsWhatOneThatDeletedNothingWouldChoose(Random random) {
    var history = history(random, 1);
    history.compare(history.now);
  }

  @SeededTest(seeds = 30)
  void thereAreNeverFewerThanTheMinimum(Random random) {
    var history = history(random, 2 + random.nextInt(12));
    assertThat(history.left.size()).isGreaterThanOrEqualTo(history.policy.minimum());
  }

  private static History history(Random random, int minimum) {
    var zones = Zones.distinct();
    var zone = zones.get(random.nextInt(zones.size()));
    var history = new History(policy(random, zone).withMinimum(minimum));
    var now = Zones.BEGIN.plus(Duration.ofDays(random.nextInt(3000)));
    for (var i = 0; i < 150; i++) {
      now = now.plusSeconds(1 + random.nextInt(random.nextInt(8) == 0 ? 3_000_000 : 90_000));
      history.make(now);
      if (random.nextInt(4) > 0) {
        history.sweep(now);
      }
    }
    history.sweep(now);
    return history;
  }

  private static RetentionPolicy policy(Random random, ZoneId zone) {
    var buckets = new EnumMap<Bucket, Integer>(Bucket.class);
    buckets.put(List.of(Bucket.values()).get(random.nextInt(6)), 1 + random.nextInt(8));
    buckets.put(List.of(Bucket.values()).get(random.nextInt(6)), 1 + random.nextInt(8));
    var policy =
        RetentionPolicy.of("nightly", buckets)
            .in(zone)
            .picking(random.nextBoolean() ? Pick.NEWEST : Pick.OLDEST)
            .withLast(random.nextInt(4));
    return random.nextBoolean()
        ? policy
        : policy.withWithin(Duration.ofHours(1 + random.nextInt(300)));
  }

  /// A volume's snapshots as they were made, and those that are left.
  private static final class History {
    private final RetentionPolicy policy;
    private final List<SnapshotFacts> made = new ArrayList<>();
    private List<SnapshotFacts> left = new ArrayList<>();
    private Instant now = Instant.EPOCH;

    History(RetentionPolicy policy) {
      this.policy = policy;
    }

    void make(Instant now) {
      var snapshot =
          new SnapshotFacts(
              "s" + made.size(),
              "s" + made.size(),
              "web",
              now,
              policy.id(),
              new TreeSet<>(),
              Set.of(),
              new TreeSet<>());
      made.add(snapshot);
      left.add(snapshot);
    }

    void sweep(Instant now) {
      this.now = now;
      var dry = Retention.plan(left, policy, now);
      var newest = left.getLast();
      left = new ArrayList<>(dry.kept().reversed());
      assertThat(left.size()).isGreaterThanOrEqualTo(Math.min(made.size(), policy.minimum()));
      if (policy.pick() == Pick.NEWEST) {
        assertThat(left).contains(newest);
      }
      if (made.size() % 13 == 0) {
        // What a run would do is what the dry run said, and having done it nothing is left to do.
        assertThat(Retention.plan(left, policy, now).deletions()).isEmpty();
      }
    }

    void compare(Instant now) {
      assertThat(left.stream().map(SnapshotFacts::name).toList())
          .as("%s at %s", policy, now)
          .isEqualTo(chosen(now));
    }

    /// The names that the rules choose of everything that was ever made.
    private List<String> chosen(Instant now) {
      var chosen = new HashSet<SnapshotFacts>();
      policy.buckets().forEach((bucket, count) -> chosen.addAll(ofBuckets(bucket, count)));
      chosen.addAll(made.subList(Math.max(0, made.size() - policy.last()), made.size()));
      var within = policy.within();
      for (var snapshot : made) {
        if (within != null && !created(snapshot).isBefore(now.minus(within))) {
          chosen.add(snapshot);
        }
      }
      for (var snapshot : made.reversed()) {
        if (chosen.size() < policy.minimum()) {
          chosen.add(snapshot);
        }
      }
      return made.stream().filter(chosen::contains).map(SnapshotFacts::name).toList();
    }

    private List<SnapshotFacts> ofBuckets(Bucket bucket, int count) {
      var ofLabel = new LinkedHashMap<String, SnapshotFacts>();
      for (var snapshot : made) {
        var label = LABELS.get(bucket).format(created(snapshot).atZone(policy.zone()));
        var before = ofLabel.remove(label);
        var chosen = before == null || policy.pick() == Pick.NEWEST ? snapshot : before;
        ofLabel.put(label, chosen);
      }
      return ofLabel.values().stream().skip(Math.max(0, ofLabel.size() - count)).toList();
    }

    private static Instant created(SnapshotFacts snapshot) {
      return Objects.requireNonNull(snapshot.createdAt());
    }
  }
}
