package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import io.lumeo.testing.ManyVolumes;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class ManyVolumesTest {
  private static final int COUNT = 10_000;

  @Test
  void tenThousandVolumesAreReadAndToldApart() throws StorageFailure {
    var host = new ManyVolumes(COUNT);
    var state = new LvmReader(host, InstantSource.system()).read();
    var inventory = InventoryMapping.of("many", state);
    assertThat(inventory.volumes()).hasSize(COUNT);
    assertThat(inventory.pools()).hasSize(100 + 10);
    assertThat(new HashSet<>(inventory.volumes().stream().map(Volume::uuid).toList()))
        .hasSize(COUNT);
    assertThat(inventory.volumes()).filteredOn(Volume::isSnapshot).hasSize(3300);
    assertThat(inventory.volumes()).allMatch(volume -> volume.health().isOk());
    assertThat(inventory.volumes())
        .allMatch(volume -> volume.data() != null && volume.data().usedBytes() == 8865792L * 512);
    assertThat(inventory.pools())
        .filteredOn(pool -> pool.kind() == Pool.Kind.THIN_POOL)
        .allMatch(pool -> pool.data().usedBytes() == 700_000L * 65536);
    assertThat(state.warnings()).isEmpty();
    assertThat(new UsageReader(host).usage(state)).hasSize(COUNT + 100);
  }

  /// In processor time, which does not depend on what else the machine does; once warm, as an agent
  /// is that looks every few seconds.
  @Test
  void itTakesUnderASecondOfOurOwnTime() throws StorageFailure {
    var host = new ManyVolumes(COUNT);
    for (int round = 0; round < 2; round++) {
      digest(host);
    }
    var threads = ManagementFactory.getThreadMXBean();
    long began = threads.getCurrentThreadCpuTime();
    assertThat(digest(host).volumes()).hasSize(COUNT);
    assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - began))
        .isLessThan(Duration.ofSeconds(1));
  }

  private static Inventory digest(ManyVolumes host) throws StorageFailure {
    return InventoryMapping.of("many", new LvmReader(host, InstantSource.system()).read());
  }
}
