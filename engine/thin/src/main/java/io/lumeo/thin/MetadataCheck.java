package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.BTree;
import io.lumeo.persistentdata.BlockKind;
import io.lumeo.persistentdata.NodeView;
import io.lumeo.persistentdata.TransactionManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Checks a pool's metadata as it is on the device: that every node is whole and in its place, that
/// each metadata block is counted once for every pointer to it, each data block once for every leaf
/// that maps it, and that the devices' details agree with their mappings.
///
/// A node that several others share is entered once; what it maps is remembered for the others.
final class MetadataCheck {
  private static final long CACHE_BYTES = 64L << 20;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_PROBLEMS = 100;

  private final BlockDevice device;
  private final Progress progress;
  private final List<String> problems = new ArrayList<>();
  private long suppressedProblems;

  private int[] metadataCounts = {};
  private int[] dataCounts = {};

  /// How many mappings lie under each node of a mapping tree; -1 where it was not entered.
  private long[] mappedUnder = {};

  private long visited;
  private long toVisit;

  MetadataCheck(BlockDevice device, Progress progress) {
    this.device = device;
    this.progress = progress;
  }

  CheckReport run() throws IOException {
    PoolMetadata metadata;
    try {
      metadata = PoolMetadata.open(device, CACHE_BYTES, false);
    } catch (StorageException.Damaged e) {
      return new CheckReport(List.of(String.valueOf(e.getMessage())), false, 0, 0, 0);
    }
    var transaction = metadata.transaction();
    metadataCounts = new int[(int) transaction.blockCount()];
    mappedUnder = new long[metadataCounts.length];
    Arrays.fill(mappedUnder, -1);
    dataCounts = new int[Math.toIntExact(metadata.dataBlocks())];
    toVisit = transaction.blockCount() - transaction.freeBlockCount();

    metadataCounts[0]++;
    transaction.forEachSpaceMapBlock(this::point);
    metadata.dataMap().forEachOwnBlock(this::point);
    checkTrees(metadata, metadata.topLevelRoot(), metadata.detailsRoot(), "");
    checkHeldRoot(metadata);
    compareMetadataCounts(transaction);
    compareDataCounts(metadata);
    progress.update(toVisit, toVisit);
    if (suppressedProblems > 0) {
      problems.add("and %d problems more".formatted(suppressedProblems));
    }
    return new CheckReport(
        problems,
        metadata.needsCheck(),
        toVisit,
        metadata.dataBlocks() - metadata.freeDataBlocks(),
        metadata.deviceCount());
  }

  private void point(long block) {
    if (block < 0 || block >= metadataCounts.length) {
      problem("metadata block %d is referred to and lies outside the metadata".formatted(block));
    } else {
      metadataCounts[(int) block]++;
    }
  }

