package io.lumeo.pools;

import io.lumeo.storage.Capability;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import io.lumeo.thin.DiscardMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A Lumeo pool in the words of the model.
final class PoolInventory {
  private static final int LEAST_THRESHOLD = 50;
  private static final int LARGEST_THRESHOLD = 99;

  private final PoolState state;

  private PoolInventory(PoolState state) {
    this.state = state;
  }

  static Inventory of(String system, PoolState state) {
    var mapping = new PoolInventory(state);
    return new Inventory(
        system,
        state.takenAt(),
        List.of(mapping.pool()),
        state.volumes().stream().map(mapping::volume).toList(),
        List.of(),
        List.of());
  }

  /// How full the pool is, then each of its volumes.
  static List<UsageSample> usage(PoolState state) {
    var mapping = new PoolInventory(state);
    var pool = state.pool();
    var samples = new ArrayList<UsageSample>();
    samples.add(
        new UsageSample(pool.uuid(), data(pool), metadata(pool), PoolCondition.health(pool)));
    for (var volume : state.volumes()) {
      samples.add(new UsageSample(volume.uuid(), data(volume), null, mapping.health()));
    }
    return samples;
  }

  private Pool pool() {
    var pool = state.pool();
    return new Pool(
        pool.uuid(),
        pool.name(),
        Pool.Kind.LUMEO_POOL,
        null,
        data(pool),
        metadata(pool),
        pool.dataBlockSizeBytes(),
        pool.sequence(),
        selfExtension(pool),
        new TreeSet<>(),
        PoolCondition.health(pool),
        capabilities());
  }

  private static Usage data(PoolView pool) {
    return usage(pool.dataSizeBytes(), pool.dataUsedBytes());
  }

  private static Usage metadata(PoolView pool) {
    return usage(pool.metadataSizeBytes(), pool.metadataUsedBytes());
  }

  private static Usage usage(long sizeBytes, long usedBytes) {
    return new Usage(sizeBytes, Math.clamp(usedBytes, 0, sizeBytes));
  }

  /// The pool that grows is watched by the very process that fills it.
  private static Pool.@Nullable SelfExtension selfExtension(PoolView pool) {
    var step = pool.autoExtendStepBytes();
    if (step == null) {
      return null;
    }
    int free = percent(pool.lowWaterBytes(), pool.dataSizeBytes());
    return new Pool.SelfExtension(
        Math.clamp(100L - free, LEAST_THRESHOLD, LARGEST_THRESHOLD),
        Math.max(1, percent(step, pool.dataSizeBytes())),
        true,
        pool.autoExtendMaximumBytes());
  }

  private static int percent(long part, long whole) {
    return whole == 0 ? 0 : (int) Math.round(100.0 * part / whole);
  }

  private Set<Capability> capabilities() {
    if (!PoolCondition.canBeChanged(state.pool())) {
      return Set.of();
    }
    var can =
        EnumSet.of(
            Capability.THIN_SNAPSHOT,
            Capability.EXTEND_DATA,
            Capability.EXTEND_METADATA,
            Capability.EXTENDS_ITSELF);
    if (state.pool().discard() != DiscardMode.IGNORE) {
      can.add(Capability.TRIM);
    }
    return can;
  }

  private Volume volume(VolumeView volume) {
    return new Volume(
        volume.uuid(),
        volume.name(),
        state.pool().uuid(),
        volume.isSnapshot() ? Volume.Kind.THIN_SNAPSHOT : Volume.Kind.THIN,
        volume.sizeBytes(),
        null,
        data(volume),
        state.origin(volume),
        volume.createdAt(),
        new TreeSet<>(volume.tags()),
        true,
        !state.clients(volume).isEmpty(),
        volume.isSnapshot(),
        null,
        health(),
        capabilities(volume));
  }

  private static Usage data(VolumeView volume) {
    return usage(volume.sizeBytes(), volume.mappedBytes());
  }

  private Health health() {
    var pool = PoolCondition.health(state.pool());
    return pool.state() == Health.State.FAILED ? pool : Health.ok();
  }

  private Set<Capability> capabilities(VolumeView volume) {
    if (!PoolCondition.canBeChanged(state.pool())) {
      return Set.of();
    }
    var can = EnumSet.of(Capability.THIN_SNAPSHOT, Capability.CLONE);
    if (!volume.isSnapshot()) {
      can.add(Capability.EXTEND_ONLINE);
      can.add(Capability.TRIM);
    } else if (state.origin(volume) != null) {
      can.add(Capability.ROLL_BACK);
    }
    if (volume.tags().contains(OwnTags.MANAGED)) {
      can.add(Capability.TRASH);
    }
    return can;
  }
}
