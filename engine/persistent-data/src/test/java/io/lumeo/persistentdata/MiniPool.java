package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The smallest thing with a superblock: some trees, and a space map of the data blocks that their
/// values refer to.
final class MiniPool {
  private static final long DATA_ROOT = 0x40;
  private static final long METADATA_ROOT = 0xC0;
  private static final long TREE_COUNT = 0x140;
  private static final long TREES = 0x148;

  /// How large a pool is. Values begin with the number of a data block; leaves hold few large ones,
  /// so that a tree of few entries is deep.
  record Shape(long metadataBlocks, long dataBlocks, int valueBytes, long cacheBytes) {
    static Shape of(long metadataBlocks, long dataBlocks) {
      return new Shape(metadataBlocks, dataBlocks, Long.BYTES, 1 << 20);
    }
  }

  final TransactionManager transaction;
  final DiskSpaceMap data;
  final BTree tree;
  final List<Long> roots = new ArrayList<>();
  private final MemorySegment value;
  private SpaceMapRoot metadataRoot;
  private SpaceMapRoot dataRoot;

  private MiniPool(
      TransactionManager transaction,
      DiskSpaceMap data,
      int valueBytes,
      SpaceMapRoot metadataRoot,
      SpaceMapRoot dataRoot) {
    this.transaction = transaction;
    this.data = data;
    this.tree = new BTree(transaction, new DataBlocks(data, valueBytes));
    this.value = MemorySegment.ofArray(new byte[valueBytes]);
    this.metadataRoot = metadataRoot;
    this.dataRoot = dataRoot;
  }

  /// Each leaf counts the data blocks it refers to.
  private record DataBlocks(DiskSpaceMap data, int sizeBytes) implements ValueType {
    @Override
    public void increment(MemorySegment values, long offset, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        long block = values.get(LittleEndian.U64, offset + (long) i * sizeBytes);
        data.increment(block, block + 1);
      }
    }

