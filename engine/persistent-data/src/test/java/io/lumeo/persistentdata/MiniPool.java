package io.lumeo.persistentdata;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The smallest thing with a superblock: a list of tree roots (with values of eight bytes) and a
/// space map of data blocks that the trees do not refer to.
final class MiniPool {
  static final long CACHE_BYTES = 1 << 20;
  private static final long DATA_ROOT = 0x40;
  private static final long METADATA_ROOT = 0xC0;
  private static final long TREE_COUNT = 0x140;
  private static final long TREES = 0x148;

  final TransactionManager transaction;
  final DiskSpaceMap data;
  final BTree tree;
  final List<Long> roots = new ArrayList<>();
  private SpaceMapRoot metadataRoot;
  private SpaceMapRoot dataRoot;

  private MiniPool(
      TransactionManager transaction,
      DiskSpaceMap data,
      SpaceMapRoot metadataRoot,
      SpaceMapRoot dataRoot) {
    this.transaction = transaction;
    this.data = data;
    this.tree = new BTree(transaction, ValueType.plain(Long.BYTES));
    this.metadataRoot = metadataRoot;
    this.dataRoot = dataRoot;
  }

  static MiniPool create(BlockDevice device, long blockCount, long dataBlockCount)
      throws IOException {
    return create(device, blockCount, dataBlockCount, CACHE_BYTES);
  }

  static MiniPool create(BlockDevice device, long blockCount, long dataBlockCount, long cacheBytes)
      throws IOException {
    var transaction = TransactionManager.create(device, blockCount, cacheBytes);
    var data = DiskSpaceMap.create(transaction, dataBlockCount);
    var none = new SpaceMapRoot(0, 0, 0, 0);
    return new MiniPool(transaction, data, none, none);
  }

  static MiniPool open(BlockDevice device) throws IOException {
    return open(device, CACHE_BYTES);
  }

  static MiniPool open(BlockDevice device, long cacheBytes) throws IOException {
    var superblock = MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]);
    device.read(0, superblock);
    BlockChecksum.verify(superblock, 0, BlockKind.SUPERBLOCK);
    var metadataRoot = SpaceMapRoot.read(superblock, METADATA_ROOT);
    var dataRoot = SpaceMapRoot.read(superblock, DATA_ROOT);
    var transaction = TransactionManager.open(device, metadataRoot, cacheBytes);
    var pool =
        new MiniPool(transaction, DiskSpaceMap.open(transaction, dataRoot), metadataRoot, dataRoot);
    long trees = superblock.get(LittleEndian.U64, TREE_COUNT);
    for (int i = 0; i < trees; i++) {
      pool.roots.add(superblock.get(LittleEndian.U64, TREES + 8L * i));
    }
    return pool;
  }

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

  /// The entries of the tree at `index`.
  Map<Long, Long> entries(int index) throws IOException {
    return entries(tree, roots.get(index));
  }

  static Map<Long, Long> entries(BTree tree, long root) throws IOException {
    var entries = new HashMap<Long, Long>();
    tree.forEach(
        root,
        0,
        Long.MAX_VALUE,
        (key, value) -> {
          entries.put(key, value);
          return true;
        });
    return entries;
  }

  /// Right after [#seal]: every metadata block's count is the number of pointers to it, so nothing
  /// leaks and nothing is freed that is in use.
  void assertEveryBlockIsCounted() throws IOException {
    var pointers = new HashMap<Long, Integer>();
    pointers.put(0L, 1);
    pointers.put(metadataRoot.bitmapRoot(), 1);
    var index = transaction.read(metadataRoot.bitmapRoot(), BlockKind.INDEX);
    for (int i = 0; i < Math.ceilDiv(metadataRoot.blockCount(), Bitmap.ENTRIES); i++) {
      pointers.put(IndexEntry.read(index, IndexEntry.offsetInBlock(i)).block(), 1);
    }
    var counts = new BTree(transaction, ValueType.plain(Integer.BYTES));
    countPointers(counts, metadataRoot.refCountRoot(), pointers);
    countPointers(counts, dataRoot.refCountRoot(), pointers);
    var bitmaps = new BTree(transaction, ValueType.plain(IndexEntry.BYTES));
    countPointers(bitmaps, dataRoot.bitmapRoot(), pointers);
    bitmaps.forEach(
        dataRoot.bitmapRoot(),
        0,
        Long.MAX_VALUE,
        (key, node, offset) -> {
          pointers.put(IndexEntry.read(node, offset).block(), 1);
          return true;
        });
    for (long root : roots) {
      countPointers(tree, root, pointers);
    }
    for (long block = 0; block < transaction.blockCount(); block++) {
      assertThat(transaction.count(block))
          .as("count of metadata block %d", block)
          .isEqualTo(pointers.getOrDefault(block, 0));
    }
    assertThat(metadataRoot.allocatedCount()).isEqualTo(pointers.size());
    assertThat(transaction.freeBlockCount()).isEqualTo(transaction.blockCount() - pointers.size());
  }

  /// Adds the pointers to the nodes of a tree, and checks the shape of each node.
  static void countPointers(BTree tree, long root, Map<Long, Integer> pointers) throws IOException {
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
            for (int i = 1; i < node.entryCount(); i++) {
              assertThat(node.key(i)).isGreaterThan(node.key(i - 1));
            }
            if (node.isLeaf()) {
              assertThat(leafDepth).isIn(-1, depth);
              leafDepth = depth;
            }
            return pointers.merge(node.block(), 1, Integer::sum) == 1;
          }

          @Override
          public void damaged(long block, long keyBegin, long keyEnd, IOException why)
              throws IOException {
            throw why;
          }
        });
  }
}
