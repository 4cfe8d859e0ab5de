package io.lumeo.thin;

import static io.lumeo.thin.MetadataImage.BITMAP_ROOT;
import static io.lumeo.thin.MetadataImage.COMPAT_RO_FLAGS;
import static io.lumeo.thin.MetadataImage.DATA_BLOCK_SIZE;
import static io.lumeo.thin.MetadataImage.DATA_MAP;
import static io.lumeo.thin.MetadataImage.DETAILS_ROOT;
import static io.lumeo.thin.MetadataImage.FLAGS;
import static io.lumeo.thin.MetadataImage.HELD_ROOT;
import static io.lumeo.thin.MetadataImage.INCOMPAT_FLAGS;
import static io.lumeo.thin.MetadataImage.MAGIC;
import static io.lumeo.thin.MetadataImage.MAPPING_ROOT;
import static io.lumeo.thin.MetadataImage.MAX_ENTRIES;
import static io.lumeo.thin.MetadataImage.METADATA_BLOCK_SIZE;
import static io.lumeo.thin.MetadataImage.METADATA_MAP;
import static io.lumeo.thin.MetadataImage.NR_ALLOCATED;
import static io.lumeo.thin.MetadataImage.NR_BLOCKS;
import static io.lumeo.thin.MetadataImage.NR_ENTRIES;
import static io.lumeo.thin.MetadataImage.REF_COUNT_ROOT;
import static io.lumeo.thin.MetadataImage.TIME;
import static io.lumeo.thin.MetadataImage.VERSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.SliceDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Damages sound metadata by hand, each time with the checksum made right again: the check must
/// find it. The kinds of damage are those that tell the versions of `thin_check` apart.
class MetadataCheckTest {
  private static final long BLOCK_BYTES = 64 << 10;
  private static final int DATA_BLOCKS = 5000;

  private static MetadataImage made;

  @BeforeAll
  static void make() throws IOException {
    made = soundMetadata();
  }

  private static MetadataImage sound() {
    return made.copy();
  }

  /// Device 0: 600 blocks, so its tree has two levels; 1: a snapshot of it, unchanged; 2 to 5:
  /// snapshots with blocks of their own, so that data blocks are counted 3 times and more; then 300
  /// empty ones, so that the details have two levels. Held: the same, before device 6 was deleted.
  private static MetadataImage soundMetadata() throws IOException {
    try (var metadata = new MemoryDevice(2 << 20);
        var data = new ForgetfulDevice(DATA_BLOCKS * BLOCK_BYTES)) {
      Pool.format(metadata, data, BLOCK_BYTES);
      var options = PoolOptions.DEFAULT.withZeroNewBlocks(false);
      var pool = Pool.open(metadata, data, options, new SimulatedPoolClock());
      pool.createThin(new ThinId(0));
      write(pool, 0, 0, 600);
      for (int id = 1; id <= 5; id++) {
        pool.createSnapshot(new ThinId(id), new ThinId(0));
      }
      for (int id = 2; id <= 5; id++) {
        write(pool, id, 20L * id, 2);
      }
      for (int id = 6; id < 306; id++) {
        pool.createThin(new ThinId(id));
      }
      pool.reserveMetadataSnapshot();
      pool.delete(new ThinId(6));
      pool.close();
      return MetadataImage.of(metadata);
    }
  }

  private static void write(Pool pool, int id, long first, int count) throws IOException {
    try (var device = pool.openDevice(new ThinId(id), 1000 * BLOCK_BYTES, false, null)) {
      for (long block = first; block < first + count; block++) {
        device.write(block * BLOCK_BYTES, MemorySegment.ofArray(new byte[512]));
      }
    }
  }

  private static CheckReport check(MetadataImage image) throws IOException {
    return new MetadataCheck(image.device(), Progress.NONE).run();
  }

