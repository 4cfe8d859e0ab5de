package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file system under a pool is full: what needs space says so, nothing breaks, and with space
/// everything goes on. The file system is a tmpfs of 1 MiB, which only root can mount.
class FullDiskTest {
  private static final long BLOCK = 64 << 10;
  private static final long MIB = 1 << 20;

  @TempDir private Path folder;
  private PoolFiles files;

  @BeforeEach
  void mount() {
    Tool.named("mount").run("-t", "tmpfs", "-o", "size=1m", "lumeo-test", folder).expectSuccess();
    files = PoolFiles.in(folder);
  }

  @AfterEach
  void unmount() {
    Tool.named("umount").run(folder).expectSuccess();
  }

  private static Volumes.Format format(long metadataBytes) {
    return new Volumes.Format(BLOCK, 64 * MIB, metadataBytes, PoolOptions.DEFAULT);
  }

  @Test
  void aPoolThatDoesNotFitIsNotMade() {
    assertThatThrownBy(() -> Volumes.create(files, format(2 * MIB)))
        .isInstanceOf(StorageException.OutOfSpace.class);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFullDiskFailsWhatNeedsSpaceAndBreaksNothing() throws IOException {
    var ballast = folder.resolve("ballast");
    try (var volumes = Volumes.create(files, format(64 * 4096))) {
      volumes.createVolume("v", 32 * MIB, Set.of(), null, null);
      Files.write(ballast, new byte[(int) (4 * BLOCK)]);
      try (var device = volumes.open("v")) {
        long mapped = fill(device);
        assertThat(mapped).isGreaterThan(2);
        device.flush();
        assertThat(volumes.details().get("v").mappedBlocks()).isEqualTo(mapped);
        long made = fillCatalogue(volumes);
        assertThat(volumes.status().mode()).isEqualTo(PoolMode.WRITE);
        assertThat(volumes.list()).hasSize((int) made + 1);

        Files.delete(ballast);
        device.write(mapped * BLOCK, MemorySegment.ofArray(new byte[(int) BLOCK]));
        volumes.createVolume("fits", MIB, Set.of(), null, null);
      }
    }
    assertThat(Volumes.check(files, Progress.NONE).problems()).isEmpty();
    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.get("fits").sizeBytes()).isEqualTo(MIB);
      for (var volume : volumes.list()) {
        volumes.delete(volume.name(), Progress.NONE);
      }
    }
  }

  @Test
  void aShrinkThatCannotBeRecordedLeavesOpenHandlesAsLargeAsTheyWere() throws IOException {
    try (var volumes = Volumes.create(files, format(64 * 4096))) {
      volumes.createVolume("data", 32 * MIB, Set.of(), null, null);
      var name = "v".repeat(127);
      volumes.createVolume(name, MIB, Set.of(), null, null);
      try (var filler = volumes.open("data");
          var device = volumes.open(name)) {
        fill(filler);
        fillCatalogue(volumes);

        assertThatThrownBy(() -> volumes.resize(name, BLOCK))
            .isInstanceOf(StorageException.OutOfSpace.class)
            .hasMessageContaining("pool.catalogue");

        assertThat(volumes.get(name).sizeBytes()).isEqualTo(MIB);
        assertThat(device.sizeBytes()).isEqualTo(MIB);
      }
    }
  }

  /// Returns how many blocks were written before there was no space.
  private static long fill(ThinDevice device) {
    for (long block = 0; ; block++) {
      long offset = block * BLOCK;
      try {
        device.write(offset, MemorySegment.ofArray(new byte[(int) BLOCK]).fill((byte) 1));
      } catch (StorageException.OutOfSpace full) {
        return block;
      } catch (IOException other) {
        throw new AssertionError("a full disk must be told as one", other);
      }
    }
  }

  /// Returns how many volumes were made before the catalogue had no space.
  private static int fillCatalogue(Volumes volumes) throws IOException {
    for (int made = 0; ; made++) {
      try {
        volumes.createVolume("%03d".formatted(made) + "n".repeat(120), MIB, Set.of(), null, null);
      } catch (StorageException.OutOfSpace full) {
        assertThat(full).hasMessageContaining("pool.catalogue").hasMessageContaining("full");
        return made;
      }
    }
  }
}
