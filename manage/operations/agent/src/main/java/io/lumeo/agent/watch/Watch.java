package io.lumeo.agent.watch;

import io.lumeo.agent.AgentState;
import io.lumeo.agent.Duty;
import io.lumeo.agent.Look;
import io.lumeo.agent.Lookout;
import io.lumeo.alerts.AddressRule;
import io.lumeo.alerts.Alerting;
import io.lumeo.alerts.Delivery;
import io.lumeo.alerts.HttpSender;
import io.lumeo.alerts.MetricsPage;
import io.lumeo.alerts.RetryPolicy;
import io.lumeo.alerts.Silence;
import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditResult;
import io.lumeo.commands.Commands;
import io.lumeo.commands.LocalCommands;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ReportSettings;
import io.lumeo.forecasts.Samples;
import io.lumeo.policies.GrowthTarget;
import io.lumeo.reports.ReportData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// All that watches: measures at every look of the agent, and beside it looks ahead, tells people
/// what is wrong, makes reports and answers Prometheus. What the configuration says holds from the
/// next round on.
///
/// Safe for use by several threads.
public final class Watch implements Lookout {
  private static final Duration PING_TIMEOUT = Duration.ofSeconds(10);

  private final Samples samples;
  private final Monitors monitors;
  private final ForecastRound forecasts;
  private final Foreseen foresight;
  private final Alerting alerting;
  private final ReportRuns reports;
  private final MetricsDuty metrics;
  private final Supplier<Configuration> configuration;
  private final List<Duty> duties;

  /// What differs between a machine and a test.
  ///
  /// @param disks reads the kernel's counters
  /// @param programs runs the programs of command channels
  /// @param zone whose hours people work by
  /// @param version of this program
  record Surroundings(DiskCounting disks, Commands programs, ZoneId zone, String version) {}

  private Watch(AgentState state, Surroundings around) throws IOException {
    var database = state.database();
    configuration = state.configuration();
    var channels =
        new ChannelMapping(state.secrets(), new Programs(around.programs()), state.time());
    var deliveries = new GivenUp(state.audit());
    var page = new MetricsPage();
    samples = Samples.open(database);
    monitors = new Monitors(samples, around.disks());
    var changes = ChangeRates.open(database);
    forecasts =
        new ForecastRound(
            monitors,
            samples,
            state.audit()::find,
            changes,
            new RuleChanges(database),
            configuration);
    foresight = new Foreseen(monitors::watched, forecasts::outlook, changes, state.time());
    var baselines = new Baselines(monitors, samples, around.zone());
    alerting =
        new Alerting(
            database,
            new Alerting.Setup(
                AlertMapping.settings(configuration.get(), List.of()),
                channels.routes(configuration.get()),
                channels.pings(configuration.get())),
            RetryPolicy.defaults(),
            HttpSender.within(PING_TIMEOUT, AddressRule.ANY),
            state.time(),
            deliveries::note);
    var record = new RecordCheck(state.audit()::verify);
    var alerts =
        new AlertRound(
            new AlertRound.Sight(monitors, forecasts, baselines, state.runs(), state.troubles()),
            alerting,
            channels,
            PolicyPings.open(database, state.runs(), alerting::ping),
            new OperationCounts(state.audit()::find, state.time().instant()),
            record,
            page,
            around.version(),
            configuration);
    var facts =
        new ReportSources(
            database,
            state.audit()::find,
            state.runs(),
            state.troubles(),
            samples,
            monitors::watched,
            forecasts::outlook,
            baselines::usual);
    reports =
        new ReportRuns(
            facts, ReportStore.open(database), channels, deliveries::note, configuration);
    metrics = new MetricsDuty(page, state.time(), configuration);
    duties =
        List.of(new SamplesRound(samples), forecasts, baselines, record, alerts, reports, metrics);
  }

  /// Makes the lookouts of agents.
  ///
  /// @param version of this program
  public static Lookout.Factory factory(String version) {
    return state ->
        open(
            state,
            new Surroundings(
                new KernelDisks(), LocalCommands.direct(), ZoneId.systemDefault(), version));
  }

  static Watch open(AgentState state, Surroundings around) throws IOException {
    return new Watch(state, around);
  }

  /// What was given up is in the record: nobody else will tell of it.
  private record GivenUp(AuditLog audit) {
    void note(Delivery delivery) {
      if (delivery.result() != Delivery.Result.GIVEN_UP) {
        return;
      }
      try {
        audit.append(
            AuditEntry.of(
                "agent",
                "local",
                "message.deliver",
                AuditResult.FAILED,
                "message %s was not taken by %s at attempt %d, and is given up: %s"
                    .formatted(
                        delivery.message(),
                        delivery.channel(),
                        delivery.attempt(),
                        delivery.reason())));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void look(Look look) {
    monitors.look(look);
  }

  @Override
  public List<Duty> duties() {
    return duties;
  }

  @Override
  public OptionalLong fillBytesPerHour(String system, String uuid, GrowthTarget target) {
    return foresight.fillBytesPerHour(system, uuid, target);
  }

  @Override
  public Optional<Duration> timeToFull(String system, String uuid, GrowthTarget target) {
    return foresight.timeToFull(system, uuid, target);
  }

  @Override
  public OptionalLong changedBytesPerHour(String system, String uuid) {
    return foresight.changedBytesPerHour(system, uuid);
  }

  /// A report of this moment.
  ///
  /// @param from the beginning of the time it is about
  public ReportData report(ReportSettings settings, Instant from, Instant now) {
    return reports.make(configuration.get(), settings, from, now);
  }

  /// Sends a message that says it is a test.
  ///
  /// @throws IllegalArgumentException if there is no such channel, naming those there are
  public Delivery test(String channel) {
    return alerting.test(channel);
  }

  /// Adds a silence, in place of one with the same id.
  public void silence(Silence silence) {
    alerting.silence(silence);
  }

  /// Ends a silence, and says whether there was one.
  public boolean endSilence(String id) {
    return alerting.endSilence(id);
  }

  /// What is foreseen of each host that was looked at, by name.
  public Map<String, HostOutlook> outlooks() {
    return monitors.watched().stream()
        .flatMap(host -> forecasts.outlook(host.host()).stream())
        .collect(Collectors.toUnmodifiableMap(HostOutlook::host, outlook -> outlook));
  }

  /// Ends: what was measured and not written yet is written. The state file stays open.
  @Override
  public void close() {
    metrics.close();
    samples.flush();
  }
}
