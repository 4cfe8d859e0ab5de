package io.lumeo.agent.watch;

import io.lumeo.agent.Duty;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditRecord;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.GrowthSettings;
import io.lumeo.forecasts.Sample;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.storage.Inventory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/// Looks ahead on all that can be full, every hour, and at what is new at once. Safe for use by
/// several threads, of which one at a time performs.
final class ForecastRound implements Duty {
  private static final Duration EVERY = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final Duration HISTORY = Duration.ofDays(182);
  private static final int SERIES_AT_ONCE = 200;
  private static final int MOST_RECORDS = 10_000;

  private final Monitors monitors;
  private final Samples samples;
  private final Function<AuditQuery, List<AuditRecord>> audit;
  private final ChangeRates changes;
  private final RuleChanges rules;
  private final Supplier<Configuration> configuration;
  private final Map<String, HostOutlook> outlooks = new ConcurrentHashMap<>();

  ForecastRound(
      Monitors monitors,
      Samples samples,
      Function<AuditQuery, List<AuditRecord>> audit,
      ChangeRates changes,
      RuleChanges rules,
      Supplier<Configuration> configuration) {
    this.monitors = monitors;
    this.samples = samples;
    this.audit = audit;
    this.changes = changes;
    this.rules = rules;
    this.configuration = configuration;
  }

  @Override
  public String name() {
    return "forecasts";
  }

  @Override
  public Instant perform(Instant now) {
    var hosts = monitors.watched();
    var growth = configuration.get().growth();
    outlooks.keySet().retainAll(hosts.stream().map(Watched::host).toList());
    for (var host : hosts) {
      var inventory = host.inventory();
      if (inventory != null && host.isReachable() && isDue(host.host(), growth, now)) {
        outlooks.put(host.host(), look(inventory, samples, audit, rules, growth, now));
        changes.note(inventory, now);
      }
    }
    return now.plus(SOON);
  }

  /// Other rules make another future.
  private boolean isDue(String host, List<GrowthSettings> growth, Instant now) {
    var last = outlooks.get(host);
    return last == null
        || !last.growth().equals(growth)
        || last.at().isAfter(now)
        || !last.at().plus(EVERY).isAfter(now);
  }

  /// Looks ahead on one host, for whoever wants to know.
  static HostOutlook look(
      Inventory inventory,
      Samples samples,
      Function<AuditQuery, List<AuditRecord>> audit,
      RuleChanges rules,
      List<GrowthSettings> growth,
      Instant now) {
    var from = now.minus(HISTORY);
    var events = AuditEvents.of(audit.apply(since(from)), inventory);
    rules
        .events(inventory, from)
        .forEach((pool, changes) ->
            events.computeIfAbsent(pool, _ -> new ArrayList<>()).addAll(changes));
    return HostOutlook.of(
        inventory,
        histories(samples, HostOutlook.series(inventory), from, now),
        events,
        growth,
        now);
  }

  private static Map<SeriesKey, List<Sample>> histories(
      Samples samples, List<SeriesKey> keys, Instant from, Instant now) {
    var histories = new HashMap<SeriesKey, List<Sample>>();
    for (var first = 0; first < keys.size(); first += SERIES_AT_ONCE) {
      var some = keys.subList(first, Math.min(keys.size(), first + SERIES_AT_ONCE));
      histories.putAll(samples.histories(some, from, now));
    }
    return histories;
  }

  static AuditQuery since(Instant from) {
    return new AuditQuery(
        Optional.of(from),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        MOST_RECORDS);
  }

  /// What is foreseen of a host, if anything yet.
  Optional<HostOutlook> outlook(String host) {
    return Optional.ofNullable(outlooks.get(host));
  }
}
