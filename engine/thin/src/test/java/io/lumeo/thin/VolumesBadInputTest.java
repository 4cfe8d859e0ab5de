package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.FileDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that are missing, foreign, short, damaged or in use: one clear line, the right kind of
/// failure, and nothing changed on disk.
class VolumesBadInputTest {
  private static final long BLOCK = 64 << 10;
  private static final long MIB = 1 << 20;
  private static final PoolOptions READ_ONLY = PoolOptions.DEFAULT.withReadOnly(true);

  @TempDir(factory = InMemory.class)
  private Path folder;

  private PoolFiles files;

  @BeforeEach
  void create() throws IOException {
    files = PoolFiles.in(folder);
    try (var volumes = Volumes.create(files, format(8 * MIB, MIB))) {
      volumes.createVolume("v", 4 * MIB, Set.of(), null, null);
      try (var device = volumes.open("v")) {
        device.write(0, MemorySegment.ofArray(new byte[(int) MIB]).fill((byte) 1));
      }
      volumes.createSnapshot("s", "v", Set.of("t"));
    }
  }

  private static Volumes.Format format(long dataBytes, long metadataBytes) {
    return new Volumes.Format(BLOCK, dataBytes, metadataBytes, PoolOptions.DEFAULT);
  }

  @Test
  void noMoreMetadataIsMadeThanTheFormatCanAddress() {
    assertThat(Volumes.metadataBytes(format(8 * MIB, 7L << 60), 0))
        .isEqualTo(Volumes.maxMetadataBytes())
        .isEqualTo(255L * 16_320 * 4096);
  }

  /// Every file of the folder with what is in it.
  private static Map<String, Integer> content(Path folder) throws IOException {
    var content = new TreeMap<String, Integer>();
    try (var paths = Files.walk(folder)) {
      for (var path : paths.filter(Files::isRegularFile).toList()) {
        content.put(path.toString(), Arrays.hashCode(Files.readAllBytes(path)));
      }
    }
    return content;
  }

  private void assertRefused(Class<? extends StorageException> type, String word)
      throws IOException {
    assertRefused(type, word, null);
    assertRefused(type, word, READ_ONLY);
  }

  private void assertRefused(
      Class<? extends StorageException> type, String word, PoolOptions options) throws IOException {
    var before = content(folder);
    assertThatThrownBy(() -> Volumes.open(files, options))
        .isInstanceOf(type)
        .hasMessageContaining(word)
        .message()
        .doesNotContain("\n");
    assertThat(content(folder)).isEqualTo(before);
  }

  private void changeMetadata(int offset, int value) throws IOException {
    var image = MetadataImage.of(files.metadata());
    image.setU32(0, offset, value);
    image.save(files.metadata());
  }