  private void problem(String problem) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(problem);
    } else {
      suppressedProblems++;
    }
  }

  private void checkHeldRoot(PoolMetadata metadata) throws IOException {
    long held = metadata.heldRoot();
    if (held == 0) {
      return;
    }
    point(held);
    try {
      var superblock =
          Superblock.read(metadata.transaction().read(held, BlockKind.SUPERBLOCK), held, false);
      checkTrees(
          metadata, superblock.mappingRoot(), superblock.detailsRoot(), "metadata snapshot: ");
    } catch (StorageException.Damaged e) {
      problem("metadata snapshot: " + e.getMessage());
    }
  }

  private void checkTrees(PoolMetadata metadata, long topLevelRoot, long detailsRoot, String where)
      throws IOException {
    point(detailsRoot);
    enter(metadata.details(), detailsRoot, new Range(0, Long.MAX_VALUE, 0), (_, _) -> {});
    point(topLevelRoot);
    enter(
        metadata.topLevel(),
        topLevelRoot,
        new Range(0, Long.MAX_VALUE, 0),
        (leaf, i) -> point(leaf.longValue(i)));
    if (problems.isEmpty()) {
      compareDevices(metadata, topLevelRoot, detailsRoot, where);
    }
  }

  /// The keys a node may hold, and how deep it lies.
  private record Range(long begin, long end, int depth) {
    Range child(NodeView node, int index) {
      long childEnd = index + 1 == node.entryCount() ? end : node.key(index + 1);
      return new Range(node.key(index), childEnd, depth + 1);
    }
  }

  private interface LeafEntry {
    void entry(NodeView leaf, int index) throws IOException;
  }

  /// Enters a node that was pointed to, unless it was entered before, and all below it.
  private void enter(BTree tree, long block, Range range, LeafEntry action) throws IOException {
    if (!inside(block) || mappedUnder[(int) block] >= 0) {
      return;
    }
    mappedUnder[(int) block] = 0;
    var node = view(tree, block, range);
    if (node == null) {
      return;
    }
    for (int i = 0; i < node.entryCount(); i++) {
      if (node.isLeaf()) {
        action.entry(node, i);
      } else {
        point(node.child(i));
        enter(tree, node.child(i), range.child(node, i), action);
      }
    }
  }

  private boolean inside(long block) {
    return block > 0 && block < metadataCounts.length;
  }

  /// The node, or null when it cannot be read or does not belong where it is.
  private @Nullable NodeView view(BTree tree, long block, Range range) throws IOException {
    Pool.stopIfAsked(progress, visited++, Math.max(toVisit, visited), "checking the metadata");
    try {
      var node = tree.view(block);
      int last = node.entryCount() - 1;
      if (range.depth() > MAX_DEPTH) {
        problem("node %d lies deeper than any tree is".formatted(block));
        return null;
      }
      if (last >= 0 && (node.key(0) < range.begin() || node.key(last) >= range.end())) {
        problem(
            "node %d has keys %d to %d where %d to %d belong"
                .formatted(block, node.key(0), node.key(last), range.begin(), range.end() - 1));
        return null;
      }
      if (range.depth() > 0 && node.isUnderfull()) {
        problem("node %d has only %d of %d entries".formatted(block, last + 1, node.maxEntries()));
      }
      return node;
    } catch (StorageException.Damaged e) {
      problem(String.valueOf(e.getMessage()));
      return null;
    }
  }

  private void compareDevices(
      PoolMetadata metadata, long topLevelRoot, long detailsRoot, String where) throws IOException {
    var details = new TreeMap<Long, Long>();
    metadata
        .details()
        .forEach(
            detailsRoot,
            0,
            Long.MAX_VALUE,
            (key, node, offset) -> {
              details.put(
                  key, DetailsLayout.read(new ThinId((int) key), node, offset).mappedBlocks());
              return true;
            });
    metadata
        .topLevel()
        .forEach(
            topLevelRoot,
            0,
            Long.MAX_VALUE,
            (long key, long root) -> {
              compareDevice(metadata, key, root, details.remove(key), where);
              return true;
            });
    details
        .keySet()
        .forEach(
            id -> problem("%sthin device %d has details and no mappings".formatted(where, id)));
  }

  private void compareDevice(
      PoolMetadata metadata, long id, long root, @Nullable Long recorded, String where)
      throws IOException {
    long mapped = mapped(metadata.mappings(), root, new Range(0, Long.MAX_VALUE, 0));
    if (recorded == null) {
      problem("%sthin device %d has mappings and no details".formatted(where, id));
    } else if (recorded != mapped) {
      problem(
          "%sthin device %d maps %d blocks and its details say %d"
              .formatted(where, id, mapped, recorded));
    }
  }

  /// How many mappings lie under a node of a mapping tree; counts what its leaves refer to when it
  /// is entered for the first time.
  private long mapped(BTree mappings, long block, Range range) throws IOException {
    if (!inside(block)) {
      return 0;
    }
    if (mappedUnder[(int) block] >= 0) {
      return mappedUnder[(int) block];
    }
    mappedUnder[(int) block] = 0;
    var node = view(mappings, block, range);
    long mapped = 0;
    for (int i = 0; node != null && i < node.entryCount(); i++) {
      if (node.isLeaf()) {
        countData(node.key(i), Mapping.dataBlock(node.longValue(i)));
        mapped++;
      } else {
        point(node.child(i));
        mapped += mapped(mappings, node.child(i), range.child(node, i));
      }
    }
    mappedUnder[(int) block] = mapped;
    return mapped;
  }

  private void countData(long virtualBlock, long dataBlock) {
    if (dataBlock >= dataCounts.length) {
      problem(
          "virtual block %d is mapped to data block %d, and there are only %d"
              .formatted(virtualBlock, dataBlock, dataCounts.length));
    } else {
      dataCounts[(int) dataBlock]++;
    }
  }

  private void compareMetadataCounts(TransactionManager transaction) {
    for (int block = 0; block < metadataCounts.length; block++) {
      if (transaction.count(block) != metadataCounts[block]) {
        problem(
            "metadata block %d is referred to %d times and counted %d times"
                .formatted(block, metadataCounts[block], transaction.count(block)));
      }
    }
  }

  private void compareDataCounts(PoolMetadata metadata) throws IOException {
    for (int block = 0; block < dataCounts.length; block++) {
      int counted = metadata.dataMap().count(block);
      if (counted != dataCounts[block]) {
        problem(
            "data block %d is referred to %d times and counted %d times"
                .formatted(block, dataCounts[block], counted));
      }
    }
  }
}