  @Test
  void soundMetadataHasNoProblems() throws IOException {
    var report = check(sound());

    assertThat(report.problems()).isEmpty();
    assertThat(report.isSound()).isTrue();
    assertThat(report.deviceCount()).isEqualTo(305);
    assertThat(report.dataBlocksUsed()).isEqualTo(608);
    assertThat(report.needsCheck()).isFalse();
  }

  /// One kind of damage, and a word of the problem that must be told.
  record Damage(String name, String problem, Change change) {
    @Override
    public String toString() {
      return name;
    }
  }

  interface Change {
    void apply(MetadataImage image);
  }

  private static Damage damage(String name, String problem, Change change) {
    return new Damage(name, problem, change);
  }

  private static Stream<Damage> damages() {
    return Stream.of(superblock(), nodes(), devices(), metadataCounts(), dataCounts())
        .flatMap(List::stream);
  }

  private static List<Damage> superblock() {
    return List.of(
        damage("wrong magic", "magic", image -> image.setU64(0, MAGIC, 27022011)),
        damage("version 1", "version 1", image -> image.setU32(0, VERSION, 1)),
        damage("version 3", "version 3", image -> image.setU32(0, VERSION, 3)),
        damage("incompat flag", "incompat", image -> image.setU32(0, INCOMPAT_FLAGS, 4)),
        damage("compat_ro flag", "compat_ro", image -> image.setU32(0, COMPAT_RO_FLAGS, 1)),
        damage("unknown flag", "flags 0x2", image -> image.setU32(0, FLAGS, 2)),
        damage(
            "data block size 100", "100 sectors", image -> image.setU32(0, DATA_BLOCK_SIZE, 100)),
        damage(
            "metadata block size 9", "9 sectors", image -> image.setU32(0, METADATA_BLOCK_SIZE, 9)),
        damage(
            "more metadata blocks than the device has",
            "cut short",
            image -> image.setU64(0, METADATA_MAP + NR_BLOCKS, image.blocks() + 1)),
        damage(
            "no metadata blocks",
            "claims 0",
            image -> image.setU64(0, METADATA_MAP + NR_BLOCKS, 0)),
        damage(
            "more data blocks than can be counted",
            "data space map claims",
            image -> image.setU64(0, DATA_MAP + NR_BLOCKS, 1L << 50)),
        damage("superblock checksum", "checksum", image -> corrupt(image, 0, 0x030)),
        damage("time went back", "clock shows 1", image -> image.setU32(0, TIME, 1)),
        damage(
            "held root is a node",
            "metadata snapshot",
            image -> image.setU64(0, HELD_ROOT, image.u64(0, DETAILS_ROOT))),
        damage(
            "held root is nowhere",
            "metadata snapshot",
            image -> image.setU64(0, HELD_ROOT, 1L << 40)));
  }

