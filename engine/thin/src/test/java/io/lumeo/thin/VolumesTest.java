package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.FileDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.ThinTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Volumes, snapshots and clones by name, over real files.
class VolumesTest {
  private static final long BLOCK = 64 << 10;
  private static final long MIB = 1 << 20;

  @TempDir(factory = InMemory.class)
  private Path folder;

  private PoolFiles files;
  private Volumes volumes;
  private final SimulatedPoolClock clock = new SimulatedPoolClock();

  @BeforeEach
  void create() throws IOException {
    files = PoolFiles.in(folder);
    volumes = Volumes.create(files, format(), clock);
  }

  private static Volumes.Format format() {
    return new Volumes.Format(
        BLOCK, 64 * MIB, 4 * MIB, PoolOptions.DEFAULT.withErrorIfNoSpace(true));
  }

  @AfterEach
  void closeAndCheck() throws IOException {
    volumes.close();
    assertThat(Volumes.check(files, Progress.NONE).problems()).isEmpty();
    ThinTools.expectClean(files.metadata());
  }

  private void reopen() throws IOException {
    volumes.close();
    volumes = Volumes.open(files, null, clock);
  }

  private Volume volume(String name, long sizeBytes) throws IOException {
    return volumes.createVolume(name, sizeBytes, Set.of(), null, null);
  }

  private Volume snapshot(String name, String origin) throws IOException {
    return volumes.createSnapshot(name, origin, Set.of());
  }

  private void write(String name, long offset, long length, int value) throws IOException {
    try (var device = volumes.open(name)) {
      device.write(offset, filled(length, value));
      device.flush();
    }
  }

  private static MemorySegment filled(long length, int value) {
    return MemorySegment.ofArray(new byte[(int) length]).fill((byte) value);
  }

  private int byteAt(String name, long offset) throws IOException {
    try (var device = volumes.open(name)) {
      return byteAt(device, offset);
    }
  }

  private static int byteAt(BlockDevice device, long offset) throws IOException {
    var one = MemorySegment.ofArray(new byte[1]);
    device.read(offset, one);
    return one.get(ValueLayout.JAVA_BYTE, 0);
  }

  private long mappedBytes(String name) throws IOException {
    return volumes.details().get(name).mappedBlocks() * BLOCK;
  }

  private List<String> names() {
    return volumes.list().stream().map(Volume::name).toList();
  }

  /// The pool without names, as the kernel would use it.
  private interface Kernel {
    void use(Pool pool) throws IOException;
  }

  private void kernel(Kernel kernel) throws IOException {
    volumes.close();
    try (var metadata = FileDevice.open(files.metadata(), FileDevice.Access.READ_WRITE);
        var data = FileDevice.open(files.data(), FileDevice.Access.READ_WRITE);
        var pool = Pool.open(metadata, data, PoolOptions.DEFAULT, clock)) {
      kernel.use(pool);
    }
    volumes = Volumes.open(files, null, clock);
  }

  // Making and naming

  @Test
  void aVolumeKeepsEverythingSaidOfItWhenThePoolIsOpenedAgain() throws IOException {
    var made =
        volumes.createVolume("vol+0_a.b-c", 3 * MIB, Set.of("b", "a:x/y=1@z"), 5 * MIB, null);

    reopen();

    assertThat(volumes.list()).containsExactly(made);
    assertThat(volumes.get("vol+0_a.b-c")).isEqualTo(made);
    assertThat(made.createdAt()).isEqualTo(clock.now());
    assertThat(made.tags()).containsExactly("a:x/y=1@z", "b");
    assertThat(made.quotaBytes()).isEqualTo(5 * MIB);
    assertThat(made.isSnapshot()).isFalse();
    assertThat(made.origin()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-a",
        "a b",
        "a/b",
        ".",
        "..",
        "ä",
        "a\nb",
        "thin-0",
        "thin-16777215",
        "a:b",
        "\u0000"
      })
  void aWrongNameIsRefusedInOneLine(String name) throws IOException {
    volume("v", MIB);

    assertThatThrownBy(() -> volume(name, MIB))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .message()
        .doesNotContain("\n", "\u0000");
    assertThatThrownBy(() -> volumes.rename("v", name))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(() -> snapshot(name, "v"))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThat(names()).containsExactly("v");
  }

