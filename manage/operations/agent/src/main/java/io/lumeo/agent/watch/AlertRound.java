package io.lumeo.agent.watch;

import io.lumeo.agent.Duty;
import io.lumeo.agent.RunBook;
import io.lumeo.agent.Trouble;
import io.lumeo.agent.Troubles;
import io.lumeo.alerts.Alerting;
import io.lumeo.alerts.MetricsPage;
import io.lumeo.alerts.Observation;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.HostSettings;
import io.lumeo.storage.Inventory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/// Looks for what is wrong as often as hosts are polled, by the configuration that is in force
/// then; tells people, signals the policies' life, and keeps the page for Prometheus. Alerts and
/// messages that wait are in the state file: a restart loses none.
///
/// Safe for use by several threads, of which one at a time performs.
final class AlertRound implements Duty {
  private final Sight sight;
  private final Alerting alerting;
  private final ChannelMapping channels;
  private final OperationCounts operations;
  private final PolicyPings pings;
  private final RecordCheck record;
  private final MetricsPage page;
  private final String version;
  private final Supplier<Configuration> configuration;

  /// All that a round looks at beside the configuration.
  record Sight(
      Monitors monitors,
      ForecastRound forecasts,
      Baselines baselines,
      RunBook runs,
      Troubles troubles) {}

  AlertRound(
      Sight sight,
      Alerting alerting,
      ChannelMapping channels,
      PolicyPings pings,
      OperationCounts operations,
      RecordCheck record,
      MetricsPage page,
      String version,
      Supplier<Configuration> configuration) {
    this.sight = sight;
    this.alerting = alerting;
    this.channels = channels;
    this.operations = operations;
    this.pings = pings;
    this.record = record;
    this.page = page;
    this.version = version;
    this.configuration = configuration;
  }

  @Override
  public String name() {
    return "alerts";
  }

  @Override
  public Instant perform(Instant now) {
    var current = configuration.get();
    sight.monitors().retain(current);
    alerting.use(setup(current));
    var observations = observations(current, now);
    page.update(observations, now);
    alerting.look(observations);
    pings.signal(current, now);
    var next = now.plus(current.monitors().pollInterval());
    return alerting.deliver().filter(due -> due.isBefore(next)).orElse(next);
  }

  private Alerting.Setup setup(Configuration current) {
    var inventories =
        sight.monitors().watched().stream()
            .map(Watched::inventory)
            .filter(Objects::nonNull)
            .toList();
    return new Alerting.Setup(
        AlertMapping.settings(current, inventories),
        channels.routes(current),
        channels.pings(current));
  }

  private List<Observation> observations(Configuration current, Instant now) {
    var seen = new ArrayList<Observation>();
    var policies = new PolicyObservations(sight.runs(), current.policies());
    var inventories = new HashMap<String, Inventory>();
    for (var host : sight.monitors().watched()) {
      var inventory = host.inventory();
      if (inventory != null) {
        inventories.put(host.host(), inventory);
      }
      seen.addAll(
          HostObservations.of(
              host,
              sight.forecasts().outlook(host.host()),
              sight.baselines(),
              sight.troubles().of(host.host()),
              current.growth(),
              now));
    }
    for (var host : current.hosts()) {
      seen.addAll(
          policies.of(
              host.name(), inventories.get(host.name()), sight.troubles().of(host.name()), now));
    }
    seen.addAll(policies.selections(current.hosts()));
    seen.add(Observation.of("lumeo_record_broken", Map.of(), isRecordBroken(current) ? 1 : 0));
    seen.add(Observation.of("lumeo_build_info", Map.of("version", version), 1));
    seen.addAll(operations.observations(current.hosts().stream().map(HostSettings::name).toList()));
    seen.addAll(alerting.observations());
    return seen;
  }

  private boolean isRecordBroken(Configuration current) {
    return record.isBroken()
        || current.hosts().stream()
            .map(HostSettings::name)
            .flatMap(host -> sight.troubles().of(host).stream())
            .anyMatch(trouble -> trouble.kind() == Trouble.Kind.RECORD_FAILED);
  }
}
