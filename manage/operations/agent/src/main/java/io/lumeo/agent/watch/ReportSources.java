package io.lumeo.agent.watch;

import io.lumeo.agent.RunBook;
import io.lumeo.agent.Trouble;
import io.lumeo.agent.Troubles;
import io.lumeo.alerts.StoredAlerts;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditRecord;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.HostSettings;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Sample;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.state.Database;
import io.lumeo.storage.Inventory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Where what a report is made of comes from, in the agent and beside it: the state file may be
/// open for reading only.
///
/// @param hosts what is known of each host
/// @param outlooks what is foreseen of a host
record ReportSources(
    Database database,
    Function<AuditQuery, List<AuditRecord>> audit,
    RunBook runs,
    Troubles troubles,
    Samples samples,
    Supplier<List<Watched>> hosts,
    Function<String, Optional<HostOutlook>> outlooks,
    ReportFacts.Habits habits)
    implements ReportRuns.Facts {
  /// As far back as a picture of growth reaches.
  private static final Duration HISTORY = Duration.ofDays(90);

  @Override
  public ReportFacts of(Configuration configuration, Instant from, Instant now) {
    var known = hosts.get();
    var inventories = known.stream().map(Watched::inventory).filter(Objects::nonNull).toList();
    var foreseen = new HashMap<String, HostOutlook>();
    var histories = new HashMap<String, List<Sample>>();
    for (var inventory : inventories) {
      outlooks.apply(inventory.system()).ifPresent(any -> foreseen.put(any.host(), any));
      histories.putAll(histories(inventory, now));
    }
    var policies = new PolicyObservations(runs, configuration.policies());
    var standings = new HashMap<String, List<PolicyObservations.Standing>>();
    var found = new ArrayList<Trouble>();
    for (var host : configuration.hosts().stream().map(HostSettings::name).toList()) {
      var inventory = inventories.stream().filter(any -> any.system().equals(host)).findFirst();
      standings.put(host, policies.standings(host, inventory.orElse(null)));
      found.addAll(troubles.of(host));
    }
    return new ReportFacts(
        configuration,
        known,
        foreseen,
        histories,
        standings,
        StoredAlerts.view(database)
            .standing(AlertMapping.settings(configuration, inventories), now),
        found,
        audit.apply(ForecastRound.since(from)),
        habits);
  }

  private Map<String, List<Sample>> histories(Inventory inventory, Instant now) {
    var keys =
        inventory.pools().stream()
            .map(pool -> new SeriesKey(inventory.system(), pool.uuid(), Measure.DATA_USED))
            .toList();
    var histories = new HashMap<String, List<Sample>>();
    samples
        .histories(keys, now.minus(HISTORY), now)
        .forEach((key, history) -> histories.put(key.uuid(), history));
    return histories;
  }
}
