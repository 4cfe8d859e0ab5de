package io.lumeo.agent.watch;

import io.lumeo.agent.TrimGain;
import io.lumeo.agent.Trouble;
import io.lumeo.agent.runs.PolicyTerms;
import io.lumeo.agent.runs.RetentionRun;
import io.lumeo.alerts.Notice;
import io.lumeo.alerts.Quantity;
import io.lumeo.alerts.Severity;
import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditRecord;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.ReportSettings;
import io.lumeo.configuration.ReportSettings.Content;
import io.lumeo.forecasts.Forecast;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.PerformanceRule.IopsFall;
import io.lumeo.forecasts.PerformanceRule.LatencyOver;
import io.lumeo.reports.Concern;
import io.lumeo.reports.Deed;
import io.lumeo.reports.Growth;
import io.lumeo.reports.HostReport;
import io.lumeo.reports.PolicyReport;
import io.lumeo.reports.ReportData;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Puts a report together: every configured host that it is about, whether it answers or not. Pure.
final class ReportBuilder {
  private static final Duration PLANNED_FOR = Duration.ofDays(182);
  private static final int MOST_DEEDS = 200;
  private static final Duration LATENCY_LASTING = LatencyOver.standard().lasting();
  private static final Duration IOPS_WINDOW = IopsFall.standard().window();

  /// What the line before a change is marked with: the one after it tells how it went.
  private static final String BEGIN = "begin.";

  private final ReportSettings settings;
  private final ReportFacts facts;
  private final Instant now;

  private ReportBuilder(ReportSettings settings, ReportFacts facts, Instant now) {
    this.settings = settings;
    this.facts = facts;
    this.now = now;
  }

  /// @param from the beginning of the time it is about; it ends now
  static ReportData of(ReportSettings settings, ReportFacts facts, Instant from, Instant now) {
    return new ReportBuilder(settings, facts, now).report(from);
  }

  private ReportData report(Instant from) {
    return new ReportData(
        "Storage: " + settings.name(),
        from,
        now,
        now,
        settings.timetable().zone(),
        facts.configuration().hosts().stream()
            .map(HostSettings::name)
            .filter(this::isAbout)
            .map(this::host)
            .toList(),
        holds(Content.ATTENTION) ? concerns() : List.of(),
        holds(Content.ACTIONS) ? deeds() : List.of());
  }

  private boolean holds(Content content) {
    return settings.content().contains(content);
  }

  private boolean isAbout(String host) {
    return settings.hosts().stream().anyMatch(glob -> glob.matches(host));
  }

  private HostReport host(String name) {
    var host = facts.host(name).orElse(null);
    var inventory = host == null ? null : host.inventory();
    var policies =
        facts.standings().getOrDefault(name, List.of()).stream()
            .map(standing -> policy(standing, inventory))
            .toList();
    if (host == null || inventory == null) {
      return new HostReport(
          name, false, null, List.of(), List.of(), policies, List.of(), List.of());
    }
    var report =
        HostReport.of(inventory, host.isReachable(), growths(inventory), policies)
            .withNotes(notes(host, inventory));
    return holds(Content.SIZES) || holds(Content.HEALTH) ? report : report.withoutVolumes();
  }

  private PolicyReport policy(PolicyObservations.Standing standing, @Nullable Inventory inventory) {
    var policy = standing.policy();
    return new PolicyReport(
        policy.title().isEmpty() ? policy.id() : policy.title(),
        standing.lastSuccess(),
        standing.isOverdue(now),
        standing.lastVerified(),
        standing.snapshots(),
        inventory == null ? List.of() : verdicts(PolicyTerms.of(policy), inventory));
  }

  /// What retention would say now. What is being verified, and a clock that was set, it spares
  /// besides.
  private List<PolicyReport.Verdict> verdicts(PolicyTerms terms, Inventory inventory) {
    return RetentionRun.plan(terms, inventory, Set.of(), now, Duration.ZERO).verdicts().stream()
        .filter(verdict -> terms.id().equals(verdict.snapshot().owner()))
        .map(verdict ->
            new PolicyReport.Verdict(
                verdict.snapshot().name(), verdict.keep(), String.join("; ", verdict.reasons())))
        .toList();
  }

  private Map<String, Growth> growths(Inventory inventory) {
    var growths = new HashMap<String, Growth>();
    if (!holds(Content.GROWTH) && !holds(Content.FORECASTS)) {
      return growths;
    }
    for (var pool : inventory.pools()) {
      GrowthReport.of(
              pool,
              facts.histories().getOrDefault(pool.uuid(), List.of()),
              facts.outlooks().get(inventory.system()),
              holds(Content.FORECASTS))
          .ifPresent(growth -> growths.put(pool.uuid(), growth));
    }
    return growths;
  }

