package io.lumeo.agent.watch;

import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Usage;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How full everything of one system is, as values of series: a pure reading.
final class UsageValues {
  private final Inventory inventory;
  private final Map<String, UsageSample> fresher;
  private final Map<SeriesKey, Double> values = new HashMap<>();

  private UsageValues(Inventory inventory, List<UsageSample> fresher) {
    this.inventory = inventory;
    this.fresher =
        fresher.stream()
            .collect(Collectors.toMap(UsageSample::uuid, Function.identity(), (a, b) -> b));
  }

  /// @param fresher what was seen since the inventory; it wins
  static Map<SeriesKey, Double> of(Inventory inventory, List<UsageSample> fresher) {
    var reading = new UsageValues(inventory, fresher);
    for (var pool : inventory.pools()) {
      var fresh = reading.fresher.get(pool.uuid());
      reading.data(pool.uuid(), fresh == null || fresh.data() == null ? pool.data() : fresh.data());
      reading.metadata(
          pool.uuid(),
          fresh == null || fresh.metadata() == null ? pool.metadata() : fresh.metadata());
    }
    inventory.volumes().forEach(reading::volume);
    return Map.copyOf(reading.values);
  }

  /// A snapshot that is lost fills no more: what it says is not how it filled.
  private void volume(Volume volume) {
    var fresh = fresher.get(volume.uuid());
    var health = fresh == null ? volume.health() : fresh.health();
    switch (health.state()) {
      case OK, UNKNOWN, DEGRADED, OUT_OF_SPACE, READ_ONLY ->
          data(volume.uuid(), fresh == null || fresh.data() == null ? volume.data() : fresh.data());
      case INVALID, FAILED -> {}
    }
    var fileSystem = volume.fileSystem();
    if (fileSystem != null) {
      see(volume.uuid(), Measure.FILE_SYSTEM_USED, Measure.FILE_SYSTEM_SIZE, fileSystem.usage());
    }
  }

  private void data(String uuid, @Nullable Usage usage) {
    see(uuid, Measure.DATA_USED, Measure.DATA_SIZE, usage);
  }

  private void metadata(String uuid, @Nullable Usage usage) {
    see(uuid, Measure.METADATA_USED, Measure.METADATA_SIZE, usage);
  }

  private void see(String uuid, Measure used, Measure size, @Nullable Usage usage) {
    if (usage != null) {
      values.put(new SeriesKey(inventory.system(), uuid, used), (double) usage.usedBytes());
      values.put(new SeriesKey(inventory.system(), uuid, size), (double) usage.sizeBytes());
    }
  }
}
