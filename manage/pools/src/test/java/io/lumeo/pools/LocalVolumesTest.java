package io.lumeo.pools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.thin.AutoExtension;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Progress;
import io.lumeo.thin.Volume;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A pool that is open in this process, asked as from outside.
class LocalVolumesTest {
  private static final long BLOCK = 64 << 10;
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  private Volumes volumes;
  private LocalVolumes pool;

  @BeforeEach
  void make() throws IOException {
    var format = new Volumes.Format(BLOCK, 16 * MIB, 2 * MIB, PoolOptions.DEFAULT);
    volumes = Volumes.create(PoolFiles.in(folder), format);
    pool = new LocalVolumes(volumes, Serving.NOBODY);
    pool.create(VolumeRequest.empty("v", MIB));
  }

  @AfterEach
  void close() throws IOException {
    pool.close();
  }

  private static PoolChange extension(@Nullable Long step, @Nullable Long maximum) {
    return new PoolChange(null, null, null, null, null, null, null, null, step, maximum);
  }

  @Test
  void theKernelsWordsAreTakenAndGiven() throws IOException {
    pool.message("create_thin 7");
    assertThat(pool.get("thin-7").kind()).isEqualTo(Volume.Kind.VOLUME);
    assertThat(pool.status().statusLine()).startsWith("0 32768 thin-pool 0 ");
    assertThat(pool.exports()).isEmpty();
  }

  @Test
  void whatAVolumeAloneHasIsCountedWhenItIsShown() throws IOException {
    try (var device = volumes.open("v")) {
      device.write(0, MemorySegment.ofArray(new byte[(int) (2 * BLOCK)]).fill((byte) 1));
    }
    pool.snapshot(List.of(new SnapshotRequest("s", "v", List.of())));
    try (var device = volumes.open("v")) {
      device.write(0, MemorySegment.ofArray(new byte[(int) BLOCK]).fill((byte) 2));
    }
    var shown = pool.show("v", Progress.NONE);
    assertThat(shown.mappedBytes()).isEqualTo(2 * BLOCK);
    assertThat(shown.exclusiveBytes()).isEqualTo(BLOCK);
    assertThat(shown.sharedBytes()).isEqualTo(BLOCK);
    assertThat(shown.snapshotTime()).isEqualTo(1);
    assertThat(pool.get("v").exclusiveBytes()).isNull();
  }

  @Test
  void aCloneTakesAQuotaAndGivesItBack() throws IOException {
    var clone = pool.create(new VolumeRequest("c", null, List.of("t"), 4 * BLOCK, null, "v"));
    assertThat(clone.quotaBytes()).isEqualTo(4 * BLOCK);
    assertThat(clone.tags()).containsExactly("t");
    var changed = pool.change("c", new VolumeChange(null, null, null, 0L));
    assertThat(changed.quotaBytes()).isNull();
  }

  @Test
  void aVolumeIsMadeSmallerWhileNobodyHasItOpen() throws IOException {
    assertThat(pool.change("v", VolumeChange.size(BLOCK)).sizeBytes()).isEqualTo(BLOCK);
    assertThatThrownBy(() -> pool.change("v", new VolumeChange("-x", null, null, null)))
        .isInstanceOf(StorageException.InvalidArgument.class);
  }

  @Test
  void aNameThatCannotBeGivenIsRefusedBeforeAnythingIsChanged() throws IOException {
    assertThatThrownBy(() -> pool.change("v", new VolumeChange("thin-5", BLOCK, null, null)))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining("thin-5");
    assertThat(pool.get("v").sizeBytes()).isEqualTo(MIB);

    pool.message("create_thin 5");
    assertThat(pool.change("thin-5", new VolumeChange("thin-5", MIB, null, null)).sizeBytes())
        .isEqualTo(MIB);
  }

  @Test
  void aRequestIsForAnEmptyVolumeOrForAClone() {
    assertThatThrownBy(() -> new VolumeRequest("x", null, List.of(), null, null, null))
        .hasMessageContaining("give either");
    assertThatThrownBy(() -> new VolumeRequest("x", null, List.of(), null, "/dev/x", "v"))
        .hasMessageContaining("leave it out");
  }

  @Test
  void allThatAPoolIsToldIsKept() throws IOException {
    var before = pool.pool().sequence();
    var changed =
        pool.changePool(
            new PoolChange(
                32 * MIB,
                4 * MIB,
                BLOCK + 1,
                DiscardMode.NO_PASSDOWN,
                false,
                false,
                true,
                5L,
                MIB,
                64 * MIB));
    assertThat(changed.dataSizeBytes()).isEqualTo(32 * MIB);
    assertThat(changed.metadataSizeBytes()).isEqualTo(4 * MIB);
    assertThat(changed.lowWaterBytes()).isEqualTo(2 * BLOCK);
    assertThat(changed.sequence()).isGreaterThan(before);
    assertThat(volumes.keptOptions())
        .isEqualTo(
            PoolOptions.DEFAULT
                .withLowWaterBlocks(2)
                .withDiscard(DiscardMode.NO_PASSDOWN)
                .withZeroNewBlocks(false)
                .withErrorIfNoSpace(true)
                .withNoSpaceTimeout(Duration.ofSeconds(5))
                .withAutoExtension(new AutoExtension(MIB, 64 * MIB)));
    assertThat(PoolChange.extension(null, null).isEmpty()).isTrue();
  }

  @Test
  void messagesMoveThePoolOnTooAndNothingMovesItBack() throws IOException {
    var messages =
        List.of(
            "create_thin 40",
            "create_snap 41 40",
            "set_transaction_id 0 9",
            "set_transaction_id 9 0",
            "delete 40",
            "create_thin 40",
            "delete 40");
    long before = pool.pool().sequence();
    for (var message : messages) {
      pool.message(message);
      long after = pool.pool().sequence();
      if (message.startsWith("set_")) {
        assertThat(after).as(message).isEqualTo(before);
      } else {
        assertThat(after).as(message).isGreaterThan(before);
      }
      before = after;
    }
  }

  @Test
  void growingByItselfNeedsAStepAndAMaximum() throws IOException {
    for (var incomplete : List.of(extension(MIB, null), extension(null, 64 * MIB))) {
      assertThatThrownBy(() -> pool.changePool(incomplete))
          .isInstanceOf(StorageException.InvalidArgument.class)
          .hasMessageContaining("give both");
    }
    pool.changePool(extension(MIB, 64 * MIB));
    assertThat(pool.changePool(extension(2 * MIB, null)).autoExtendMaximumBytes())
        .isEqualTo(64 * MIB);
    assertThat(pool.changePool(extension(null, 32 * MIB)).autoExtendStepBytes()).isEqualTo(2 * MIB);
    assertThat(pool.changePool(extension(0L, null)).autoExtendStepBytes()).isNull();
    assertThatThrownBy(() ->
            pool.changePool(
                new PoolChange(null, null, -1L, null, null, null, null, null, null, null)))
        .isInstanceOf(StorageException.InvalidArgument.class);
  }

  @Test
  void aVolumeOfOthersIsListedByItsNumber() throws IOException {
    pool.message("create_thin 3");
    assertThat(pool.list()).extracting(VolumeView::name).containsExactly("thin-3", "v");
    volumes.setTags("v", Set.of("b", "a"));
    assertThat(pool.get("v").tags()).containsExactly("a", "b");
  }
}