  @Test
  void namesHaveUpTo127Letters() throws IOException {
    volume("n".repeat(127), MIB);

    assertThatThrownBy(() -> volume("n".repeat(128), MIB))
        .isInstanceOf(StorageException.InvalidArgument.class);
    for (var name : List.of("0", "+", "_x", ".x", "...", "thin-x", "thin-00", "thin-")) {
      volume(name, MIB);
    }
    assertThat(names()).hasSize(9);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, -512, 511, 513, Long.MIN_VALUE})
  void aWrongSizeIsRefused(long sizeBytes) throws IOException {
    volume("v", MIB);

    assertThatThrownBy(() -> volume("w", sizeBytes))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining("multiple of 512");
    assertThatThrownBy(() -> volumes.resize("v", sizeBytes))
        .isInstanceOf(StorageException.InvalidArgument.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a,b", "a b", "ü", "\n"})
  void aWrongTagIsRefusedAndChangesNothing(String tag) throws IOException {
    volume("v", MIB);

    assertThatThrownBy(() -> volumes.createVolume("w", MIB, Set.of(tag), null, null))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(() -> volumes.createSnapshot("w", "v", Set.of(tag)))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(() -> volumes.setTags("v", Set.of("good", tag)))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThat(volumes.get("v").tags()).isEmpty();
    assertThat(volume("next", MIB).id()).isEqualTo(new ThinId(1));
  }

  @Test
  void whatIsNotThereIsNotFound() throws IOException {
    assertThatThrownBy(() -> volumes.get("x")).isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> volumes.open("x")).isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> snapshot("s", "x")).isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> volumes.resize("x", MIB))
        .isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> volumes.rename("x", "y"))
        .isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> volumes.setQuota("x", null))
        .isInstanceOf(StorageException.NotFound.class);
    assertThatThrownBy(() -> volumes.delete("x\u0007", Progress.NONE))
        .isInstanceOf(StorageException.NotFound.class)
        .hasMessageContaining("'x?'");
    assertThat(names()).isEmpty();
  }

  @Test
  void aNameIsGivenOnce() throws IOException {
    volume("v", MIB);
    volume("w", MIB);

    assertThatThrownBy(() -> volume("v", MIB)).isInstanceOf(StorageException.AlreadyExists.class);
    assertThatThrownBy(() -> volumes.rename("w", "v"))
        .isInstanceOf(StorageException.AlreadyExists.class);
    assertThatThrownBy(() -> snapshot("v", "w")).isInstanceOf(StorageException.AlreadyExists.class);
  }

  @Test
  void aRenamedVolumeStaysOpenAndIsTheOriginOfItsSnapshots() throws IOException {
    volume("v", MIB);
    snapshot("s", "v");
    snapshot("t", "s");
    try (var device = volumes.open("v")) {
      device.write(0, filled(512, 7));
      volumes.rename("v", "w");
      device.write(512, filled(512, 8));
    }

    reopen();

    assertThat(names()).containsExactly("w", "s", "t");
    assertThat(volumes.get("s").origin()).isEqualTo("w");
    assertThat(volumes.get("t").origin()).isEqualTo("s");
    assertThat(byteAt("w", 0)).isEqualTo(7);
    assertThat(byteAt("w", 512)).isEqualTo(8);
    assertThat(byteAt("s", 0)).isZero();
    assertThat(volume("v", MIB).name()).isEqualTo("v");
  }

  @Test
  void aNewNameIsNotForTheSnapshotsOfAnOlderVolumeThatHadTheName() throws IOException {
    volume("v", MIB);
    snapshot("older", "v");
    volumes.delete("v", Progress.NONE);
    volume("v", MIB);
    snapshot("younger", "v");

    volumes.rename("v", "w");
    reopen();

    assertThat(volumes.get("older").origin()).isEqualTo("v");
    assertThat(volumes.get("younger").origin()).isEqualTo("w");
  }

  @Test
  void aVolumeThatTookANameOverDoesNotTakeOverWhatWasMadeUnderIt() throws IOException {
    volume("old", MIB);
    volume("v", MIB);
    snapshot("s", "v");
    volumes.delete("v", Progress.NONE);

    volumes.rename("old", "v");
    reopen();
    snapshot("own", "v");
    volumes.rename("v", "x");

    assertThat(volumes.get("s").origin()).isEqualTo("v");
    assertThat(volumes.get("own").origin()).isEqualTo("x");
  }

  @Test
  void tagsAndQuotasAreChanged() throws IOException {
    volume("v", MIB);

    volumes.setTags("v", Set.of("x", "y"));
    volumes.setQuota("v", 128L << 10);
    reopen();

    assertThat(volumes.get("v").tags()).containsExactly("x", "y");
    assertThat(volumes.get("v").quotaBytes()).isEqualTo(128L << 10);
    volumes.setTags("v", Set.of());
    volumes.setQuota("v", null);
    reopen();
    assertThat(volumes.get("v").tags()).isEmpty();
    assertThat(volumes.get("v").quotaBytes()).isNull();
    assertThatThrownBy(() -> volumes.setQuota("v", -1L))
        .isInstanceOf(StorageException.InvalidArgument.class);
  }

  @Test
  void aQuotaLimitsWhatIsMappedAlsoWhileOpen() throws IOException {
    volumes.createVolume("v", MIB, Set.of(), 2 * BLOCK, null);
    try (var device = volumes.open("v")) {
      device.write(0, filled(2 * BLOCK, 1));
      assertThatThrownBy(() -> device.write(2 * BLOCK, filled(512, 1)))
          .isInstanceOf(StorageException.OutOfSpace.class)
          .hasMessageContaining("quota");
      device.write(0, filled(512, 2));

      volumes.setQuota("v", 3 * BLOCK);
      device.write(2 * BLOCK, filled(512, 1));
      volumes.setQuota("v", null);
      device.write(0, filled(MIB, 1));
    }
    assertThat(mappedBytes("v")).isEqualTo(MIB);
  }

  // Sizes

  @Test
  void aShrunkVolumeGivesBackItsEndAndGrowsWithZeroes() throws IOException {
    volume("v", MIB);
    write("v", 0, MIB, 5);
    snapshot("s", "v");
    try (var device = volumes.open("v")) {
      volumes.resize("v", 3 * BLOCK + 1024);
      assertThat(device.sizeBytes()).isEqualTo(3 * BLOCK + 1024);
      assertThatThrownBy(() -> device.read(3 * BLOCK + 1024, filled(1, 0)))
          .isInstanceOf(StorageException.OutOfRange.class);
      assertThat(mappedBytes("v")).isEqualTo(4 * BLOCK);

      volumes.resize("v", 2 * MIB);
      assertThat(device.sizeBytes()).isEqualTo(2 * MIB);
      assertThat(byteAt(device, 3 * BLOCK + 1023)).isEqualTo(5);
      assertThat(byteAt(device, 3 * BLOCK + 1024)).isZero();
      assertThat(byteAt(device, MIB - 1)).isZero();
      assertThat(byteAt(device, 2 * MIB - 1)).isZero();
    }
    reopen();
    assertThat(volumes.get("v").sizeBytes()).isEqualTo(2 * MIB);
    assertThat(byteAt("s", MIB - 1)).isEqualTo(5);
    assertThat(volumes.get("s").sizeBytes()).isEqualTo(MIB);
  }

  private interface Meanwhile {
    void run() throws IOException;
  }

  /// Runs it once, between the end of a shrink of a full pool's `v` to one block and its record:
  /// who hears that there is space is told so there.
  private void whileShrinking(Meanwhile meanwhile) throws IOException {
    volume("v", MIB);
    write("v", 0, MIB, 1);
    snapshot("same", "v");
    volumes.resize("v", 2 * MIB);
    write("v", MIB, MIB, 2);
    snapshot("large", "v");
    volumes.rollback("v", "same");
    volume("filler", 64 * MIB);
    write("v", 0, MIB, 3);
    assertThatThrownBy(() -> write("filler", 0, 64 * MIB, 4))
        .isInstanceOf(StorageException.OutOfSpace.class);
    var runs = new AtomicInteger();
    volumes.listen(event -> {
      if (event instanceof PoolEvent.ModeChanged && runs.getAndIncrement() == 0) {
        try {
          meanwhile.run();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    });
    try (var device = volumes.open("v")) {
      assertThatThrownBy(() -> volumes.resize("v", BLOCK))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageContaining("'v' was changed meanwhile");
      assertThat(runs).hasPositiveValue();
      assertThat(device.sizeBytes()).isEqualTo(volumes.get("v").sizeBytes());
    }
    reopen();
  }

  @Test
  void aRollbackWhileAVolumeShrinksKeepsItsSize() throws IOException {
    whileShrinking(() -> volumes.rollback("v", "large"));
    assertThat(volumes.get("v").sizeBytes()).isEqualTo(2 * MIB);
    assertThat(byteAt("v", 2 * MIB - 1)).isEqualTo(2);
  }

  @Test
  void aRollbackToTheOldSizeWhileAVolumeShrinksKeepsItToo() throws IOException {
    whileShrinking(() -> volumes.rollback("v", "same"));
    assertThat(volumes.get("v").sizeBytes()).isEqualTo(MIB);
    assertThat(byteAt("v", MIB - 1)).isEqualTo(1);
  }

  @Test
  void aVolumeThatIsMadeLargerWhileItShrinksStaysLarger() throws IOException {
    whileShrinking(() -> volumes.resize("v", 3 * MIB));
    assertThat(volumes.get("v").sizeBytes()).isEqualTo(3 * MIB);
    assertThat(byteAt("v", 0)).isEqualTo(3);
    assertThat(byteAt("v", MIB - 1)).isZero();
  }

  @Test
  void shrinkingGivesBackAlsoWhenDiscardsAreIgnored() throws IOException {
    volumes.setOptions(volumes.options().withDiscard(DiscardMode.IGNORE));
    volume("v", MIB);
    write("v", 0, MIB, 5);

    volumes.resize("v", BLOCK);

    assertThat(mappedBytes("v")).isEqualTo(BLOCK);
  }

  @Test
  void aSnapshotIsNotResizedNorRolledBackNorWritten() throws IOException {
    volume("v", MIB);
    snapshot("s", "v");

    assertThatThrownBy(() -> volumes.resize("s", 2 * MIB))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(() -> volumes.rollback("s", "v"))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(() -> volumes.rollback("v", "v"))
        .isInstanceOf(StorageException.InvalidArgument.class);
    assertThatThrownBy(() -> write("s", 0, 512, 1)).isInstanceOf(StorageException.ReadOnly.class);
    assertThatThrownBy(() -> volumes.trimZeroes("s", Progress.NONE))
        .isInstanceOf(StorageException.ReadOnly.class);
  }

  // Snapshots, clones, lineage

  @Test
  void aCloneOfASnapshotOfACloneKeepsItsMomentWhateverIsDeleted() throws IOException {
    volume("v", MIB);
    write("v", 0, 512, 1);
    snapshot("s1", "v");
    write("v", 0, 512, 2);
    volumes.createClone("c1", "s1", Set.of("clone"));
    write("c1", 512, 512, 3);
    snapshot("s2", "c1");
    volumes.createClone("c2", "s2", Set.of());
    write("c2", 1024, 512, 4);

    assertThat(volumes.get("c2").origin()).isEqualTo("s2");
    assertThat(volumes.get("c1").kind()).isEqualTo(Volume.Kind.CLONE);
    assertThat(volumes.get("s2").kind()).isEqualTo(Volume.Kind.SNAPSHOT);
    assertThat(volumes.get("c1").tags()).containsExactly("clone");
    for (var name : List.of("s1", "c1", "s2", "v")) {
      volumes.delete(name, Progress.NONE);
      reopen();
      assertThat(byteAt("c2", 0)).isEqualTo(1);
      assertThat(byteAt("c2", 512)).isEqualTo(3);
      assertThat(byteAt("c2", 1024)).isEqualTo(4);
    }
    assertThat(names()).containsExactly("c2");
    assertThat(volumes.get("c2").origin()).isEqualTo("s2");
    volumes.delete("c2", Progress.NONE);
    assertThat(volumes.status().dataUsedBlocks()).isZero();
  }

  @Test
  void deletingInAnyOrderLeavesNothing() throws IOException {
    for (int round = 0; round < 5; round++) {
      volume("v0", MIB);
      var all = new ArrayList<>(List.of("v0"));
      var random = new Random(round);
      for (int i = 1; i < 12; i++) {
        var origin = all.get(random.nextInt(all.size()));
        volumes.createClone("v" + i, origin, Set.of());
        write("v" + i, random.nextInt(16) * BLOCK, 512, i);
        all.add("v" + i);
      }
      Collections.shuffle(all, random);
      for (var name : all) {
        volumes.delete(name, Progress.NONE);
      }
      assertThat(volumes.status().dataUsedBlocks()).isZero();
      assertThat(volumes.list()).isEmpty();
    }
  }

  @Test
  void aBatchIsMadeAtOneMomentOrNotAtAll() throws IOException {
    volume("a", MIB);
    volume("b", MIB);
    long before = volumes.status().snapshotTime();

    var made =
        volumes.createSnapshots(
            List.of(
                new Volumes.SnapshotRequest("sa", "a", Set.of("t")),
                new Volumes.SnapshotRequest("sb", "b", Set.of())));

    assertThat(made).extracting(Volume::name).containsExactly("sa", "sb");
    assertThat(volumes.status().snapshotTime()).isEqualTo(before + 1);
    for (var wrong :
        List.of(
            new Volumes.SnapshotRequest("sa", "a", Set.of()),
            new Volumes.SnapshotRequest("sc", "missing", Set.of()),
            new Volumes.SnapshotRequest("-", "a", Set.of()),
            new Volumes.SnapshotRequest("sc", "a", Set.of("not a tag")),
            new Volumes.SnapshotRequest("sd", "b", Set.of()))) {
      assertThatThrownBy(() ->
              volumes.createSnapshots(
                  List.of(new Volumes.SnapshotRequest("sd", "a", Set.of()), wrong)))
          .isInstanceOf(StorageException.class);
    }
    assertThat(volumes.createSnapshots(List.of())).isEmpty();
    assertThat(names()).containsExactly("a", "b", "sa", "sb");
    assertThat(volumes.status().snapshotTime()).isEqualTo(before + 1);
    reopen();
    assertThat(names()).containsExactly("a", "b", "sa", "sb");
    assertThat(volumes.get("sa").tags()).containsExactly("t");
  }

  @Test
  void anOpenVolumeIsNotDeletedAndTheMessageNamesIt() throws IOException {
    volume("v", MIB);
    try (var device = volumes.open("v")) {
      assertThatThrownBy(() -> volumes.delete("v", Progress.NONE))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageContaining("'v'");
      assertThat(device.sizeBytes()).isEqualTo(MIB);
    }
    volumes.delete("v", Progress.NONE);
    assertThat(names()).isEmpty();
  }

  @Test
  void aDeletionCanBeStoppedBeforeItBegins() throws IOException {
    volume("v", MIB);

    assertThatThrownBy(() -> volumes.delete("v", (_, _) -> false)).isInstanceOf(IOException.class);

    assertThat(names()).containsExactly("v");
  }

  @Test
  void aRollbackChangesContentAndSizeUnderOpenHandles() throws IOException {
    volume("v", MIB);
    write("v", 0, MIB, 1);
    snapshot("small", "v");
    volumes.resize("v", 2 * MIB);
    write("v", 0, 2 * MIB, 2);
    snapshot("large", "v");
    try (var device = volumes.open("v")) {
      volumes.rollback("v", "small");
      assertThat(device.sizeBytes()).isEqualTo(MIB);
      assertThat(byteAt(device, MIB - 1)).isEqualTo(1);

      var after = volumes.rollback("v", "large");
      assertThat(after.sizeBytes()).isEqualTo(2 * MIB);
      assertThat(byteAt(device, 2 * MIB - 1)).isEqualTo(2);

      device.write(0, filled(512, 9));
    }
    reopen();
    assertThat(volumes.get("v").sizeBytes()).isEqualTo(2 * MIB);
    assertThat(byteAt("v", 0)).isEqualTo(9);
    assertThat(byteAt("large", 0)).isEqualTo(2);
    assertThat(byteAt("small", 0)).isEqualTo(1);
  }

  /// A listener that hears of the space is told so between the roll-back and its end.
  @Test
  void aRollbackChangesContentAndSizeAtOneMoment() throws IOException {
    volume("v", MIB);
    snapshot("small", "v");
    volume("other", MIB);
    volumes.resize("v", 64 * MIB);
    write("v", 0, 64 * MIB, 1);
    assertThatThrownBy(() -> write("other", 0, MIB, 1))
        .isInstanceOf(StorageException.OutOfSpace.class);
    var seen = new ArrayList<Long>();
    try (var device = volumes.open("v")) {
      volumes.listen(event -> {
        if (event instanceof PoolEvent.ModeChanged) {
          seen.add(device.sizeBytes());
        }
      });

      volumes.rollback("v", "small");
    }
    assertThat(seen).containsExactly(MIB);
  }

  @Test
  void aRollbackThatIsRefusedLeavesTheSizeAsItWas() throws IOException {
    volume("v", 2 * MIB);
    snapshot("large", "v");
    volumes.resize("v", MIB);
    volumes.close();
    SnapshotClockTest.setClock(files, Mapping.MAX_TIME);
    volumes = Volumes.open(files, null, clock);

    assertThatThrownBy(() -> volumes.rollback("v", "large"))
        .isInstanceOf(StorageException.Unsupported.class);

    assertThat(volumes.get("v").sizeBytes()).isEqualTo(MIB);
    reopen();
    assertThat(volumes.get("v").sizeBytes()).isEqualTo(MIB);
  }

  // Devices that others make

  @Test
  void devicesThatTheKernelMakesAndDeletesComeAndGo() throws IOException {
    volume("mine", MIB);
    volume("gone", MIB);
    write("mine", 0, 512, 1);

    kernel(pool -> {
      pool.delete(new ThinId(1));
      pool.createThin(new ThinId(77));
      pool.createSnapshot(new ThinId(5), new ThinId(0));
      try (var device = pool.openDevice(new ThinId(77), MIB, false, null)) {
        device.write(3 * BLOCK, filled(512, 7));
      }
    });

    assertThat(names()).containsExactly("mine", "thin-5", "thin-77");
    assertThat(volumes.get("thin-77").sizeBytes()).isEqualTo(4 * BLOCK);
    assertThat(volumes.get("thin-77").createdAt()).isNull();
    assertThat(byteAt("thin-77", 3 * BLOCK)).isEqualTo(7);
    assertThat(byteAt("thin-5", 0)).isEqualTo(1);
    assertThat(volume("next", MIB).id()).isEqualTo(new ThinId(78));

    volumes.rename("thin-77", "named");
    volumes.setTags("thin-5", Set.of("kept"));
    reopen();
    assertThat(names()).containsExactly("mine", "thin-5", "named", "next");
    assertThat(volumes.get("thin-5").tags()).containsExactly("kept");
    kernel(pool -> pool.delete(new ThinId(77)));
    assertThat(names()).containsExactly("mine", "thin-5", "next");
  }

  @Test
  void aDeviceWithAReusedNumberIsNotTakenForTheOldOne() throws IOException {
    volume("v", MIB);
    snapshot("s", "v");

    kernel(pool -> {
      pool.delete(new ThinId(0));
      pool.createThin(new ThinId(0));
    });

    assertThat(names()).containsExactly("thin-0", "s");
    assertThat(volumes.get("s").origin()).isEqualTo("v");
    reopen();
    assertThat(names()).containsExactly("thin-0", "s");
  }

  @Test
  void aForeignDeviceKeepsItsSizeOnceItWasOpened() throws IOException {
    kernel(pool -> {
      pool.createThin(new ThinId(3));
      try (var device = pool.openDevice(new ThinId(3), MIB, false, null)) {
        device.write(0, filled(MIB, 1));
      }
    });
    try (var device = volumes.open("thin-3")) {
      device.discard(BLOCK, MIB - BLOCK);
    }

    reopen();

    assertThat(volumes.get("thin-3").sizeBytes()).isEqualTo(MIB);
    kernel(pool -> {
      try (var device = pool.openDevice(new ThinId(3), 2 * MIB, false, null)) {
        device.write(2 * MIB - 512, filled(512, 1));
      }
    });
    assertThat(volumes.get("thin-3").sizeBytes()).as("grown by the kernel").isEqualTo(2 * MIB);
  }

  @Test
  void messagesMakeAndDeleteDevices() throws IOException {
    volume("v", MIB);
    write("v", 0, 512, 1);

    volumes.message("create_thin 7");
    volumes.message("create_snap 9 0");
    volumes.message("set_transaction_id 0 5");
    volumes.message("reserve_metadata_snap");

    assertThat(volumes.statusLine()).startsWith("5 ");
    assertThat(volumes.status().heldRoot()).isNotNull();
    volumes.message("release_metadata_snap");
    assertThat(names()).containsExactly("v", "thin-7", "thin-9");
    assertThat(volumes.get("thin-9").sizeBytes()).isEqualTo(MIB);
    assertThat(volumes.get("thin-9").origin()).isEqualTo("v");
    assertThat(byteAt("thin-9", 0)).isEqualTo(1);
    write("thin-9", 0, 512, 2);
    volumes.resize("thin-7", 2 * MIB);
    write("thin-7", MIB, 512, 3);
    reopen();
    assertThat(volumes.get("thin-7").sizeBytes()).isEqualTo(2 * MIB);
    assertThat(volumes.get("thin-9").sizeBytes()).isEqualTo(MIB);
    assertThatThrownBy(() -> volumes.message("create_thin 7"))
        .isInstanceOf(StorageException.AlreadyExists.class);
    assertThatThrownBy(() -> volumes.message("delete 8"))
        .isInstanceOf(StorageException.NotFound.class);
    volumes.message("delete 7");
    volumes.message("delete 0");
    assertThat(names()).containsExactly("thin-9");
    reopen();
    assertThat(names()).containsExactly("thin-9");
  }

  @Test
  void idsAreReusedOnlyWhenThereAreNoOthers() throws IOException {
    volume("v", MIB);
    volumes.delete("v", Progress.NONE);
    assertThat(volume("v", MIB).id()).isEqualTo(new ThinId(1));

    kernel(pool -> pool.createThin(new ThinId(ThinId.MAX)));

    var made =
        volumes.createSnapshots(
            List.of(
                new Volumes.SnapshotRequest("a", "v", Set.of()),
                new Volumes.SnapshotRequest("b", "v", Set.of())));
    assertThat(made).extracting(Volume::id).containsExactly(new ThinId(0), new ThinId(2));
  }

  // The pool

  @Test
  void optionsAreKept() throws IOException {
    var options =
        volumes
            .options()
            .withLowWaterBlocks(9)
            .withDiscard(DiscardMode.NO_PASSDOWN)
            .withAutoExtension(new AutoExtension(MIB, 80 * MIB));
    volumes.setOptions(options);

    reopen();

    assertThat(volumes.options()).isEqualTo(options);
    assertThat(volumes.files()).isEqualTo(files);
  }

  @Test
  void thePoolGrowsAndTellsListeners() throws IOException {
    var events = new ArrayList<PoolEvent>();
    volumes.listen(events::add);

    volumes.extendData(100 * MIB);
    volumes.extendMetadata(8 * MIB);
    volumes.flush();

    assertThat(volumes.status().dataTotalBytes()).isEqualTo(100 * MIB);
    assertThat(volumes.status().metadataTotalBytes()).isEqualTo(8 * MIB);
    assertThat(events)
        .contains(
            new PoolEvent.DataExtended(1024, 1600), new PoolEvent.MetadataExtended(1024, 2048));
  }

  @Test
  void writesThatWaitForSpaceAreRefusedWhenAsked() throws Exception {
    volumes.setOptions(volumes.options().withErrorIfNoSpace(false));
    volume("v", 128 * MIB);
    try (var device = volumes.open("v")) {
      device.write(0, filled(64 * MIB, 1));
      volumes.refuseWaiting();
      assertThatThrownBy(() -> device.write(64 * MIB, filled(512, 1)))
          .isInstanceOf(StorageException.OutOfSpace.class);
    }
  }

  @Test
  void aClosedPoolAnswersNothing() throws IOException {
    volume("v", MIB);
    var device = volumes.open("v");
    volumes.close();

    assertThatThrownBy(() -> device.read(0, filled(1, 0)))
        .isInstanceOf(StorageException.Failed.class);
    assertThatThrownBy(() -> volume("w", MIB)).isInstanceOf(StorageException.Failed.class);
    volumes.close();
    volumes = Volumes.open(files, null, clock);
    assertThat(names()).containsExactly("v");
  }

  // What is used

  @Test
  void deletingASnapshotFreesWhatItHasAlone() throws IOException {
    volume("v", 16 * MIB);
    write("v", 0, 8 * MIB, 1);
    snapshot("s1", "v");
    write("v", 0, 2 * MIB, 2);
    snapshot("s2", "v");
    write("v", MIB, 2 * MIB, 3);
    volumes.createClone("c", "s1", Set.of());
    write("c", 4 * MIB, MIB, 4);

    for (var name : List.of("s2", "c", "s1", "v")) {
      var usage = volumes.usage(name, Progress.NONE);
      assertThat(usage.exclusiveBytes() + usage.sharedBytes()).isEqualTo(usage.mappedBytes());
      assertThat(mappedBytes(name)).isEqualTo(usage.mappedBytes());
      long before = volumes.status().dataFreeBytes();
      volumes.delete(name, Progress.NONE);
      assertThat(volumes.status().dataFreeBytes() - before)
          .as("freed by " + name)
          .isEqualTo(usage.exclusiveBytes());
    }
  }

  @Test
  void usageSaysWhatIsSharedAndWhatIsNot() throws IOException {
    volume("v", 16 * MIB);
    write("v", 0, 4 * MIB, 1);
    assertThat(volumes.usage("v", Progress.NONE)).isEqualTo(new DeviceUsage(4 * MIB, 4 * MIB, 0));

    snapshot("s", "v");
    assertThat(volumes.usage("v", Progress.NONE)).isEqualTo(new DeviceUsage(4 * MIB, 0, 4 * MIB));

    write("v", 0, MIB, 2);
    assertThat(volumes.usage("v", Progress.NONE)).isEqualTo(new DeviceUsage(4 * MIB, MIB, 3 * MIB));
    assertThat(volumes.usage("s", Progress.NONE)).isEqualTo(new DeviceUsage(4 * MIB, MIB, 3 * MIB));
  }

  @Test
  void overProvisioningIsToldWithAndWithoutSnapshots() throws IOException {
    volume("v", 64 * MIB);
    volume("w", 96 * MIB);
    snapshot("s", "w");
    volumes.createClone("c", "s", Set.of());

    var capacity = volumes.capacity();

    assertThat(capacity.volumeCount()).isEqualTo(3);
    assertThat(capacity.snapshotCount()).isEqualTo(1);
    assertThat(capacity.virtualBytes()).isEqualTo(352 * MIB);
    assertThat(capacity.virtualBytesWithoutSnapshots()).isEqualTo(256 * MIB);
    assertThat(capacity.overProvisioning()).isEqualTo(5.5);
    assertThat(capacity.overProvisioningWithoutSnapshots()).isEqualTo(4.0);
    assertThat(capacity.status().dataTotalBytes()).isEqualTo(64 * MIB);
  }

  @Test
  void zeroesAreTrimmedAndNothingElse() throws IOException {
    volume("v", 16 * MIB);
    write("v", 0, 4 * MIB, 0);
    write("v", BLOCK + 17, 1, 1);
    write("v", 3 * BLOCK, 512, 2);

    assertThat(volumes.trimZeroes("v", Progress.NONE)).isEqualTo(62 * BLOCK);

    assertThat(mappedBytes("v")).isEqualTo(2 * BLOCK);
    assertThat(byteAt("v", BLOCK + 17)).isEqualTo(1);
    assertThat(byteAt("v", 3 * BLOCK)).isEqualTo(2);
    assertThat(byteAt("v", 0)).isZero();
  }

  // External origins

  @Test
  void anExternalOriginShowsThroughUntilItIsWrittenOver() throws IOException {
    var base = folder.resolve("base.img");
    Files.write(base, filled(MIB + 700, 6).toArray(ValueLayout.JAVA_BYTE));
    volumes.createVolume("v", 2 * MIB, Set.of(), null, base.toString());
    assertThat(byteAt("v", MIB + 699)).isEqualTo(6);
    assertThat(byteAt("v", MIB + 700)).isZero();

    write("v", 512, 512, 1);
    snapshot("s", "v");
    write("v", 0, 512, 2);
    reopen();

    assertThat(volumes.get("s").externalOrigin()).isEqualTo(base.toString());
    assertThat(byteAt("v", 0)).isEqualTo(2);
    assertThat(byteAt("v", 512)).isEqualTo(1);
    assertThat(byteAt("v", 1024)).isEqualTo(6);
    assertThat(byteAt("s", 0)).isEqualTo(6);
    assertThat(byteAt("s", MIB)).isEqualTo(6);
    assertThat(mappedBytes("v")).isEqualTo(BLOCK);

    volumes.resize("v", MIB / 2);
    volumes.resize("v", 2 * MIB);
    assertThat(byteAt("v", MIB)).as("shows through again").isEqualTo(6);
    assertThat(mappedBytes("v")).isEqualTo(BLOCK);
    volumes.delete("v", Progress.NONE);
    assertThat(byteAt("s", 512)).isEqualTo(1);
    volumes.delete("s", Progress.NONE);
  }

  @Test
  void rollingBackToAnotherVolumesSnapshotTakesOverItsExternalOrigin() throws IOException {
    var base = folder.resolve("base.img");
    Files.write(base, filled(MIB, 6).toArray(ValueLayout.JAVA_BYTE));
    volumes.createVolume("v", MIB, Set.of(), null, base.toString());
    snapshot("s", "v");
    volume("w", MIB);
    try (var device = volumes.open("w")) {
      volumes.rollback("w", "s");

      assertThat(byteAt(device, 5)).isEqualTo(6);
    }
    reopen();
    assertThat(byteAt("w", 5)).isEqualTo(6);
  }

  /// As a power cut leaves it just before a rollback would be written down as done.
  private void forgetTheLastChange() throws IOException {
    var lines = Files.readAllLines(files.catalogue());
    Files.write(files.catalogue(), lines.subList(0, lines.size() - 1));
  }

  @Test
  void whoseRollbackWasDoneWhenThePowerWasCutHasTheSizeAndTheExternalOriginOfItsContent()
      throws IOException {
    var base = folder.resolve("base.img");
    Files.write(base, filled(MIB, 6).toArray(ValueLayout.JAVA_BYTE));
    volumes.createVolume("v", MIB, Set.of(), null, base.toString());
    snapshot("s", "v");
    volume("w", 2 * MIB);
    write("w", 0, 2 * MIB, 1);
    volumes.rollback("w", "s");
    volumes.close();
    forgetTheLastChange();

    volumes = Volumes.open(files, null, clock);

    assertThat(byteAt("w", 5)).isEqualTo(6);
    assertThat(volumes.get("w").sizeBytes()).isEqualTo(MIB);
    // What was found out is written down: a later snapshot says nothing of the rollback.
    snapshot("t", "w");
    reopen();
    assertThat(byteAt("w", 5)).isEqualTo(6);
  }

  @Test
  void whoseRollbackWasNotDoneWhenThePowerWasCutIsWhatItWas() throws IOException {
    var base = folder.resolve("base.img");
    Files.write(base, filled(4 * MIB, 6).toArray(ValueLayout.JAVA_BYTE));
    volumes.createVolume("v", 4 * MIB, Set.of(), null, base.toString());
    snapshot("s", "v");
    volume("w", 2 * MIB);
    write("w", 0, BLOCK, 1);
    volumes.setOptions(volumes.options().withDiscard(DiscardMode.NO_PASSDOWN));
    volumes.close();
    var metadata = Files.readAllBytes(files.metadata());
    volumes = Volumes.open(files, null, clock);
    volumes.rollback("w", "s");
    volumes.close();
    forgetTheLastChange();
    Files.write(files.metadata(), metadata);

    volumes = Volumes.open(files, null, clock);

    assertThat(volumes.get("w").sizeBytes()).isEqualTo(2 * MIB);
    assertThat(byteAt("w", 5)).isEqualTo(1);
    assertThat(byteAt("w", MIB)).isZero();
    snapshot("t", "w");
    reopen();
    assertThat(volumes.get("w").sizeBytes()).isEqualTo(2 * MIB);
  }

  @Test
  void aRollbackToWhatMissesItsExternalOriginChangesNothing() throws IOException {
    var base = folder.resolve("base.img");
    Files.write(base, filled(MIB, 6).toArray(ValueLayout.JAVA_BYTE));
    volumes.createVolume("v", 2 * MIB, Set.of(), null, base.toString());
    snapshot("s", "v");
    volume("w", MIB);
    write("w", 0, BLOCK, 1);
    reopen();
    Files.delete(base);

    assertThatThrownBy(() -> volumes.rollback("w", "s"))
        .isInstanceOf(StorageException.NotFound.class);

    assertThat(volumes.get("w").sizeBytes()).isEqualTo(MIB);
    assertThat(byteAt("w", 5)).isEqualTo(1);
  }

  @Test
  void aMissingExternalOriginIsToldAtOnce() throws IOException {
    assertThatThrownBy(
            () -> volumes.createVolume("v", MIB, Set.of(), null, folder.resolve("no").toString()))
        .isInstanceOf(StorageException.NotFound.class);
    assertThat(names()).isEmpty();
  }

  @Test
  void creationTimesAreThoseOfTheClock() throws IOException {
    clock.advance(java.time.Duration.ofDays(1));

    assertThat(volume("v", MIB).createdAt()).isEqualTo(clock.now()).isAfter(Instant.EPOCH);
  }

  @Test
  void whoAVolumeIsDoesNotDependOnWhatItIsCalled() throws IOException {
    var pool = volumes.uuid();
    var web = volumes.uuid(volume("web", MIB));
    var mail = volumes.uuid(volume("mail", MIB));
    assertThat(web).isNotEqualTo(mail);

    assertThat(volumes.uuid(volumes.rename("web", "www"))).isEqualTo(web);
    reopen();
    assertThat(volumes.uuid()).isEqualTo(pool);
    assertThat(volumes.uuid(volumes.get("www"))).isEqualTo(web);

    clock.advance(Duration.ofSeconds(1));
    volumes.delete("www", Progress.NONE);
    reopen();
    assertThat(volumes.uuid(volume("www", MIB))).isNotEqualTo(web);
  }

  @Test
  void twoPoolsMadeInOnePlaceAreNotTheSame() throws IOException {
    var first = volumes.uuid();
    volumes.close();
    for (var file : List.of(files.metadata(), files.data(), files.catalogue())) {
      Files.delete(file);
    }
    clock.advance(Duration.ofSeconds(1));
    volumes = Volumes.create(files, format(), clock);
    assertThat(volumes.uuid()).isNotEqualTo(first);
  }
}