  private List<String> notes(Watched host, Inventory inventory) {
    var notes = new ArrayList<String>();
    if (holds(Content.FORECASTS)) {
      inventory.pools().forEach(pool -> notes.addAll(capacity(inventory, pool)));
    }
    if (holds(Content.PERFORMANCE)) {
      notes.addAll(slowVolumes(host, inventory));
    }
    if (holds(Content.HEALTH) && !host.problem().isEmpty()) {
      notes.add("No IOPS and latencies are known: " + host.problem());
    }
    if (holds(Content.ACTIONS)) {
      var bytes = reclaimedBytes(host.host());
      if (bytes > 0) {
        notes.add("Trims gave back %s.".formatted(Quantity.BYTES.text((double) bytes)));
      }
    }
    return notes;
  }

  private long reclaimedBytes(String host) {
    return facts.records().stream()
        .map(AuditRecord::entry)
        .filter(entry -> host.equals(hostOf(entry)))
        .mapToLong(entry -> TrimGain.in(entry).orElse(0))
        .sum();
  }

  private List<String> capacity(Inventory inventory, Pool pool) {
    var outlook = facts.outlooks().get(inventory.system());
    if (outlook == null) {
      return List.of();
    }
    var notes = new ArrayList<String>();
    var name = Names.of(inventory, pool);
    var promises = outlook.promises().get(pool.uuid());
    if (promises != null && promises.promisedBytes() > 0) {
      notes.add("%s: %s.".formatted(name, promises.text()));
    }
    var isKnown =
        outlook.outlook(pool.uuid(), Measure.DATA_USED).filter(Forecast.class::isInstance);
    outlook
        .purchase(pool, now.plus(PLANNED_FOR))
        .filter(any -> isKnown.isPresent() && any.missingBytes() > 0)
        .ifPresent(purchase ->
            notes.add(
                "%s needs %s in half a year, to suffice in nine of ten cases with a fifth free: %s more than it has."
                    .formatted(
                        name,
                        Quantity.BYTES.text(purchase.neededBytes()),
                        Quantity.BYTES.text(purchase.missingBytes()))));
    return notes;
  }

  private List<String> slowVolumes(Watched host, Inventory inventory) {
    var notes = new ArrayList<String>();
    for (var volume : inventory.volumes()) {
      var loads = host.loads().getOrDefault(volume.uuid(), List.of());
      var limits = Monitors.limits(facts.configuration().monitors(), inventory, volume);
      var usual = facts.habits().usual(host.host(), volume.uuid(), now);
      var rules =
          List.of(
              new IopsFall(limits.iopsDropPercent() / 100.0, IOPS_WINDOW),
              new LatencyOver(limits.latency().toMillis() / 1000.0, LATENCY_LASTING));
      for (var rule : rules) {
        var verdict = rule.judge(loads, usual, now);
        if (verdict.broken()) {
          notes.add("%s: %s.".formatted(Names.of(inventory, volume), verdict.reason()));
        }
      }
    }
    return notes;
  }

  private List<Concern> concerns() {
    return Stream.concat(
            facts.standing().stream()
                .filter(notice -> concerns(notice) && !isToldByItsTrouble(notice))
                .map(Concern::of),
            facts.troubles().stream()
                .filter(trouble -> trouble.kind() == Trouble.Kind.SNAPSHOT_FAILED)
                .filter(trouble -> isAbout(trouble.host()))
                .map(ReportBuilder::concern))
        .toList();
  }

  /// What is no host's concerns every report.
  private boolean concerns(Notice notice) {
    var host = notice.alert().labels().getOrDefault("host", "");
    return host.isEmpty() || isAbout(host);
  }

  /// The trouble of a run that failed says why, which its alert does not.
  private boolean isToldByItsTrouble(Notice notice) {
    var labels = notice.alert().labels();
    return notice.alert().rule().equals("SnapshotRunFailed")
        && facts.troubles().stream()
            .anyMatch(trouble ->
                trouble.kind() == Trouble.Kind.SNAPSHOT_FAILED
                    && trouble.host().equals(labels.get("host"))
                    && trouble.object().equals(labels.get("policy")));
  }

  /// Of all other troubles an alert tells.
  private static Concern concern(Trouble trouble) {
    return new Concern(
        Severity.WARNING,
        trouble.host(),
        "Policy %s on %s did not take all of its snapshots"
            .formatted(trouble.object(), trouble.host()),
        trouble.reason(),
        List.of(),
        trouble.since());
  }

  private List<Deed> deeds() {
    return facts.records().stream()
        .filter(record -> !record.entry().verb().startsWith(BEGIN))
        .map(this::deed)
        .filter(deed -> deed.host().isEmpty() || isAbout(deed.host()))
        .limit(MOST_DEEDS)
        .toList();
  }

  private Deed deed(AuditRecord record) {
    var entry = record.entry();
    var host = hostOf(entry);
    return new Deed(
        record.time(),
        host,
        entry.actor(),
        entry.verb(),
        entry.targets().stream().map(facts::name).collect(Collectors.joining(", ")),
        entry.result().word(),
        host.isEmpty() ? entry.reason() : entry.reason().substring(host.length() + 2));
  }

  /// The agent's reasons begin with the host.
  private String hostOf(AuditEntry entry) {
    return facts.configuration().hosts().stream()
        .map(HostSettings::name)
        .filter(name -> entry.reason().startsWith(name + ": "))
        .findFirst()
        .orElse("");
  }
}
