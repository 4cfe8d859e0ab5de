package io.lumeo.thin;

import static io.lumeo.thin.MetadataImage.BITMAP_ROOT;
import static io.lumeo.thin.MetadataImage.DATA_MAP;
import static io.lumeo.thin.MetadataImage.METADATA_MAP;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.testing.SeededTest;
import io.lumeo.testing.ThinTools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Metadata that the tools wrote is ours to use, and what we dump is theirs to restore.
class RestoredMetadataTest {
  private static final long METADATA_BYTES = 2L << 20;

  /// A dump spells out what was shared, so what is restored from it is larger.
  private static final long RESTORED_BYTES = 16L << 20;

  private static final long BLOCK_BYTES = 64 << 10;
  private static final PoolOptions OPTIONS = PoolOptions.DEFAULT.withZeroNewBlocks(false);

  /// Device 1 and its snapshots 2 and 3 share what `<def>` says.
  private static final String SHARED =
      """
      <superblock uuid="" time="2" transaction="3" version="2" data_block_size="128" nr_data_blocks="1000">
        <def name="26">
          <range_mapping origin_begin="0" data_begin="0" length="300" time="0"/>
          <single_mapping origin_block="400" data_block="777" time="1"/>
        </def>
        <device dev_id="1" mapped_blocks="302" transaction="0" creation_time="0" snap_time="2">
          <ref name="26"/>
          <single_mapping origin_block="500" data_block="900" time="2"/>
        </device>
        <device dev_id="2" mapped_blocks="301" transaction="1" creation_time="1" snap_time="1">
          <ref name="26"/>
        </device>
        <device dev_id="3" mapped_blocks="301" transaction="2" creation_time="2" snap_time="2">
          <ref name="26"/>
        </device>
      </superblock>
      """;

  @TempDir private Path folder;
  private Path metadata;
  private Path xml;

  @BeforeEach
  void names() {
    metadata = folder.resolve("metadata");
    xml = folder.resolve("dump.xml");
  }

  private void restore(String dump, Path target) throws IOException {
    Files.writeString(xml, dump);
    Files.write(target, new byte[(int) RESTORED_BYTES]);
    ThinTools.restore(xml, target);
  }

  private static void assertSound(Path metadata) throws IOException {
    ThinTools.expectClean(metadata);
    try (var device = FileDevice.open(metadata, FileDevice.Access.READ_ONLY)) {
      PoolModelTest.assertSound(device);
    }
  }

  /// Writes to a shared block of a device, to a hole, makes a snapshot, deletes a device.
  private static void use(Path metadata, int changed, int deleted) throws IOException {
    try (var device = FileDevice.open(metadata, FileDevice.Access.READ_WRITE);
        var data = new ForgetfulDevice(100_000 * BLOCK_BYTES);
        var pool = Pool.open(device, data, OPTIONS, new SimulatedPoolClock())) {
      try (var thin = pool.openDevice(new ThinId(changed), 1000 * BLOCK_BYTES, false, null)) {
        thin.write(7 * BLOCK_BYTES, MemorySegment.ofArray(new byte[512]));
        thin.write(999 * BLOCK_BYTES, MemorySegment.ofArray(new byte[512]));
      }
      pool.createSnapshot(new ThinId(4_000_000), new ThinId(changed));
      pool.delete(new ThinId(deleted));
    }
  }

  @Test
  void restoredSharedMappingsAreOpenedUsedAndStaySound() throws IOException {
    restore(SHARED, metadata);
    assertSound(metadata);
    assertThat(ThinDump.parse(ThinDump.ours(metadata))).isEqualTo(ThinDump.parse(SHARED));

    use(metadata, 2, 1);

    assertSound(metadata);
    var after = ThinDump.parse(ThinDump.ours(metadata));
    assertThat(after).isEqualTo(ThinDump.parse(ThinTools.dump(metadata)));
    assertThat(after.devices()).containsOnlyKeys(2, 3, 4_000_000);
    assertThat(after.devices().get(3).mappings())
        .isEqualTo(ThinDump.parse(SHARED).devices().get(3).mappings());
    long unshared = after.devices().get(2).mappings().get(7L);
    assertThat(Mapping.dataBlock(unshared)).isNotEqualTo(7);
    assertThat(Mapping.time(unshared)).isEqualTo(2);
  }