    @Override
    public void decrement(MemorySegment values, long offset, int count) throws IOException {
      for (int i = 0; i < count; i++) {
        long block = values.get(LittleEndian.U64, offset + (long) i * sizeBytes);
        data.decrement(block, block + 1);
      }
    }
  }

  static MiniPool create(BlockDevice device, Shape shape) throws IOException {
    var transaction = TransactionManager.create(device, shape.metadataBlocks(), shape.cacheBytes());
    var data = DiskSpaceMap.create(transaction, shape.dataBlocks());
    var none = new SpaceMapRoot(0, 0, 0, 0);
    return new MiniPool(transaction, data, shape.valueBytes(), none, none);
  }

  static MiniPool open(BlockDevice device, Shape shape) throws IOException {
    var superblock = MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]);
    device.read(0, superblock);
    BlockChecksum.verify(superblock, 0, BlockKind.SUPERBLOCK);
    var metadataRoot = SpaceMapRoot.read(superblock, METADATA_ROOT);
    var dataRoot = SpaceMapRoot.read(superblock, DATA_ROOT);
    var transaction = TransactionManager.open(device, metadataRoot, shape.cacheBytes());
    var data = DiskSpaceMap.open(transaction, dataRoot);
    var pool = new MiniPool(transaction, data, shape.valueBytes(), metadataRoot, dataRoot);
    long trees = superblock.get(LittleEndian.U64, TREE_COUNT);
    for (int i = 0; i < trees; i++) {
      pool.roots.add(superblock.get(LittleEndian.U64, TREES + 8L * i));
    }
    return pool;
  }

  // --- Trees ---

  void addTree() throws IOException {
    roots.add(tree.createEmpty());
  }

  /// Adds a tree that shares all nodes with the one at `index`.
  void addSnapshot(int index) throws IOException {
    transaction.increment(roots.get(index));
    roots.add(roots.get(index));
  }

  void deleteTree(int index) throws IOException {
    tree.delete(roots.remove(index));
  }

  /// Maps `key` to a newly allocated data block, which is returned.
  long put(int index, long key) throws IOException {
    long root = roots.get(index);
    long replaced = tree.get(root, key, value) ? value.get(LittleEndian.U64, 0) : -1;
    long block = data.allocate();
    assertThat(block).as("a free data block").isNotNegative();
    if (value.byteSize() == Long.BYTES) {
      roots.set(index, tree.insert(root, key, block));
    } else {
      value.set(LittleEndian.U64, 0, block);
      roots.set(index, tree.insert(root, key, value));
    }
    if (replaced >= 0) {
      data.decrement(replaced, replaced + 1);
    }
    return block;
  }

  long remove(int index, long key) throws IOException {
    var removal = tree.remove(roots.get(index), key);
    roots.set(index, removal.root());
    return removal.count();
  }

  long removeRange(int index, long begin, long end) throws IOException {
    var removal = tree.removeRange(roots.get(index), begin, end);
    roots.set(index, removal.root());
    return removal.count();
  }

  /// The data block of `key`, or -1.
  long get(int index, long key) throws IOException {
    return tree.get(roots.get(index), key, value) ? value.get(LittleEndian.U64, 0) : -1;
  }

  SortedMap<Long, Long> entries(int index) throws IOException {
    return entries(index, 0, Long.MAX_VALUE);
  }

  SortedMap<Long, Long> entries(int index, long begin, long end) throws IOException {
    var entries = new TreeMap<Long, Long>();
    tree.forEach(
        roots.get(index),
        begin,
        end,
        (key, node, offset) -> {
          entries.put(key, node.get(LittleEndian.U64, offset));
          return true;
        });
    return entries;
  }

  // --- Commits ---

  /// A commit under way: to be written, then completed.
  final class Commit {
    private final FreedBlocks freed;
    private final SealedTransaction sealed;
    private final MemorySegment superblock;

    private Commit() throws IOException {
      dataRoot = data.commit();
      freed = data.sealFreed();
      sealed = transaction.seal();
      metadataRoot = sealed.metadataRoot();
      superblock = MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]);
      dataRoot.write(superblock, DATA_ROOT);
      metadataRoot.write(superblock, METADATA_ROOT);
      superblock.set(LittleEndian.U64, TREE_COUNT, roots.size());
      for (int i = 0; i < roots.size(); i++) {
        superblock.set(LittleEndian.U64, TREES + 8L * i, roots.get(i));
      }
    }

    void write() throws IOException {
      sealed.write(superblock);
    }

    void complete() {
      sealed.complete();
      data.complete();
      data.release(freed);
    }
  }

  Commit seal() throws IOException {
    return new Commit();
  }

  void commit() throws IOException {
    var commit = seal();
    commit.write();
    commit.complete();
  }

  // --- Proofs ---

  /// Right after [#seal] or [#open]: the count of every metadata block and of every data block is
  /// the number of pointers to it, and no other block is in use. So nothing leaks, and nothing is
  /// free that is in use.
  void assertEveryBlockIsCounted() throws IOException {
    var pointers = new HashMap<Long, Integer>();
    var dataPointers = new HashMap<Long, Integer>();
    pointers.put(0L, 1);
    pointers.put(metadataRoot.bitmapRoot(), 1);
    var index = transaction.read(metadataRoot.bitmapRoot(), BlockKind.INDEX);
    for (int i = 0; i < Math.ceilDiv(metadataRoot.blockCount(), Bitmap.ENTRIES); i++) {
      var entry = IndexEntry.read(index, IndexEntry.offsetInBlock(i));
      pointers.put(entry.block(), 1);
      assertEntryFits(entry);
    }
    var counts = new BTree(transaction, ValueType.plain(Integer.BYTES));
    countPointers(counts, metadataRoot.refCountRoot(), pointers, _ -> {});
    countPointers(counts, dataRoot.refCountRoot(), pointers, _ -> {});
    var bitmaps = new BTree(transaction, ValueType.plain(IndexEntry.BYTES));
    countPointers(bitmaps, dataRoot.bitmapRoot(), pointers, _ -> {});
    bitmaps.forEach(
        dataRoot.bitmapRoot(),
        0,
        Long.MAX_VALUE,
        (key, node, offset) -> {
          var entry = IndexEntry.read(node, offset);
          pointers.put(entry.block(), 1);
          assertEntryFits(entry);
          return true;
        });
    for (long root : roots) {
      countPointers(
          tree,
          root,
          pointers,
          leaf -> {
            for (int i = 0; i < leaf.entryCount(); i++) {
              long block = leaf.segment().get(LittleEndian.U64, leaf.valueOffset(i));
              dataPointers.merge(block, 1, Integer::sum);
            }
          });
    }
    for (var expected : pointers.entrySet()) {
      assertThat(transaction.count(expected.getKey()))
          .as("count of metadata block %d", expected.getKey())
          .isEqualTo(expected.getValue());
    }
    assertThat(metadataRoot.allocatedCount()).isEqualTo(pointers.size());
    assertThat(transaction.freeBlockCount()).isEqualTo(transaction.blockCount() - pointers.size());
    for (var expected : dataPointers.entrySet()) {
      assertThat(data.count(expected.getKey()))
          .as("count of data block %d", expected.getKey())
          .isEqualTo(expected.getValue());
    }
    assertThat(dataRoot.allocatedCount()).isEqualTo(dataPointers.size());
  }

  private void assertEntryFits(IndexEntry entry) throws IOException {
    var bitmap = transaction.bytes(entry.block(), BlockKind.BITMAP);
    assertThat(entry.freeCount()).isEqualTo(Bitmap.zeroCount(bitmap));
    int firstZero = Bitmap.findZero(bitmap, 0, Bitmap.ENTRIES, List.of());
    assertThat(entry.noneFreeBefore())
        .isLessThanOrEqualTo(firstZero < 0 ? Bitmap.ENTRIES : firstZero);
  }

  /// Adds the pointers to the nodes of a tree, and those of its leaves to data blocks; and checks
  /// the shape of each node.
  private static void countPointers(
      BTree tree, long root, Map<Long, Integer> pointers, Consumer<NodeView> leaves)
      throws IOException {
    tree.walk(
        root,
        new NodeVisitor() {
          private int leafDepth = -1;

          @Override
          public boolean visit(NodeView node, int depth) {
            if (depth > 0) {
              assertThat(node.isUnderfull()).as("block %d is underfull", node.block()).isFalse();
            } else if (!node.isLeaf()) {
              assertThat(node.entryCount()).as("children of the root").isGreaterThan(1);
            }
            boolean first = pointers.merge(node.block(), 1, Integer::sum) == 1;
            if (node.isLeaf()) {
              assertThat(leafDepth).as("depth of the leaves").isIn(-1, depth);
              leafDepth = depth;
              if (first) {
                leaves.accept(node);
              }
            }
            return first;
          }

          @Override
          public void damaged(long block, long keyBegin, long keyEnd, IOException why)
              throws IOException {
            throw why;
          }
        });
  }
}
