package io.lumeo.agent.runs;

import io.lumeo.configuration.PolicySettings;
import io.lumeo.configuration.RetentionSettings;
import io.lumeo.policies.Bucket;
import io.lumeo.policies.RetentionPolicy;
import io.lumeo.policies.Timetable;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Volume;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A policy as the configuration has it, in the terms of those that decide.
///
/// @param timetable of its snapshots
public record PolicyTerms(PolicySettings settings, Timetable timetable, RetentionPolicy retention) {

  public static PolicyTerms of(PolicySettings settings) {
    return new PolicyTerms(settings, settings.timetable().of(settings.id()), retention(settings));
  }

  private static RetentionPolicy retention(PolicySettings settings) {
    var rules = settings.retention();
    return new RetentionPolicy(
        settings.id(),
        settings.timetable().zone(),
        buckets(rules),
        switch (rules.keep()) {
          case NEWEST -> RetentionPolicy.Pick.NEWEST;
          case OLDEST -> RetentionPolicy.Pick.OLDEST;
        },
        rules.last(),
        rules.within().orElse(null),
        rules.minKeep(),
        rules.clockLimit(),
        rules.ceiling());
  }

  private static Map<Bucket, Integer> buckets(RetentionSettings rules) {
    var buckets = new EnumMap<Bucket, Integer>(Bucket.class);
    buckets.put(Bucket.HOUR, rules.hourly());
    buckets.put(Bucket.DAY, rules.daily());
    buckets.put(Bucket.WEEK, rules.weekly());
    buckets.put(Bucket.MONTH, rules.monthly());
    buckets.put(Bucket.QUARTER, rules.quarterly());
    buckets.put(Bucket.YEAR, rules.yearly());
    buckets.values().removeIf(count -> count == 0);
    return buckets;
  }

  public String id() {
    return settings.id();
  }

  /// Who acts when this policy does.
  String actor() {
    return "policy:" + id();
  }

  /// The volumes of a host that it is for.
  public List<Volume> volumes(String host, Inventory inventory) {
    return Holdings.selected(host, inventory, settings.volumes(), settings.except());
  }
}
