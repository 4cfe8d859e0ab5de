package io.lumeo.agent.watch;

import io.lumeo.agent.Look;
import io.lumeo.agent.Watcher;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.MonitorSettings;
import io.lumeo.forecasts.FastBurn;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Measures every host at each of its polls, and keeps what was measured. Safe for use by several
/// threads.
final class Monitors implements Watcher {
  private static final Map<Measure, Measure> USED_OF =
      Map.of(Measure.DATA_SIZE, Measure.DATA_USED, Measure.METADATA_SIZE, Measure.METADATA_USED);

  private final Samples samples;
  private final DiskCounting disks;
  private final Map<String, HostMonitor> hosts = new ConcurrentHashMap<>();

  Monitors(Samples samples, DiskCounting disks) {
    this.samples = samples;
    this.disks = disks;
  }

  /// Forgets hosts that are not configured any more.
  void retain(Configuration configuration) {
    hosts.keySet().retainAll(configuration.hosts().stream().map(HostSettings::name).toList());
  }

  @Override
  public void look(Look look) {
    var poll = hosts.computeIfAbsent(look.host().name(), any -> new HostMonitor(disks)).note(look);
    if (!poll.values().isEmpty()) {
      samples.add(poll);
    }
  }

  /// What is known of each host that was looked at, by name.
  List<Watched> watched() {
    return hosts.values().stream()
        .map(HostMonitor::watched)
        .filter(Objects::nonNull)
        .sorted(Comparator.comparing(Watched::host))
        .toList();
  }

  Optional<Watched> watched(String host) {
    var monitor = hosts.get(host);
    return monitor == null ? Optional.empty() : Optional.ofNullable(monitor.watched());
  }

  /// How fast everything that can be full suddenly fills now.
  static Map<SeriesKey, FastBurn> burns(Watched host) {
    var inventory = host.inventory();
    if (inventory == null) {
      return Map.of();
    }
    var limits = limits(inventory, host);
    var burns = new HashMap<SeriesKey, FastBurn>();
    host.used()
        .forEach((key, recent) -> {
          var limit = limits.get(key);
          if (limit != null) {
            burns.put(key, FastBurn.of(recent, limit, now(host)));
          }
        });
    return burns;
  }

  private static Instant now(Watched host) {
    return host.look().at();
  }

  private static Map<SeriesKey, Double> limits(Inventory inventory, Watched host) {
    var sizes = UsageValues.of(inventory, host.usage());
    var limits = new HashMap<SeriesKey, Double>();
    sizes.forEach((key, size) -> {
      var used = USED_OF.get(key.measure());
      if (used != null) {
        limits.put(new SeriesKey(key.system(), key.uuid(), used), size);
      }
    });
    return limits;
  }

  /// The limits of a volume: of the first entry that selects it, and for what that leaves out, of
  /// all.
  static Limits limits(MonitorSettings settings, Inventory inventory, Volume volume) {
    var pools = Names.pools(inventory, volume);
    var own =
        settings.limits().stream()
            .filter(limits ->
                limits.volumes().stream()
                    .anyMatch(selector ->
                        selector.matches(inventory.system(), pools, volume.name(), volume.tags())))
            .findFirst();
    return new Limits(
        own.flatMap(MonitorSettings.Limits::iopsDropPercent).orElse(settings.iopsDropPercent()),
        own.flatMap(MonitorSettings.Limits::latency).orElse(settings.latency()));
  }

  /// How slow a volume may be.
  record Limits(int iopsDropPercent, Duration latency) {}
}
