package io.lumeo.agent.watch;

import io.lumeo.agent.Look;
import io.lumeo.forecasts.DiskCounters;
import io.lumeo.forecasts.DiskRates;
import io.lumeo.forecasts.Load;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Poll;
import io.lumeo.forecasts.Sample;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Turns the looks at one host into what is measured: usage, and rates between two readings of the
/// kernel's counters. Remembers the last minutes of what rules and bursts are seen by.
///
/// Safe for use by several threads, of which one at a time looks.
final class HostMonitor {
  /// As far back as rules on bursts and performance look, and a little.
  static final Duration REMEMBERED = Duration.ofMinutes(12);

  private final DiskCounting disks;
  private final Map<SeriesKey, Deque<Sample>> used = new HashMap<>();
  private final Map<String, Deque<Load>> loads = new HashMap<>();
  private Map<String, DiskCounters> counters = Map.of();
  private Instant countedAt = Instant.EPOCH;
  private List<UsageSample> usage = List.of();
  private @Nullable Inventory inventory;
  private volatile @Nullable Watched watched;

  HostMonitor(DiskCounting disks) {
    this.disks = disks;
  }

  /// All that is known now; null before the first look.
  @Nullable Watched watched() {
    return watched;
  }

  /// Takes a look at the host, and says what was measured by it.
  synchronized Poll note(Look look) {
    return switch (look) {
      case Look.Seen seen -> note(seen);
      case Look.Missed missed -> {
        inventory = missed.last() == null ? inventory : missed.last();
        publish(missed, "");
        yield new Poll(missed.at(), Map.of());
      }
    };
  }

  private Poll note(Look.Seen seen) {
    inventory = seen.inventory();
    usage = seen.usage();
    var values = new HashMap<>(UsageValues.of(seen.inventory(), seen.usage()));
    remember(values, seen.inventory(), seen.at());
    var problem = "";
    try {
      values.putAll(rates(seen));
    } catch (StorageFailure e) {
      // The rest of the look is as good without: the sentence goes into the report.
      problem = String.valueOf(e.getMessage());
      loads.clear();
      counters = Map.of();
    }
    publish(seen, problem);
    return new Poll(seen.at(), values);
  }

  /// What can be full suddenly: pools, and the stores of classic snapshots.
  private static Set<String> filling(Inventory inventory) {
    var uuids = new HashSet<String>();
    inventory.pools().forEach(pool -> uuids.add(pool.uuid()));
    inventory.volumes().stream()
        .filter(volume -> volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT)
        .forEach(volume -> uuids.add(volume.uuid()));
    return uuids;
  }

  /// Of what was measured, how full these are.
  static Map<SeriesKey, Double> fills(Map<SeriesKey, Double> values, Inventory inventory) {
    var filling = filling(inventory);
    var fills = new HashMap<SeriesKey, Double>();
    values.forEach((key, value) -> {
      var isUse = key.measure() == Measure.DATA_USED || key.measure() == Measure.METADATA_USED;
      if (isUse && filling.contains(key.uuid())) {
        fills.put(key, value);
      }
    });
    return fills;
  }

  private void remember(Map<SeriesKey, Double> values, Inventory inventory, Instant now) {
    used.keySet().retainAll(values.keySet());
    fills(values, inventory)
        .forEach((key, value) ->
            used.computeIfAbsent(key, any -> new ArrayDeque<>()).add(new Sample(now, value)));
    used.values().forEach(samples -> samples.removeIf(sample -> isOld(sample.at(), now)));
  }

  /// Old, or of a clock that was set back since.
  private static boolean isOld(Instant at, Instant now) {
    return at.isAfter(now) || !at.isAfter(now.minus(REMEMBERED));
  }

  private Map<SeriesKey, Double> rates(Look.Seen seen) throws StorageFailure {
    var now = disks.read(seen.host(), seen.inventory().takenAt());
    var elapsed = Duration.between(countedAt, seen.at());
    var system = seen.inventory().system();
    var values = new HashMap<SeriesKey, Double>();
    now.forEach((uuid, later) -> {
      var earlier = counters.get(uuid);
      if (earlier != null) {
        DiskRates.between(earlier, later, elapsed)
            .ifPresent(rates -> {
              loads
                  .computeIfAbsent(uuid, any -> new ArrayDeque<>())
                  .add(new Load(seen.at(), rates));
              values.putAll(values(system, uuid, rates));
            });
      }
    });
    counters = Map.copyOf(now);
    countedAt = seen.at();
    loads.keySet().retainAll(now.keySet());
    loads.values().forEach(each -> each.removeIf(load -> isOld(load.at(), seen.at())));
    return values;
  }

  private static Map<SeriesKey, Double> values(String system, String uuid, DiskRates rates) {
    var values = new HashMap<SeriesKey, Double>();
    values.put(new SeriesKey(system, uuid, Measure.READ_RATE), rates.readBytesPerSecond());
    values.put(new SeriesKey(system, uuid, Measure.WRITE_RATE), rates.writeBytesPerSecond());
    values.put(new SeriesKey(system, uuid, Measure.READ_IOPS), rates.readIops());
    values.put(new SeriesKey(system, uuid, Measure.WRITE_IOPS), rates.writeIops());
    values.put(new SeriesKey(system, uuid, Measure.QUEUE_DEPTH), rates.queueDepth());
    var reading = rates.readLatencySeconds();
    if (reading != null) {
      values.put(new SeriesKey(system, uuid, Measure.READ_LATENCY), reading);
    }
    var writing = rates.writeLatencySeconds();
    if (writing != null) {
      values.put(new SeriesKey(system, uuid, Measure.WRITE_LATENCY), writing);
    }
    return values;
  }

  private void publish(Look look, String problem) {
    watched =
        new Watched(
            look,
            inventory,
            usage,
            used.entrySet().stream()
                .collect(
                    Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> List.copyOf(entry.getValue()))),
            loads.entrySet().stream()
                .collect(
                    Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> List.copyOf(entry.getValue()))),
            problem);
  }
}
