package io.lumeo.agent.watch;

import io.lumeo.agent.Foresight;
import io.lumeo.agent.Look;
import io.lumeo.agent.RunBook;
import io.lumeo.agent.Troubles;
import io.lumeo.alerts.Alert;
import io.lumeo.alerts.Alerting;
import io.lumeo.alerts.Delivery;
import io.lumeo.alerts.Notice;
import io.lumeo.alerts.StoredAlerts;
import io.lumeo.audit.AuditIndex;
import io.lumeo.commands.Commands;
import io.lumeo.configuration.ChannelSettings;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ReportSettings;
import io.lumeo.configuration.Secrets;
import io.lumeo.forecasts.Bucket;
import io.lumeo.forecasts.Resolution;
import io.lumeo.forecasts.Sample;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.reports.ReportData;
import io.lumeo.state.Database;
import io.lumeo.storage.Inventory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// The same answers for a person at a terminal, beside a running agent or without one: by looks at
/// the hosts that the person just took, and what the agent remembers. Nothing is written.
///
/// @param database the state file, open for reading at least
/// @param looks at the hosts, one of each
public record OnDemand(Configuration configuration, Database database, List<Look> looks) {

  public OnDemand {
    looks = List.copyOf(looks);
  }

  /// What is foreseen of a host.
  ///
  /// @return nothing if the host is none of those looked at, or did never answer
  public Optional<HostOutlook> forecast(String host, Instant now) {
    return inventory(host)
        .map(inventory ->
            ForecastRound.look(
                inventory,
                Samples.openToRead(database),
                AuditIndex.view(database)::find,
                new RuleChanges(database),
                configuration.growth(),
                now));
  }

  private Optional<Inventory> inventory(String host) {
    return watched().stream()
        .filter(any -> any.host().equals(host))
        .map(Watched::inventory)
        .filter(Objects::nonNull)
        .findFirst();
  }

  private List<Watched> watched() {
    return looks.stream()
        .map(look ->
            switch (look) {
              case Look.Seen seen ->
                  new Watched(seen, seen.inventory(), seen.usage(), Map.of(), Map.of(), "");
              case Look.Missed missed ->
                  new Watched(missed, missed.last(), List.of(), Map.of(), Map.of(), "");
            })
        .toList();
  }

  /// What growth and snapshots are to know of the future, as the agent would foresee it. What it
  /// remembers of the last minutes comes from the state file here, minute by minute.
  public Foresight foresight(Instant now) {
    var samples = Samples.openToRead(database);
    var hosts = new HashMap<String, Watched>();
    var outlooks = new HashMap<String, HostOutlook>();
    for (var host : watched()) {
      hosts.put(host.host(), remembering(host, samples));
      forecast(host.host(), now).ifPresent(outlook -> outlooks.put(host.host(), outlook));
    }
    return new Foreseen(
        host -> Optional.ofNullable(hosts.get(host)),
        host -> Optional.ofNullable(outlooks.get(host)),
        ChangeRates.view(database),
        () -> now);
  }

  private static Watched remembering(Watched host, Samples samples) {
    var inventory = host.inventory();
    if (inventory == null || !host.isReachable()) {
      return host;
    }
    var now = host.look().at();
    var used = new HashMap<SeriesKey, List<Sample>>();
    HostMonitor.fills(UsageValues.of(inventory, host.usage()), inventory)
        .forEach((key, value) -> used.put(key, recent(samples, key, new Sample(now, value))));
    return new Watched(host.look(), inventory, host.usage(), used, host.loads(), host.problem());
  }

  private static List<Sample> recent(Samples samples, SeriesKey key, Sample current) {
    var from = current.at().minus(HostMonitor.REMEMBERED);
    return Stream.concat(
            samples.history(key, from, current.at(), Resolution.MINUTE).stream()
                .map(Bucket::sample)
                .filter(sample -> sample.at().isBefore(current.at())),
            Stream.of(current))
        .toList();
  }

  /// A report of this moment.
  ///
  /// @param period how far back it goes
  public ReportData report(ReportSettings settings, Duration period, Instant now) {
    var facts =
        new ReportSources(
            database,
            AuditIndex.view(database)::find,
            RunBook.view(database),
            Troubles.view(database),
            Samples.openToRead(database),
            this::watched,
            host -> forecast(host, now),
            (host, uuid, at) -> null);
    var from = now.minus(period);
    return ReportBuilder.of(settings, facts.of(configuration, from, now), from, now);
  }

  /// All that fires, is about to, or did lately, as the agent saw it last.
  public List<Alert> alerts() {
    return StoredAlerts.view(database).alerts();
  }

  /// All that fires and is not silenced, gravest first.
  public List<Notice> standing(Instant now) {
    var inventories = watched().stream().map(Watched::inventory).filter(Objects::nonNull).toList();
    return StoredAlerts.view(database)
        .standing(AlertMapping.settings(configuration, inventories), now);
  }

  /// Sends a message that says it is a test, at once and without retries. Needs no state file.
  ///
  /// @param programs runs the programs of command channels
  /// @throws IllegalArgumentException if there is no such channel, naming those there are
  public static Delivery test(
      Configuration configuration,
      String channel,
      Secrets secrets,
      Commands programs,
      InstantSource clock) {
    var names = configuration.channels().stream().map(ChannelSettings::name).toList();
    var settings =
        configuration.channels().stream()
            .filter(any -> any.name().equals(channel))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no channel '%s'; there are: %s"
                        .formatted(channel, String.join(", ", names))));
    return Alerting.test(
        new ChannelMapping(secrets, new Programs(programs), clock).channel(settings),
        clock.instant());
  }
}
