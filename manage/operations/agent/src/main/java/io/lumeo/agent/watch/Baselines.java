package io.lumeo.agent.watch;

import io.lumeo.agent.Duty;
import io.lumeo.forecasts.Baseline;
import io.lumeo.forecasts.Baseline.Usual;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Sample;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// How many operations are usual for each volume at each hour of the week: learnt once a day from
/// what was measured. Safe for use by several threads, of which one at a time performs.
final class Baselines implements Duty {
  private static final Duration EVERY = Duration.ofDays(1);
  private static final Duration SOON = Duration.ofMinutes(10);

  /// As far back as quarters of an hour are read at once.
  private static final Duration HISTORY = Duration.ofDays(20);

  private static final int VOLUMES_AT_ONCE = 50;

  private final Monitors monitors;
  private final Samples samples;
  private final ZoneId zone;
  private final Map<String, Map<String, Baseline>> learnt = new ConcurrentHashMap<>();
  private final Map<String, Instant> learntAt = new ConcurrentHashMap<>();

  /// @param zone whose hours people work by
  Baselines(Monitors monitors, Samples samples, ZoneId zone) {
    this.monitors = monitors;
    this.samples = samples;
    this.zone = zone;
  }

  @Override
  public String name() {
    return "baselines";
  }

  @Override
  public Instant perform(Instant now) {
    for (var host : monitors.watched()) {
      var inventory = host.inventory();
      if (inventory != null && isDue(host.host(), now)) {
        var volumes = inventory.volumes().stream().map(Volume::uuid).toList();
        learnt.put(host.host(), learn(inventory.system(), volumes, now));
        learntAt.put(host.host(), now);
      }
    }
    var names = monitors.watched().stream().map(Watched::host).toList();
    learnt.keySet().retainAll(names);
    learntAt.keySet().retainAll(names);
    return now.plus(SOON);
  }

  private boolean isDue(String host, Instant now) {
    var last = learntAt.get(host);
    return last == null || last.isAfter(now) || !last.plus(EVERY).isAfter(now);
  }

  private Map<String, Baseline> learn(String system, List<String> volumes, Instant now) {
    var baselines = new HashMap<String, Baseline>();
    for (var first = 0; first < volumes.size(); first += VOLUMES_AT_ONCE) {
      var some = volumes.subList(first, Math.min(volumes.size(), first + VOLUMES_AT_ONCE));
      var keys = new ArrayList<SeriesKey>();
      for (var uuid : some) {
        keys.add(new SeriesKey(system, uuid, Measure.READ_IOPS));
        keys.add(new SeriesKey(system, uuid, Measure.WRITE_IOPS));
      }
      var histories = samples.histories(keys, now.minus(HISTORY), now);
      for (var uuid : some) {
        var iops =
            sum(
                histories.getOrDefault(new SeriesKey(system, uuid, Measure.READ_IOPS), List.of()),
                histories.getOrDefault(new SeriesKey(system, uuid, Measure.WRITE_IOPS), List.of()));
        if (!iops.isEmpty()) {
          baselines.put(uuid, Baseline.learn(iops, zone));
        }
      }
    }
    return baselines;
  }

  /// Both are measured at the same moments.
  private static List<Sample> sum(List<Sample> reads, List<Sample> writes) {
    var sums = new TreeMap<Instant, Double>();
    reads.forEach(sample -> sums.merge(sample.at(), sample.value(), Double::sum));
    writes.forEach(sample -> sums.merge(sample.at(), sample.value(), Double::sum));
    return sums.entrySet().stream()
        .map(entry -> new Sample(entry.getKey(), entry.getValue()))
        .toList();
  }

  /// What is usual for a volume at a moment; null when too little is known.
  @Nullable Usual usual(String host, String uuid, Instant at) {
    var baseline = learnt.getOrDefault(host, Map.of()).get(uuid);
    return baseline == null ? null : baseline.at(at);
  }
}