  @SeededTest(seeds = 3)
  void ourDumpIsRestoredToTheSameContent(Random random) throws IOException {
    var restored = folder.resolve("restored");
    history(random);
    var dump = ThinDump.ours(metadata);

    restore(dump, restored);

    assertSound(restored);
    assertThat(ThinDump.ours(restored)).as("dump-restore-dump-is-idempotent").isEqualTo(dump);
    assertThat(ThinDump.ours(metadata)).as("dump-is-idempotent").isEqualTo(dump);
    var ids = ThinDump.parse(dump).devices().keySet().stream().toList();
    use(restored, ids.getFirst(), ids.getLast());
    assertSound(restored);
  }

  @SeededTest(seeds = 3)
  void repairedMetadataIsAccepted(Random random) throws IOException {
    var repaired = folder.resolve("repaired");
    history(random);
    Files.write(repaired, new byte[(int) RESTORED_BYTES]);

    ThinTools.tool("thin_repair").run("-i", metadata, "-o", repaired).expectSuccess();

    assertSound(repaired);
    assertThat(ThinDump.ours(repaired)).isEqualTo(ThinDump.ours(metadata));
    var ids = ThinDump.parse(ThinDump.ours(repaired)).devices().keySet().stream().toList();
    use(repaired, ids.getFirst(), ids.getLast());
    assertSound(repaired);
  }

  /// Leaves a random pool in the metadata file.
  private void history(Random random) throws IOException {
    try (var device = new MemoryDevice(METADATA_BYTES)) {
      var model = new SharingModel(random, device, new ForgetfulDevice(3000 * BLOCK_BYTES));
      model.keepFirstBlocks();
      for (int commit = 0; commit < 12; commit++) {
        model.nextCommit();
      }
      model.close();
      FormatTest.save(device, metadata);
    }
  }

  @Test
  void aDumpTellsTheNeedForACheckAndTheMetadataSnapshot() throws IOException {
    restore(SHARED, metadata);
    var image = MetadataImage.of(metadata);
    image.setU32(0, MetadataImage.FLAGS, 1);
    image.save(metadata);

    assertThat(ThinDump.ours(metadata)).contains(" flags=\"1\"");
    assertThat(ThinDump.parse(ThinDump.ours(metadata))).isEqualTo(ThinDump.parse(SHARED));
    restore(ThinDump.ours(metadata), folder.resolve("again"));
  }

  /// The kernel copies an uninitialised buffer into the superblock; whatever is there means
  /// nothing.
  @Test
  void garbageBehindTheSpaceMapRootsIsIgnored() throws IOException {
    restore(SHARED, metadata);
    var image = MetadataImage.of(metadata);
    image.fill(0, DATA_MAP + 32, 96, (byte) 0xa7);
    image.fill(0, METADATA_MAP + 32, 96, (byte) 0x7a);
    image.save(metadata);

    assertSound(metadata);
    use(metadata, 1, 3);

    assertSound(metadata);
    var after = MetadataImage.of(metadata);
    assertThat(after.u64(0, DATA_MAP + 32)).as("written as zeroes").isZero();
    assertThat(after.u64(0, METADATA_MAP + 120)).isZero();
  }

  /// thin-provisioning-tools 0.9.0 counts the free entries of the last bitmap only as far as there
  /// are blocks, where the kernel counts all of the bitmap's.
  @Test
  void freeCountsThatEndWithTheBlocksAreAccepted() throws IOException {
    restore(SHARED, metadata);
    var image = MetadataImage.of(metadata);
    long index = image.u64(0, METADATA_MAP + BITMAP_ROOT);
    image.setU32(index, 24, image.u32(index, 24) - (16320 - (int) image.blocks()));
    long leaf = image.firstLeaf(image.u64(0, DATA_MAP + BITMAP_ROOT));
    long free = image.value(leaf, 0, 16) + 8;
    image.setU32(leaf, free, image.u32(leaf, free) - (16320 - 1000));
    image.save(metadata);

    assertSound(metadata);
    try (var device = FileDevice.open(metadata, FileDevice.Access.READ_WRITE);
        var data = new ForgetfulDevice(100_000 * BLOCK_BYTES);
        var pool = Pool.open(device, data, OPTIONS, new SimulatedPoolClock())) {
      assertThat(pool.status().dataUsedBlocks()).isEqualTo(302);
      pool.extendData(2000 * BLOCK_BYTES);
      assertThat(pool.status().dataUsedBlocks()).isEqualTo(302);
      try (var thin = pool.openDevice(new ThinId(1), 3000 * BLOCK_BYTES, false, null)) {
        for (long block = 1000; block < 2698; block++) {
          thin.write(block * BLOCK_BYTES, MemorySegment.ofArray(new byte[512]));
        }
      }
      assertThat(pool.status().dataUsedBlocks()).as("all found").isEqualTo(2000);
    }
    assertSound(metadata);
  }
}
