package io.lumeo.agent.runs;

import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An inventory with the figures of a later poll in place of its own.
public final class Fresher {
  private Fresher() {}

  public static Inventory of(Inventory inventory, List<UsageSample> usage) {
    var samples = new HashMap<String, UsageSample>();
    usage.forEach(sample -> samples.put(sample.uuid(), sample));
    return new Inventory(
        inventory.system(),
        inventory.takenAt(),
        inventory.pools().stream().map(pool -> pool(pool, samples)).toList(),
        inventory.volumes().stream().map(volume -> volume(volume, samples)).toList(),
        inventory.devices(),
        inventory.warnings());
  }

  private static Pool pool(Pool pool, Map<String, UsageSample> samples) {
    var sample = samples.get(pool.uuid());
    return sample == null
        ? pool
        : new Pool(
            pool.uuid(),
            pool.name(),
            pool.kind(),
            pool.parent(),
            either(sample.data(), pool.data()),
            orElse(sample.metadata(), pool.metadata()),
            pool.unitBytes(),
            pool.sequence(),
            pool.selfExtension(),
            pool.tags(),
            sample.health(),
            pool.capabilities());
  }

  private static Volume volume(Volume volume, Map<String, UsageSample> samples) {
    var sample = samples.get(volume.uuid());
    return sample == null
        ? volume
        : new Volume(
            volume.uuid(),
            volume.name(),
            volume.pool(),
            volume.kind(),
            volume.sizeBytes(),
            volume.path(),
            orElse(sample.data(), volume.data()),
            volume.origin(),
            volume.createdAt(),
            volume.tags(),
            volume.active(),
            volume.open(),
            volume.readOnly(),
            volume.fileSystem(),
            sample.health(),
            volume.capabilities());
  }

  private static <T> T either(@Nullable T fresh, T old) {
    return fresh == null ? old : fresh;
  }

  private static <T> @Nullable T orElse(@Nullable T fresh, @Nullable T old) {
    return fresh == null ? old : fresh;
  }
}