  private static List<Damage> nodes() {
    return List.of(
        damage("node checksum", "checksum", image -> corrupt(image, leaf(image), 100)),
        damage("details checksum", "checksum", image -> corrupt(image, details(image), 100)),
        damage(
            "top-level checksum",
            "checksum",
            image -> corrupt(image, image.u64(0, MAPPING_ROOT), 100)),
        damage("bitmap checksum", "checksum", image -> corrupt(image, image.dataBitmap(), 100)),
        damage(
            "metadata bitmap checksum",
            "checksum",
            image -> corrupt(image, image.metadataBitmap(), 100)),
        damage(
            "index checksum",
            "checksum",
            image -> corrupt(image, image.u64(0, METADATA_MAP + BITMAP_ROOT), 100)),
        damage(
            "overflow checksum",
            "checksum",
            image -> corrupt(image, image.u64(0, DATA_MAP + REF_COUNT_ROOT), 100)),
        damage(
            "data index checksum",
            "checksum",
            image -> corrupt(image, image.u64(0, DATA_MAP + BITMAP_ROOT), 100)),
        damage("misplaced node", "misplaced", MetadataCheckTest::misplace),
        damage("node flags 3", "flags are 3", image -> image.setU32(leaf(image), FLAGS, 3)),
        damage("253 entries", "253", image -> image.setU32(leaf(image), MAX_ENTRIES, 253)),
        damage("unsorted keys", "after", image -> image.setU64(leaf(image), image.key(1), 0)),
        damage("under-full leaf", "only 80", image -> image.setU32(leaf(image), NR_ENTRIES, 80)),
        damage(
            "too many entries",
            "claims to hold",
            image -> image.setU32(leaf(image), NR_ENTRIES, 4000)),
        damage(
            "keys beyond the parent's",
            "belong",
            image -> {
              int last = image.u32(leaf(image), NR_ENTRIES) - 1;
              image.setU64(leaf(image), image.key(last), 900);
            }),
        damage(
            "a node that is its own child",
            "referred to",
            image -> {
              long root = image.rootOf(0);
              image.setU64(root, image.value(root, 0, 8), root);
            }),
        damage(
            "a child outside the metadata",
            "referred to",
            image -> {
              long root = image.rootOf(0);
              image.setU64(root, image.value(root, 0, 8), 1L << 33);
            }),
        damage(
            "a child that is a bitmap",
            "holds a space-map bitmap",
            image -> {
              long root = image.rootOf(0);
              image.setU64(root, image.value(root, 0, 8), image.dataBitmap());
            }),
        damage(
            "a mapping root in the details",
            "values",
            image -> {
              long leaf = image.firstLeaf(image.u64(0, MAPPING_ROOT));
              image.setU64(leaf, image.value(leaf, 0, 8), details(image));
            }));
  }

  private static List<Damage> devices() {
    return List.of(
        damage(
            "in the details and not in the top level",
            "details and no mappings",
            image -> {
              long leaf = image.firstLeaf(image.u64(0, MAPPING_ROOT));
              image.setU32(leaf, NR_ENTRIES, image.u32(leaf, NR_ENTRIES) - 1);
            }),
        damage(
            "in the top level and not in the details",
            "mappings and no details",
            image ->
                image.setU32(
                    details(image), NR_ENTRIES, image.u32(details(image), NR_ENTRIES) - 1)),
        damage(
            "mapped blocks",
            "details say 601",
            image -> image.setU64(details(image), image.value(details(image), 0, 24), 601)),
        damage(
            "an id of 25 bits",
            "24 bits",
            image -> {
              long leaf = lastLeaf(image, image.u64(0, MAPPING_ROOT));
              image.setU64(leaf, image.key(image.u32(leaf, NR_ENTRIES) - 1), 1 << 24);
            }),
        damage(
            "created in the future",
            "has the time 77",
            image -> image.setU32(details(image), image.value(details(image), 0, 24) + 16, 77)),
        damage(
            "mapped in the future",
            "mapped at time 99",
            image ->
                image.setU64(
                    leaf(image),
                    image.value(leaf(image), 0, 8),
                    Mapping.pack(Mapping.dataBlock(mapping(image, 0)), 99))));
  }

