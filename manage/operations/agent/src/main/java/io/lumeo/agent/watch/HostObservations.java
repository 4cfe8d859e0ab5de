package io.lumeo.agent.watch;

import io.lumeo.agent.Look;
import io.lumeo.agent.Trouble;
import io.lumeo.alerts.Observation;
import io.lumeo.alerts.Observations;
import io.lumeo.configuration.GrowthSettings;
import io.lumeo.forecasts.FastBurn;
import io.lumeo.forecasts.Full;
import io.lumeo.forecasts.FullDate;
import io.lumeo.forecasts.PerformanceRule.IopsFall;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All that is known of one host now, as observations: what it says of itself, what was measured,
/// what is foreseen, and what could not be done. A pure reading of values.
final class HostObservations {
  private static final IopsFall IOPS = IopsFall.standard();

  private final Watched host;
  private final Optional<HostOutlook> outlook;
  private final Baselines baselines;
  private final List<Trouble> troubles;
  private final GrowthTerms terms;
  private final Instant now;
  private final List<Observation> seen = new ArrayList<>();

  private HostObservations(
      Watched host,
      Optional<HostOutlook> outlook,
      Baselines baselines,
      List<Trouble> troubles,
      List<GrowthSettings> growth,
      Instant now) {
    this.host = host;
    this.outlook = outlook;
    this.baselines = baselines;
    this.troubles = troubles;
    this.terms = new GrowthTerms(growth);
    this.now = now;
  }

  /// @param outlook what is foreseen of it, if anything yet
  /// @param troubles what the agent could not do there, or found wrong
  /// @param growth the configured rules
  static List<Observation> of(
      Watched host,
      Optional<HostOutlook> outlook,
      Baselines baselines,
      List<Trouble> troubles,
      List<GrowthSettings> growth,
      Instant now) {
    var reading = new HostObservations(host, outlook, baselines, troubles, growth, now);
    var inventory = host.inventory();
    switch (host.look()) {
      case Look.Seen look -> reading.answering(look);
      case Look.Missed _ ->
          reading.seen.addAll(
              Observations.unreachable(
                  host.host(), inventory == null ? null : inventory.takenAt(), now));
    }
    return List.copyOf(reading.seen);
  }

  private void answering(Look.Seen look) {
    var inventory = look.inventory();
    var labels = Map.of("host", host.host());
    seen.addAll(Observations.of(inventory, look.usage(), now));
    see("scrape_duration_seconds", labels, seconds(look.cost()));
    nextSteps(inventory);
    bursts(inventory);
    outlook.ifPresent(foreseen -> dates(inventory, foreseen));
    loads(inventory);
    troubles(inventory);
  }

  /// Where Lumeo extends, the group must have room for Lumeo's steps as well.
  private void nextSteps(Inventory inventory) {
    var rooms = terms.roomForNextSteps(inventory);
    for (var group : inventory.pools()) {
      var room = rooms.get(group.uuid());
      if (room != null) {
        nextStep(new TreeMap<>(Map.of("host", host.host(), "vg", group.name())), room);
      }
    }
  }

  private void nextStep(SortedMap<String, String> labels, double room) {
    var metric = "lumeo_vg_extension_step_bytes";
    var others =
        seen.stream()
            .filter(any -> any.metric().equals(metric) && any.labels().equals(labels))
            .toList();
    seen.removeAll(others);
    var largest = others.stream().mapToDouble(Observation::value).reduce(room, Math::max);
    seen.add(Observation.of(metric, labels, largest));
  }

  /// How soon each pool is full at the rate of the last minutes: its data or its metadata,
  /// whichever is first.
  private void bursts(Inventory inventory) {
    var burns = Monitors.burns(host);
    for (var pool : inventory.pools()) {
      if (pool.kind() != Pool.Kind.VOLUME_GROUP) {
        var soonest =
            burns.entrySet().stream()
                .filter(burn -> burn.getKey().uuid().equals(pool.uuid()))
                .map(Map.Entry::getValue)
                .map(FastBurn::toFull)
                .filter(Objects::nonNull)
                .mapToDouble(HostObservations::seconds)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
        see("thin_pool_burn_time_to_full_seconds", Names.labels(inventory, pool), soonest);
      }
    }
  }

