package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BTreeTest {
  private final TransactionManager transaction = transaction();
  private final BTree tree = new BTree(transaction, ValueType.plain(Long.BYTES));

  private static TransactionManager transaction() {
    try {
      var device = new MemoryDevice(20_000L * TransactionManager.BLOCK_BYTES);
      return TransactionManager.create(device, 20_000, 1 << 22);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private long filled(long count) throws IOException {
    long root = tree.createEmpty();
    for (long key = 0; key < count; key++) {
      root = tree.insert(root, key, key * 10);
    }
    return root;
  }

  private long commit() throws IOException {
    var sealed = transaction.seal();
    sealed.write(MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]));
    sealed.complete();
    return sealed.blockCount();
  }

  @ParameterizedTest
  @CsvSource({"4, 336", "8, 252", "16, 168", "24, 126"})
  void aNodeHasTheRoomTheKernelGivesIt(int valueBytes, int entries) {
    assertThat(BTreeNode.maxEntries(valueBytes)).isEqualTo(entries);
  }

  @Test
  void anEmptyTreeHasNothing() throws IOException {
    long root = tree.createEmpty();

    assertThat(tree.lookup(root, 0, -7)).isEqualTo(-7);
    assertThat(tree.highestKey(root)).isEqualTo(OptionalLong.empty());
    assertThat(tree.remove(root, 3)).isEqualTo(new Removal(root, 0));
    assertThat(tree.removeRange(root, 0, Long.MAX_VALUE)).isEqualTo(new Removal(root, 0));
  }

  @Test
  void appendingLeavesFullLeaves() throws IOException {
    long root = filled(100_000);
    var leaves = new ArrayList<Integer>();
    tree.walk(
        root,
        new NodeVisitor() {
          @Override
          public boolean visit(NodeView node, int depth) {
            assertThat(node.child(0)).isEqualTo(node.longValue(0));
            assertThat(node.entryCount()).isLessThanOrEqualTo(node.maxEntries());
            if (node.isLeaf()) {
              leaves.add(node.entryCount());
            }
            return true;
          }

          @Override
          public void damaged(long block, long keyBegin, long keyEnd, IOException why) {
            throw new AssertionError(why);
          }
        });

    assertThat(leaves).hasSize(100_000 / 252 + 1);
    assertThat(leaves.subList(0, leaves.size() - 2)).containsOnly(252);
  }

  @Test
  void aRootThatIsShiftedByInsertionsStaysSearchable() throws IOException {
    long root = tree.createEmpty();
    for (long key = 200_000; key > 0; key--) {
      root = tree.insert(root, key, -key);
    }
    for (long key = 1; key <= 200_000; key++) {
      assertThat(tree.lookup(root, key, 0)).isEqualTo(-key);
    }
  }

  @Test
  void onlyPossibleKeysAreInserted() throws IOException {
    long root = tree.createEmpty();

    assertThatThrownBy(() -> tree.insert(root, -1, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tree.insert(root, Long.MAX_VALUE, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    long greatest = tree.insert(root, Long.MAX_VALUE - 1, 5);
    assertThat(tree.highestKey(greatest)).hasValue(Long.MAX_VALUE - 1);
  }

  @Test
  void aSnapshotIsNotChangedByChangesOfItsOrigin() throws IOException {
    long origin = filled(1000);
    transaction.increment(origin);
    long snapshot = origin;
    commit();
    for (long key = 0; key < 1000; key += 3) {
      origin = tree.insert(origin, key, 1);
    }
    origin = tree.removeRange(origin, 500, 700).root();

    for (long key = 0; key < 1000; key++) {
      assertThat(tree.lookup(snapshot, key, -1)).isEqualTo(key * 10);
    }
    assertThat(tree.lookup(origin, 3, -1)).isOne();
    assertThat(tree.lookup(origin, 600, -1)).isEqualTo(-1);
  }

  @Test
  void aPathIsSharedUntilEveryNodeOnItWasCopied() throws IOException {
    long origin = filled(10_000);
    assertThat(tree.isPathShared(origin, 77)).isFalse();
    transaction.increment(origin);
    long snapshot = origin;
    assertThat(tree.isPathShared(origin, 77)).isTrue();

    origin = tree.insert(origin, 77, 0);

    assertThat(tree.isPathShared(origin, 77)).isFalse();
    assertThat(tree.isPathShared(snapshot, 77))
        .as("after a crash the leaf would be shared again")
        .isTrue();
    commit();
    assertThat(tree.isPathShared(snapshot, 77)).isFalse();
    assertThat(tree.isPathShared(origin, 9000)).isTrue();
    assertThat(tree.isPathShared(snapshot, 9000)).isTrue();
  }

  @Test
  void whatTheLastCommitSharesIsSharedUntilTheNextIsDurable() throws IOException {
    long origin = filled(10_000);
    transaction.increment(origin);
    long snapshot = tree.insert(origin, 77, 0);
    commit();
    assertThat(tree.isPathShared(origin, 9000)).isTrue();

    tree.delete(snapshot);

    assertThat(tree.isPathShared(origin, 9000)).isTrue();
    var sealed = transaction.seal();
    assertThat(tree.isPathShared(origin, 9000)).isTrue();
    sealed.write(MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]));
    sealed.complete();
    assertThat(tree.isPathShared(origin, 9000)).isFalse();
  }

  @Test
  void aCopyOfANodeThatWasSharedHandsThatDownToItsValues() throws IOException {
    var recorder = new Recorder();
    var recorded = new BTree(transaction, recorder);
    long origin = recorded.insert(recorded.createEmpty(), 5, 105);
    transaction.increment(origin);
    commit();
    recorded.delete(origin);

    origin = recorded.insert(origin, 6, 106);

    assertThat(recorder.calls).containsExactly("was 1 from 105");
    assertThat(recorded.isPathShared(origin, 5)).as("the new leaf").isFalse();
  }

  /// A tree whose root has a single child, which another tree refers to as well: the kernel leaves
  /// such roots.
  @Test
  void aSharedNodeWithASingleChildStaysWhole() throws IOException {
    long leaf = filled(100);
    long shared = onlyChild(leaf);
    transaction.increment(shared);
    long root = onlyChild(shared);

    var removal = tree.remove(root, 7);

    assertThat(tree.lookup(removal.root(), 7, -1)).isEqualTo(-1);
    assertThat(tree.lookup(removal.root(), 8, -1)).isEqualTo(80);
    assertThat(tree.lookup(shared, 7, -1)).isEqualTo(70);
    tree.delete(removal.root());
    assertThat(tree.lookup(shared, 8, -1)).isEqualTo(80);
    tree.delete(shared);
    for (long block : new long[] {leaf, shared, root, removal.root()}) {
      assertThat(transaction.count(block)).isZero();
    }
  }

  private long onlyChild(long child) throws IOException {
    var node = transaction.newFrame(BlockKind.BTREE_NODE);
    BTreeNode.format(node.bytes(), BTreeNode.INTERNAL, BTreeNode.CHILD_BYTES);
    BTreeNode.insert(node.bytes(), 0, 0);
    BTreeNode.setLongValue(node.bytes(), 0, child);
    return node.block();
  }

  @Test
  void deletionFreesWhatIsExclusiveAndReadsNoMore() throws IOException {
    long origin = filled(200_000);
    commit();
    long used = transaction.blockCount() - transaction.freeBlockCount();
    transaction.increment(origin);
    long snapshot = tree.insert(origin, 100_000, 0);
    commit();
    assertThat(transaction.blockCount() - transaction.freeBlockCount()).isEqualTo(used + 3);

    tree.delete(snapshot);

    assertThat(transaction.dirtyBlockCount()).as("deletion copies nothing").isZero();
    assertThat(transaction.blockCount() - transaction.freeBlockCount()).isEqualTo(used);
    assertThat(tree.lookup(origin, 100_000, 0)).isEqualTo(1_000_000);
    tree.delete(origin);
    assertThat(transaction.count(origin)).isZero();
  }

  @Test
  void aRangeThatCoversSubtreesIsRemovedWithoutCopyingThem() throws IOException {
    long root = filled(200_000);
    commit();

    var removal = tree.removeRange(root, 1000, 199_000);

    assertThat(removal.count()).isEqualTo(198_000);
    assertThat(transaction.dirtyBlockCount()).isLessThan(10);
    assertThat(tree.lookup(removal.root(), 999, -1)).isEqualTo(9990);
    assertThat(tree.lookup(removal.root(), 1000, -1)).isEqualTo(-1);
    assertThat(tree.lookup(removal.root(), 199_000, -1)).isEqualTo(1_990_000);
  }

  @Test
  void aVisitorMayStop() throws IOException {
    long root = filled(2000);
    var seen = new ArrayList<Long>();

    tree.forEach(root, 100, 2000, (key, _) -> seen.add(key) && seen.size() < 300);

    assertThat(seen).hasSize(300).startsWith(100L).endsWith(399L);
    tree.forEach(
        root,
        7,
        7,
        (_, _) -> {
          throw new AssertionError("an empty range has no entries");
        });
  }

  /// Writes down what it is told.
  private static final class Recorder implements ValueType {
    private final List<String> calls = new ArrayList<>();

    @Override
    public int sizeBytes() {
      return Long.BYTES;
    }

    @Override
    public void increment(MemorySegment values, long offset, int count) {
      calls.add("+" + count + " from " + values.get(LittleEndian.U64, offset));
    }

    @Override
    public void decrement(MemorySegment values, long offset, int count) {
      calls.add("-" + count + " from " + values.get(LittleEndian.U64, offset));
    }

    @Override
    public void markWereShared(MemorySegment values, long offset, int count) {
      calls.add("was " + count + " from " + values.get(LittleEndian.U64, offset));
    }
  }

  @Test
  void valuesAreCountedOncePerLeafThatHoldsThem() throws IOException {
    var recorder = new Recorder();
    var recorded = new BTree(transaction, recorder);
    long origin = recorded.createEmpty();
    for (long key = 0; key < 10; key++) {
      origin = recorded.insert(origin, key, 100 + key);
    }
    assertThat(recorder.calls).isEmpty();

    transaction.increment(origin);
    long snapshot = recorded.insert(origin, 3, 200);
    assertThat(recorder.calls).containsExactly("+10 from 100");

    recorder.calls.clear();
    snapshot = recorded.remove(snapshot, 3).root();
    assertThat(recorder.calls).containsExactly("-1 from 200");

    recorder.calls.clear();
    snapshot = recorded.removeRange(snapshot, 5, 8).root();
    assertThat(recorder.calls).containsExactly("-3 from 105");

    recorder.calls.clear();
    recorded.delete(origin);
    recorded.delete(snapshot);
    assertThat(recorder.calls).containsExactly("-10 from 100", "-6 from 100");
  }

  @Test
  void aLeafOfAnotherValueSizeIsDamage() throws IOException {
    long root = new BTree(transaction, ValueType.plain(24)).createEmpty();

    for (var attempt :
        List.<ThrowingRunnable>of(
            () -> tree.lookup(root, 1, 0),
            () -> tree.insert(root, 1, 1),
            () -> tree.remove(root, 1),
            () -> tree.delete(root),
            () -> tree.forEach(root, 0, 9, (_, _) -> true))) {
      assertThatThrownBy(attempt::run)
          .isInstanceOf(StorageException.Damaged.class)
          .hasMessageContaining("its values have 24 bytes instead of 8");
    }
  }

  private interface ThrowingRunnable {
    void run() throws IOException;
  }

  /// An internal node whose only child is itself.
  private long circle() throws IOException {
    var node = transaction.newFrame(BlockKind.BTREE_NODE);
    BTreeNode.format(node.bytes(), BTreeNode.INTERNAL, BTreeNode.CHILD_BYTES);
    BTreeNode.insert(node.bytes(), 0, 0);
    BTreeNode.setLongValue(node.bytes(), 0, node.block());
    return node.block();
  }

  @Test
  void aCircleOfNodesEndsEveryWalk() throws IOException {
    long root = circle();
    var damages = new ArrayList<String>();
    tree.walk(
        root,
        new NodeVisitor() {
          @Override
          public boolean visit(NodeView node, int depth) {
            return true;
          }

          @Override
          public void damaged(long block, long keyBegin, long keyEnd, IOException why) {
            damages.add(why.getMessage());
          }
        });

    assertThat(damages)
        .containsExactly(
            "B-tree node in metadata block %d is damaged: the tree below it is deeper than 64; check the metadata"
                .formatted(root));
    for (var attempt :
        List.<ThrowingRunnable>of(
            () -> tree.lookup(root, 1, 0),
            () -> tree.isPathShared(root, 1),
            () -> tree.forEach(root, 0, 9, (_, _) -> true),
            () -> tree.insert(root, 1, 1),
            () -> tree.delete(root))) {
      assertThatThrownBy(attempt::run).isInstanceOf(StorageException.Damaged.class);
    }
  }

  @Test
  void aChildOutsideItsParentsRangeIsDamage() throws IOException {
    long root = filled(1000);
    var node = transaction.shadow(root, BlockKind.BTREE_NODE).bytes();
    BTreeNode.setKey(node, 1, BTreeNode.key(node, 1) + 1);

    assertThatThrownBy(() -> tree.forEach(root, 0, 1000, (_, _) -> true))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("outside its parent's range");
  }

  @Test
  void siblingsThatAreNotAlikeExchangeNothing() throws IOException {
    long root = filled(400);
    var node = transaction.shadow(root, BlockKind.BTREE_NODE).bytes();
    BTreeNode.setLongValue(node, 0, new BTree(transaction, ValueType.plain(24)).createEmpty());

    assertThatThrownBy(
            () -> {
              long current = root;
              for (long key = 399; key > 200; key--) {
                current = tree.remove(current, key).root();
              }
            })
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("it is not like its sibling");
  }

  @Test
  void impossibleNodesAreNotRead() {
    var sound = new byte[TransactionManager.BLOCK_BYTES];
    BTreeNode.format(sound, BTreeNode.LEAF, 8);
    BTreeNode.insert(sound, 0, 5);
    BTreeNode.insert(sound, 1, 6);

    assertDamaged(sound, 4, 3, "its flags are 3");
    assertDamaged(sound, 4, 0, "its flags are 0");
    assertDamaged(sound, 16, 253, "it claims to hold 253 of 252 entries");
    assertDamaged(sound, 16, -1, "it claims to hold -1 of 252 entries");
    assertDamaged(sound, 20, 255, "it claims room for 255 values of 8 bytes");
    assertDamaged(sound, 24, 0, "it claims room for 252 values of 0 bytes");
    assertDamaged(sound, 24, Integer.MAX_VALUE, "values of 2147483647 bytes");
    assertDamaged(sound, 32, 6, "key 1 is 6 after 6");
    assertDamaged(sound, 36, -1, "key 0 is -4294967291 after -1");
    var childless = sound.clone();
    LittleEndian.setInt(childless, 16, 0);
    assertDamaged(childless, 4, 1, "as an internal node it has 0 children of 8 bytes");
  }

  private static void assertDamaged(byte[] sound, int offset, int value, String why) {
    var node = sound.clone();
    LittleEndian.setInt(node, offset, value);
    assertThatThrownBy(() -> BTreeNode.verify(node, 9))
        .isInstanceOf(StorageException.Damaged.class)
        .hasMessageContaining("B-tree node in metadata block 9 is damaged: ")
        .hasMessageContaining(why);
  }
}
