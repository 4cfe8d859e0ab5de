package io.lumeo.policies;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which snapshots of a volume are kept. What any rule keeps is kept.
///
/// @param id the id of the policy whose snapshots these are; no other snapshot is ever touched
/// @param zone whose calendar says when a day, a week or a month begins
/// @param buckets of how many of the last hours, days, … that have any snapshot one is kept; each
///   at least 1
/// @param pick which one that is
/// @param last how many of the newest are kept whatever their age, at least 0
/// @param within everything younger than this is kept, or null
/// @param minimum fewer than this are never left by a deletion, at least 1
/// @param clockLimit when the clock has moved by more than this, nothing is deleted
/// @param ceiling when there are this many, no more are made: what deletes them does not work
public record RetentionPolicy(
    String id,
    ZoneId zone,
    Map<Bucket, Integer> buckets,
    Pick pick,
    int last,
    @Nullable Duration within,
    int minimum,
    Duration clockLimit,
    int ceiling) {

  /// Which snapshot stands for a bucket.
  public enum Pick {
    NEWEST,
    OLDEST
  }

  public RetentionPolicy {
    PolicyId.require(id);
    buckets = sorted(buckets);
    var counts = buckets.values().stream().allMatch(count -> count >= 1);
    var ages = (within == null || within.isPositive()) && clockLimit.isPositive();
    if (!counts || !ages || last < 0 || minimum < 1) {
      throw new IllegalArgumentException(
          "policy %s cannot keep %s, last %d, within %s and at least %d; give positive numbers"
              .formatted(id, buckets, last, within, minimum));
    }
    if (buckets.isEmpty() && last == 0 && within == null) {
      throw new IllegalArgumentException(
          "policy %s would keep nothing; give hourly … yearly, last, or within".formatted(id));
    }
    var most = last;
    for (var count : buckets.values()) {
      most += count;
    }
    most = Math.max(minimum, most);
    if (ceiling <= most) {
      throw new IllegalArgumentException(
          "policy %s keeps up to %d and stops at a ceiling of %d; raise the ceiling"
              .formatted(id, most, ceiling));
    }
  }

  private static Map<Bucket, Integer> sorted(Map<Bucket, Integer> buckets) {
    var sorted = new EnumMap<Bucket, Integer>(Bucket.class);
    sorted.putAll(buckets);
    return Collections.unmodifiableMap(sorted);
  }

  /// The newest of 7 days, 4 weeks and 12 months in UTC, and never fewer than 2.
  public static RetentionPolicy standard(String id) {
    return of(id, Map.of(Bucket.DAY, 7, Bucket.WEEK, 4, Bucket.MONTH, 12));
  }

  /// The newest of so many buckets in UTC, and never fewer than 2.
  public static RetentionPolicy of(String id, Map<Bucket, Integer> buckets) {
    return new RetentionPolicy(
        id, ZoneOffset.UTC, buckets, Pick.NEWEST, 0, null, 2, Duration.ofHours(6), 1000);
  }

  /// The same by another zone's calendar.
  public RetentionPolicy in(ZoneId zone) {
    return new RetentionPolicy(id, zone, buckets, pick, last, within, minimum, clockLimit, ceiling);
  }

  /// The same, keeping the newest or the oldest of each bucket.
  public RetentionPolicy picking(Pick pick) {
    return new RetentionPolicy(id, zone, buckets, pick, last, within, minimum, clockLimit, ceiling);
  }

  /// The same, and the newest `last` whatever their age.
  public RetentionPolicy withLast(int last) {
    return new RetentionPolicy(id, zone, buckets, pick, last, within, minimum, clockLimit, ceiling);
  }

  /// The same, and everything younger than `within`.
  public RetentionPolicy withWithin(Duration within) {
    return new RetentionPolicy(id, zone, buckets, pick, last, within, minimum, clockLimit, ceiling);
  }

  /// The same, leaving at least `minimum`.
  public RetentionPolicy withMinimum(int minimum) {
    return new RetentionPolicy(id, zone, buckets, pick, last, within, minimum, clockLimit, ceiling);
  }

  /// The same, making none when there are `ceiling`.
  public RetentionPolicy withCeiling(int ceiling) {
    return new RetentionPolicy(id, zone, buckets, pick, last, within, minimum, clockLimit, ceiling);
  }
}