  private static List<Damage> metadataCounts() {
    return List.of(
        damage(
            "metadata leak",
            "referred to 0 times and counted 1",
            image -> image.setCount(image.metadataBitmap(), 511, 1)),
        damage(
            "metadata counted too low",
            "counted 0",
            image -> image.setCount(image.metadataBitmap(), (int) leaf(image), 0)),
        damage(
            "metadata counted twice",
            "counted 2",
            image -> image.setCount(image.metadataBitmap(), (int) details(image), 2)),
        damage(
            "overflow entry missing",
            "not in the overflow tree",
            image -> image.setCount(image.metadataBitmap(), 511, 3)),
        damage(
            "overflow count wrong",
            "counted",
            image -> {
              long leaf = image.firstLeaf(image.u64(0, METADATA_MAP + REF_COUNT_ROOT));
              image.setU32(leaf, image.value(leaf, 0, 4), 1000);
            }),
        damage(
            "overflow count below three",
            "only 2 times",
            image -> {
              long leaf = image.firstLeaf(image.u64(0, METADATA_MAP + REF_COUNT_ROOT));
              image.setU32(leaf, image.value(leaf, 0, 4), 2);
            }),
        damage(
            "nr_free",
            "are free",
            image -> image.setU32(image.u64(0, METADATA_MAP + BITMAP_ROOT), 16 + 8, 5)),
        damage(
            "none_free_before",
            "nothing is free",
            image -> image.setU32(image.u64(0, METADATA_MAP + BITMAP_ROOT), 16 + 12, 511)),
        damage(
            "nr_allocated", "allocated", image -> image.setU64(0, METADATA_MAP + NR_ALLOCATED, 7)),
        damage(
            "counts beyond the last block",
            "beyond",
            image -> image.setCount(image.metadataBitmap(), 512, 1)));
  }

  private static List<Damage> dataCounts() {
    return List.of(
        damage(
            "data leak",
            "data block 4999 is referred to 0 times",
            image -> image.setCount(image.dataBitmap(), 4999, 1)),
        damage(
            "data counted too low",
            "data block 0 is referred",
            image -> image.setCount(image.dataBitmap(), 0, 0)),
        damage(
            "data overflow count wrong",
            "counted 1000",
            image -> {
              long leaf = image.firstLeaf(image.u64(0, DATA_MAP + REF_COUNT_ROOT));
              image.setU32(leaf, image.value(leaf, 0, 4), 1000);
            }),
        damage(
            "data overflow entry of no block",
            "there are only 5000",
            image -> {
              long leaf = image.firstLeaf(image.u64(0, DATA_MAP + REF_COUNT_ROOT));
              int last = image.u32(leaf, NR_ENTRIES) - 1;
              image.setU64(leaf, image.key(last), 1_000_000);
            }),
        damage(
            "data overflow entry left behind",
            "another in the overflow tree",
            image -> {
              long leaf = image.firstLeaf(image.u64(0, DATA_MAP + REF_COUNT_ROOT));
              image.setCount(image.dataBitmap(), (int) image.u64(leaf, image.key(0)), 2);
            }),
        damage(
            "mapped twice",
            "referred to",
            image -> image.setU64(leaf(image), image.value(leaf(image), 0, 8), mapping(image, 1))),
        damage(
            "mapped out of range",
            "there are only 5000",
            image ->
                image.setU64(
                    leaf(image), image.value(leaf(image), 0, 8), Mapping.pack(DATA_BLOCKS, 0))),
        damage(
            "data nr_free",
            "are free",
            image -> image.setU32(dataIndex(image), image.value(dataIndex(image), 0, 16) + 8, 3)),
        damage(
            "data none_free_before",
            "nothing is free",
            image ->
                image.setU32(dataIndex(image), image.value(dataIndex(image), 0, 16) + 12, 16_000)),
        damage(
            "data nr_allocated",
            "allocated",
            image -> image.setU64(0, DATA_MAP + NR_ALLOCATED, 607)),
        damage(
            "data counts beyond the last block",
            "beyond",
            image -> image.setCount(image.dataBitmap(), DATA_BLOCKS, 1)),
        damage(
            "bitmap missing",
            "no bitmap 0",
            image -> image.setU32(dataIndex(image), NR_ENTRIES, 0)),
        damage(
            "bitmap too many",
            "needs only 1",
            image -> image.setU64(dataIndex(image), image.key(0), 5)));
  }

  /// A leaf of device 0.
  private static long leaf(MetadataImage image) {
    return image.firstLeaf(image.rootOf(0));
  }

  private static long mapping(MetadataImage image, int index) {
    return image.u64(leaf(image), image.value(leaf(image), index, 8));
  }