  private static void truncate(Path file, long length) throws IOException {
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(length);
    }
  }

  @Test
  void missingFiles() throws IOException {
    Files.move(files.data(), folder.resolve("elsewhere"));
    assertRefused(StorageException.NotFound.class, "pool.data");
    Files.move(files.metadata(), files.data());
    assertRefused(StorageException.NotFound.class, "pool.meta");
    assertThatThrownBy(() -> Volumes.check(files, Progress.NONE))
        .isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> Volumes.dump(files, new StringBuilder(), Progress.NONE))
        .isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> Volumes.clearNeedsCheck(files))
        .isInstanceOf(StorageException.NotFound.class);
  }

  @Test
  void aDirectoryWhereAFileBelongs() throws IOException {
    Files.delete(files.metadata());
    Files.createDirectory(files.metadata());

    assertRefused(StorageException.InvalidArgument.class, "pool.meta");
  }

  @Test
  void emptyShortAndCutMetadata() throws IOException {
    truncate(files.metadata(), MIB / 2);
    assertRefused(StorageException.Damaged.class, "cut short");
    truncate(files.metadata(), 100);
    assertRefused(StorageException.Damaged.class, "100 bytes");
    truncate(files.metadata(), 0);
    assertRefused(StorageException.Damaged.class, "0 bytes");
  }

  @Test
  void foreignAndEmptyMetadata() throws IOException {
    Files.write(files.metadata(), new byte[(int) MIB]);
    assertRefused(StorageException.Damaged.class, "not formatted");
    Files.writeString(files.metadata(), "#!/bin/sh\n".repeat(1000));
    assertRefused(StorageException.Damaged.class, "not thin-pool metadata");
  }

  @Test
  void theDataWhereTheMetadataBelongs() throws IOException {
    var swapped = new PoolFiles(files.data(), files.metadata(), folder.resolve("none"));

    assertThatThrownBy(() -> Volumes.open(swapped, null))
        .isInstanceOf(StorageException.Damaged.class);
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void aDamagedSuperblock() throws IOException {
    var bytes = Files.readAllBytes(files.metadata());
    bytes[0x30] ^= 1;
    Files.write(files.metadata(), bytes);

    assertRefused(StorageException.Damaged.class, "checksum");
  }

  @Test
  void otherVersionsAndUnknownFeatures() throws IOException {
    changeMetadata(MetadataImage.VERSION, 1);
    assertRefused(StorageException.Unsupported.class, "version 1");
    changeMetadata(MetadataImage.VERSION, 3);
    assertRefused(StorageException.Unsupported.class, "version 3");
    changeMetadata(MetadataImage.VERSION, 2);
    changeMetadata(MetadataImage.INCOMPAT_FLAGS, 0x10);
    assertRefused(StorageException.Unsupported.class, "0x10");
    changeMetadata(MetadataImage.INCOMPAT_FLAGS, 0);
    changeMetadata(MetadataImage.COMPAT_RO_FLAGS, 0x20);
    assertRefused(StorageException.Unsupported.class, "only be opened read-only", null);
    try (var volumes = Volumes.open(files, READ_ONLY)) {
      assertThat(volumes.list()).hasSize(2);
    }
    changeMetadata(MetadataImage.COMPAT_RO_FLAGS, 0);
    changeMetadata(MetadataImage.DATA_BLOCK_SIZE, 100);
    assertRefused(StorageException.Damaged.class, "100 sectors");
  }

  @Test
  void aShortDataFile() throws IOException {
    truncate(files.data(), 8 * MIB - 1);

    assertRefused(StorageException.Damaged.class, "cut short");
  }

  @Test
  void aForeignCatalogue() throws IOException {
    Files.writeString(files.catalogue(), "my list of volumes\n");

    assertRefused(StorageException.Damaged.class, "not a Lumeo catalogue");
    Files.delete(files.catalogue());
    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.list()).extracting(Volume::name).containsExactly("thin-0", "thin-1");
      assertThat(volumes.get("thin-0").sizeBytes()).isEqualTo(MIB);
    }
  }

  @Test
  void aSecondOpener() throws IOException {
    try (var first = Volumes.open(files, null)) {
      var pid = Long.toString(ProcessHandle.current().pid());
      assertRefused(StorageException.Busy.class, pid);
      assertThatThrownBy(() -> Volumes.check(files, Progress.NONE))
          .isInstanceOf(StorageException.Busy.class);
      assertThatThrownBy(() -> Volumes.dump(files, new StringBuilder(), Progress.NONE))
          .isInstanceOf(StorageException.Busy.class);
      assertThatThrownBy(() -> Volumes.clearNeedsCheck(files))
          .isInstanceOf(StorageException.Busy.class);
      assertThat(first.list()).hasSize(2);
    }
    var same = PoolFiles.of(files.metadata(), files.metadata());
    assertThatThrownBy(() -> Volumes.open(same, null)).isInstanceOf(StorageException.Busy.class);
    Volumes.open(files, null).close();
  }

  /// Each of the two files is locked: another pool's metadata beside this data changes nothing.
  @Test
  void dataThatAnotherPoolHasOpenIsNotTaken() throws IOException {
    var other = PoolFiles.in(Files.createDirectory(folder.resolve("other")));
    Volumes.create(other, format(8 * MIB, MIB)).close();
    var mixed = new PoolFiles(other.metadata(), files.data(), other.catalogue());
    var fresh = PoolFiles.of(folder.resolve("fresh.meta"), files.data());

    try (var first = Volumes.open(files, null)) {
      var before = content(folder);
      assertBusyData(() -> Volumes.open(mixed, null).close());
      assertBusyData(() -> Volumes.open(mixed, READ_ONLY).close());
      assertBusyData(() -> Volumes.create(fresh, format(8 * MIB, MIB)).close());
      assertThat(content(folder)).isEqualTo(before);
      assertThat(first.list()).hasSize(2);
    }
    Volumes.open(other, null).close();
  }

  private static void assertBusyData(Step step) {
    assertThatThrownBy(step::run)
        .isInstanceOf(StorageException.Busy.class)
        .hasMessageContaining("pool.data is in use")
        .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
  }

  @Test
  void openingAndClosingWritesNothing() throws IOException {
    var before = content(folder);

    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.list()).hasSize(2);
      volumes.usage("s", Progress.NONE);
      try (var device = volumes.open("v")) {
        device.read(0, MemorySegment.ofArray(new byte[512]));
      }
    }
    Volumes.check(files, Progress.NONE);
    Volumes.dump(files, new StringBuilder(), Progress.NONE);

    assertThat(content(folder)).isEqualTo(before);
  }

  @Test
  void aPoolOpenedReadOnlyRefusesEveryChangeAndWritesNothing() throws IOException {
    Files.delete(files.catalogue());
    var before = content(folder);

    try (var volumes = Volumes.open(files, READ_ONLY)) {
      assertReadOnly(() -> volumes.createVolume("w", MIB, Set.of(), null, null));
      assertReadOnly(() -> volumes.createSnapshot("t", "thin-0", Set.of()));
      assertReadOnly(() -> volumes.createClone("t", "thin-0", Set.of()));
      assertReadOnly(() -> volumes.delete("thin-0", Progress.NONE));
      assertReadOnly(() -> volumes.rename("thin-0", "w"));
      assertReadOnly(() -> volumes.setTags("thin-0", Set.of()));
      assertReadOnly(() -> volumes.setQuota("thin-0", 1L));
      assertReadOnly(() -> volumes.resize("thin-0", 512));
      assertReadOnly(() -> volumes.rollback("thin-0", "thin-1"));
      assertReadOnly(() -> volumes.setOptions(PoolOptions.DEFAULT.withErrorIfNoSpace(true)));
      volumes.setOptions(PoolOptions.DEFAULT); // as they are: nothing is written
      assertReadOnly(() -> volumes.extendData(100 * MIB));
      assertReadOnly(() -> volumes.extendMetadata(100 * MIB));
      assertReadOnly(() -> volumes.message("create_snap 7 0"));
      assertReadOnly(() -> volumes.message("delete 0"));
      try (var device = volumes.open("thin-0")) {
        assertReadOnly(() -> device.write(0, MemorySegment.ofArray(new byte[512])));
      }
    }

    assertThat(content(folder)).isEqualTo(before);
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void assertReadOnly(Step step) {
    assertThatThrownBy(step::run).isInstanceOf(StorageException.ReadOnly.class);
  }

  @Test
  void aPoolThatNeedsACheckKeepsItsCatalogue() throws IOException {
    changeMetadata(MetadataImage.FLAGS, 1);
    var old = folder.resolve("old");
    try (var metadata = FileDevice.open(files.metadata(), FileDevice.Access.READ_ONLY)) {
      assertThat(metadata.sizeBytes()).isEqualTo(MIB);
    }
    // As if the last commit had been lost: the metadata of an empty pool.
    Files.copy(files.metadata(), old);
    try (var empty = new MemoryDevice(MIB);
        var data = new MemoryDevice(8 * MIB)) {
      Pool.format(empty, data, BLOCK);
      FormatTest.save(empty, files.metadata());
    }
    changeMetadata(MetadataImage.FLAGS, 1);
    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.status().mode()).isEqualTo(PoolMode.READ_ONLY);
      assertThat(volumes.list()).isEmpty();
    }
    Files.move(old, files.metadata(), StandardCopyOption.REPLACE_EXISTING);

    assertThat(Volumes.check(files, Progress.NONE).needsCheck()).isTrue();
    Volumes.clearNeedsCheck(files);

    assertThat(Volumes.check(files, Progress.NONE).needsCheck()).isFalse();
    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.list()).extracting(Volume::name).containsExactly("v", "s");
      volumes.delete("s", Progress.NONE);
    }
  }

  // Creating

  @Test
  void aPoolIsNotMadeOverAnother() throws IOException {
    var before = content(folder);
    assertThatThrownBy(() -> Volumes.create(files, format(100 * MIB, 2 * MIB)))
        .isInstanceOf(StorageException.AlreadyExists.class)
        .hasMessageContaining("pool.catalogue");
    assertThat(content(folder)).isEqualTo(before);

    Files.delete(files.catalogue());
    before = content(folder);
    assertThatThrownBy(() -> Volumes.create(files, format(100 * MIB, 2 * MIB)))
        .isInstanceOf(StorageException.AlreadyExists.class)
        .hasMessageContaining("pool.meta");
    assertThat(content(folder)).as("not even grown").isEqualTo(before);
    assertThat(Files.size(files.data())).isEqualTo(8 * MIB);
  }

  @Test
  void aPoolThatCannotBeMadeLeavesNothing() throws IOException {
    var empty = Files.createDirectory(folder.resolve("empty"));
    var there = PoolFiles.in(empty);
    for (long block : new long[] {0, -1, 512, 32 << 10, (64 << 10) + 512, 96 << 10, 2L << 30}) {
      assertThatThrownBy(
              () -> Volumes.create(there, new Volumes.Format(block, MIB, MIB, PoolOptions.DEFAULT)))
          .as("block of " + block)
          .isInstanceOf(StorageException.InvalidArgument.class);
    }
    for (var format :
        new Volumes.Format[] {
          format(0, MIB),
          format(-1, MIB),
          format(BLOCK - 1, MIB),
          format(MIB, 4096 * 63),
          format(MIB, -1)
        }) {
      assertThatThrownBy(() -> Volumes.create(there, format))
          .as(format.toString())
          .isInstanceOf(StorageException.InvalidArgument.class);
    }
    assertThat(empty).isEmptyDirectory();
    assertThatThrownBy(
            () -> Volumes.create(PoolFiles.in(folder.resolve("missing")), format(MIB, MIB)))
        .isInstanceOf(StorageException.NotFound.class);
  }

  @Test
  void aPoolIsMadeOnFilesThatAreThere() throws IOException {
    var other = Files.createDirectory(folder.resolve("other"));
    var there = PoolFiles.of(other.resolve("m"), other.resolve("d"));
    Files.write(there.metadata(), new byte[(int) MIB]);
    Files.write(there.data(), new byte[(int) (5 * MIB)]);

    try (var volumes =
        Volumes.create(there, new Volumes.Format(BLOCK, 0, 0, PoolOptions.DEFAULT))) {
      assertThat(volumes.status().dataTotalBytes()).isEqualTo(5 * MIB);
      assertThat(volumes.status().metadataTotalBytes()).isEqualTo(MIB);
    }
    assertThat(other.toFile().list()).containsExactlyInAnyOrder("m", "d", "m.catalogue");
  }

  @Test
  void theMetadataIsAsLargeAsTheDataWillNeed() throws IOException {
    var other = Files.createDirectory(folder.resolve("other"));
    var options = PoolOptions.DEFAULT.withAutoExtension(new AutoExtension(MIB, (1L << 20) * BLOCK));
    try (var volumes =
        Volumes.create(PoolFiles.in(other), new Volumes.Format(BLOCK, 8 * MIB, 0, options))) {
      assertThat(volumes.status().metadataTotalBytes()).isEqualTo(64 * MIB);
      assertThat(volumes.options()).isEqualTo(options);
    }
  }

  // Crashes between the two files

  /// The catalogue is cut at every byte, as the machine can stop while it is written; the metadata
  /// is that of before the batch, or of after it.
  @Test
  void aBatchIsThereWholeOrNotAtAllWhereverTheMachineStopped() throws IOException {
    var before = Files.readAllBytes(files.metadata());
    long begin = Files.size(files.catalogue());
    try (var volumes = Volumes.open(files, null)) {
      volumes.createSnapshots(
          java.util.List.of(
              new Volumes.SnapshotRequest("a", "v", Set.of()),
              new Volumes.SnapshotRequest("b", "s", Set.of()),
              new Volumes.SnapshotRequest("c", "v", Set.of())));
    }
    var after = Files.readAllBytes(files.metadata());
    var catalogue = Files.readAllBytes(files.catalogue());
    for (int length = (int) begin; length <= catalogue.length; length++) {
      Files.write(files.metadata(), before);
      Files.write(files.catalogue(), Arrays.copyOf(catalogue, length));
      try (var volumes = Volumes.open(files, null)) {
        assertThat(volumes.list()).extracting(Volume::name).containsExactly("v", "s");
        assertThat(volumes.createVolume("a", MIB, Set.of(), null, null).name()).isEqualTo("a");
      }
    }
    Files.write(files.metadata(), after);
    Files.write(files.catalogue(), catalogue);
    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.list()).extracting(Volume::name).containsExactly("v", "s", "a", "b", "c");
    }
  }

  @Test
  void aDeletionThatWasCommittedIsOneThoughItsEntryIsThere() throws IOException {
    var catalogue = Files.readAllBytes(files.catalogue());
    try (var volumes = Volumes.open(files, null)) {
      volumes.delete("v", Progress.NONE);
    }
    Files.write(files.catalogue(), catalogue);

    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.list()).extracting(Volume::name).containsExactly("s");
      assertThat(volumes.get("s").origin()).isEqualTo("v");
    }
  }
}