  /// A date that something averts is none: that the pool is full as it is now, while it is extended
  /// before.
  private void dates(Inventory inventory, HostOutlook foreseen) {
    for (var date : foreseen.dates()) {
      var pool =
          inventory.pools().stream().filter(any -> any.uuid().equals(date.uuid())).findFirst();
      var resource = resource(date.what());
      if (pool.isPresent()
          && pool.get().kind() != Pool.Kind.VOLUME_GROUP
          && resource != null
          && !date.averted()) {
        var labels = Names.labels(inventory, pool.get());
        labels.put("resource", resource);
        timesToFull(date, labels);
      }
    }
  }

  private static @Nullable String resource(Full what) {
    return switch (what) {
      case DATA -> "data";
      case DATA_WITH_GROUP -> "with_vg";
      case METADATA -> "metadata";
      case FILE_SYSTEM, SNAPSHOT_STORE -> null;
    };
  }

  private void timesToFull(FullDate date, SortedMap<String, String> labels) {
    quantile(labels, "0.1", date.when().early());
    quantile(labels, "0.5", date.when().likely());
    quantile(labels, "0.9", date.when().late());
  }

  private void quantile(SortedMap<String, String> labels, String quantile, @Nullable Instant at) {
    var all = new TreeMap<>(labels);
    all.put("quantile", quantile);
    var seconds =
        at == null ? Double.POSITIVE_INFINITY : Math.max(0, seconds(Duration.between(now, at)));
    see("thin_pool_time_to_full_seconds", all, seconds);
  }

  private void loads(Inventory inventory) {
    for (var volume : inventory.volumes()) {
      var loads = host.loads().get(volume.uuid());
      if (loads == null || loads.isEmpty()) {
        continue;
      }
      var labels = Names.labels(inventory, volume);
      var last = loads.getLast().rates();
      see("volume_iops", labels, last.iops());
      var latency = last.latencySeconds();
      if (latency != null) {
        see("volume_latency_seconds", labels, latency);
      }
      var usual = baselines.usual(host.host(), volume.uuid(), now);
      if (usual != null) {
        see("volume_iops_drop_ratio", labels, IOPS.missingShare(loads, usual, now));
      }
    }
  }

  private void troubles(Inventory inventory) {
    var labels = Map.of("host", host.host());
    var unfinished =
        troubles.stream().filter(any -> any.kind() == Trouble.Kind.PLAN_UNFINISHED).count();
    see("unfinished_plans", labels, (double) unfinished);
    for (var trouble : troubles) {
      switch (trouble.kind()) {
        case EXTENSION_FAILED ->
            seen.add(
                Observation.of(
                        "lumeo_extension_failed",
                        Map.of("host", host.host(), "target", trouble.object()),
                        1)
                    .because(trouble.reason()));
        case AUTOEXTEND_MISCONFIGURED ->
            ofPools(inventory, trouble, "thin_pool_autoextend_misconfigured");
        case SELF_EXTENSION_BEYOND_LIMIT ->
            ofPools(inventory, trouble, "thin_pool_extension_over_limit");
        case GROUP_CANNOT_EXTEND,
            CLEAN_UP_FAILED,
            PLAN_UNFINISHED,
            SNAPSHOT_FAILED,
            RECORD_FAILED -> {}
      }
    }
  }

  private void ofPools(Inventory inventory, Trouble trouble, String metric) {
    inventory.pools().stream()
        .filter(pool -> isAbout(trouble.object(), Names.of(inventory, pool)))
        .forEach(pool ->
            seen.add(
                Observation.of("lumeo_" + metric, Names.labels(inventory, pool), 1)
                    .because(trouble.reason())));
  }

  /// `vg0/pool0`, or a part of it: `vg0/pool0 metadata`.
  private static boolean isAbout(String object, String name) {
    return object.equals(name) || object.startsWith(name + " ");
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private void see(String metric, Map<String, String> labels, double value) {
    seen.add(Observation.of("lumeo_" + metric, labels, value));
  }
}