  private static long details(MetadataImage image) {
    return image.firstLeaf(image.u64(0, DETAILS_ROOT));
  }

  private static long dataIndex(MetadataImage image) {
    return image.firstLeaf(image.u64(0, DATA_MAP + BITMAP_ROOT));
  }

  private static long lastLeaf(MetadataImage image, long root) {
    long node = root;
    while (image.u32(node, FLAGS) == 1) {
      node = image.u64(node, image.value(node, image.u32(node, NR_ENTRIES) - 1, 8));
    }
    return node;
  }

  /// Flips a bit and leaves the checksum wrong.
  private static void corrupt(MetadataImage image, long block, long offset) {
    var bytes = image.block(block);
    bytes.set(ValueLayout.JAVA_BYTE, offset, (byte) (bytes.get(ValueLayout.JAVA_BYTE, offset) ^ 1));
  }

  /// Puts a whole sound node where another belongs.
  private static void misplace(MetadataImage image) {
    image.block(leaf(image)).copyFrom(image.block(details(image)));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void damageIsFound(Damage damage) throws IOException {
    var image = sound();
    damage.change().apply(image);

    assertThat(check(image).problems())
        .as(damage.name())
        .anyMatch(problem -> problem.contains(damage.problem()))
        .allMatch(problem -> !problem.contains("\n"));
  }

  /// What the metadata space map is made of: its index, a bitmap, the root of its counts of three
  /// and more; and its number of blocks.
  private static Stream<Damage> spaceMapDamages() {
    return Stream.of(
        damage(
            "index",
            "metadata block ",
            image -> corrupt(image, image.u64(0, METADATA_MAP + BITMAP_ROOT), 100)),
        damage("bitmap", "metadata block ", image -> corrupt(image, image.metadataBitmap(), 100)),
        damage(
            "overflow tree",
            "metadata block ",
            image -> corrupt(image, image.u64(0, METADATA_MAP + REF_COUNT_ROOT), 100)),
        damage(
            "root out of reach",
            "metadata block 1099511627776 ",
            image -> image.setU64(0, METADATA_MAP + BITMAP_ROOT, 1L << 40)),
        damage("block count", "claims 0", image -> image.setU64(0, METADATA_MAP + NR_BLOCKS, 0)));
  }

  @ParameterizedTest
  @MethodSource("spaceMapDamages")
  void withoutTheMetadataSpaceMapTheTreesAreCheckedAllTheSame(Damage damage) throws IOException {
    var image = sound();
    damage.change().apply(image);
    image.setU64(leaf(image), image.value(leaf(image), 0, 8), Mapping.pack(DATA_BLOCKS, 0));
    corrupt(image, lastLeaf(image, image.rootOf(1)), 100);

    var report = check(image);

    assertThat(report.deviceCount()).isEqualTo(305);
    assertThat(report.dataBlocksUsed()).isEqualTo(608);
    assertThat(report.problems())
        .anyMatch(problem -> problem.contains(damage.problem()))
        .anyMatch(problem -> problem.contains("there are only 5000"))
        .anyMatch(problem ->
            problem.startsWith("metadata block " + lastLeaf(image, image.rootOf(1)) + " "));
  }

  @ParameterizedTest
  @MethodSource("spaceMapDamages")
  void openingWithoutTheMetadataSpaceMapSaysInOneLineWhatAndWhereAndWhatToDo(Damage damage)
      throws IOException {
    var image = sound();
    damage.change().apply(image);
    var device = image.device();

    assertThatThrownBy(() ->
            Pool.open(
                device,
                new ForgetfulDevice(DATA_BLOCKS * BLOCK_BYTES),
                PoolOptions.DEFAULT,
                new SimulatedPoolClock()))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("the metadata space map")
        .hasMessageContaining(damage.problem())
        .hasMessageContaining("'lumeo pool check'")
        .hasMessageNotContaining("\n");
  }

  /// The two habits of thin-provisioning-tools 0.9.0, and what the kernel leaves behind.
  @Test
  void habitsOfOtherWritersAreNoProblem() throws IOException {
    var image = sound();
    long index = image.u64(0, METADATA_MAP + BITMAP_ROOT);
    image.setU32(index, 16 + 8, image.u32(index, 16 + 8) - (16320 - (int) image.blocks()));
    long dataFree = image.value(dataIndex(image), 0, 16) + 8;
    image.setU32(
        dataIndex(image), dataFree, image.u32(dataIndex(image), dataFree) - (16320 - DATA_BLOCKS));
    image.setU64(0, METADATA_MAP + NR_ALLOCATED, image.u64(0, METADATA_MAP + NR_ALLOCATED) + 1);
    image.fill(0, DATA_MAP + 32, 96, (byte) 0x5a);
    image.fill(0, METADATA_MAP + 32, 96, (byte) 0xa5);
    image.fill(0, 0x16c, 1000, (byte) 1);

    assertThat(check(image).problems()).isEmpty();
  }

  @Test
  void aShortOrEmptyOrForeignFileIsOneProblem() throws IOException {
    try (var empty = new MemoryDevice(0);
        var zeroes = new MemoryDevice(1 << 20);
        var foreign = new MemoryDevice(1 << 20)) {
      foreign.write(0, MemorySegment.ofArray(new byte[] {'P', 'K', 3, 4}));
      assertOneProblem(empty, "too few");
      assertOneProblem(zeroes, "not formatted");
      assertOneProblem(foreign, "not thin-pool metadata");
      assertOneProblem(new SliceDevice(sound().device(), 0, 100 * 4096), "cut short");
    }
  }

  private static void assertOneProblem(BlockDevice device, String problem) throws IOException {
    assertThat(new MetadataCheck(device, Progress.NONE).run().problems())
        .singleElement()
        .asString()
        .contains(problem);
  }

  /// Whatever a disk makes of the metadata, the check ends and says something.
  @SeededTest(seeds = 300)
  void anyBytesAreJudged(Random random) throws IOException {
    var image = sound();
    var report = check(image);
    for (int i = 0; i <= random.nextInt(3); i++) {
      long block = random.nextInt((int) report.metadataBlocksUsed());
      if (block == 0 || image.u64(block, 8) != block) {
        continue;
      }
      int offset = 16 + random.nextInt(500);
      switch (random.nextInt(3)) {
        case 0 -> image.setU32(block, offset, random.nextInt());
        case 1 -> image.setU64(block, offset / 8 * 8L, random.nextInt(600));
        default -> image.fill(block, offset, 1, (byte) random.nextInt());
      }
    }
    check(image);
  }

  @Test
  void manyProblemsAreCountedAndNotListed() throws IOException {
    var image = sound();
    for (int entry = 1000; entry < 1500; entry++) {
      image.setCount(image.dataBitmap(), entry, 1);
    }

    var problems = check(image).problems();

    assertThat(problems).hasSize(101);
    assertThat(problems.getLast()).matches("and 40[0-9] problems more");
  }

  @Test
  void itCanBeStopped() throws IOException {
    var image = sound();
    var seen = new ArrayList<Long>();

    assertThatThrownBy(() ->
            new MetadataCheck(
                    image.device(),
                    (done, total) -> {
                      seen.add(done);
                      return seen.size() < 3;
                    })
                .run())
        .isInstanceOf(InterruptedIOException.class);
    assertThat(seen).hasSize(3);
  }

  @Test
  void aPoolOpensOnlyWhatItUnderstands() throws IOException {
    for (var damage : List.of(superblock().get(1), superblock().get(2), superblock().get(3))) {
      var image = sound();
      damage.change().apply(image);
      assertThatThrownBy(() -> PoolMetadata.open(image.device(), 1 << 20, false))
          .as(damage.name())
          .isInstanceOf(StorageException.Unsupported.class);
    }
  }
}
