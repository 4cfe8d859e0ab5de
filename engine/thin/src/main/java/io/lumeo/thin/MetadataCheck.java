package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.BTree;
import io.lumeo.persistentdata.BlockKind;
import io.lumeo.persistentdata.NodeView;
import io.lumeo.persistentdata.NodeVisitor;
import io.lumeo.persistentdata.StoredCounts;
import io.lumeo.persistentdata.TransactionManager;
import io.lumeo.persistentdata.ValueType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Checks a pool's metadata as it is on the device: that every node is whole and in its place, that
/// each metadata block is counted once for every pointer to it, each data block once for every leaf
/// that maps it, and that the devices' details agree with their mappings.
///
/// It trusts nothing it has not looked at, and goes on after damage: what cannot be read is one
/// problem, and only what may lie below it is not judged. It finds the trees from the superblock,
/// without the space maps, so these may be damaged as well. A node that several others share is
/// entered once; what it maps is remembered for the others.
///
/// Beyond what `thin_check` looks at, it refuses what would mislead the next writer: a version or
/// features it does not know, impossible sizes, wrong hints and totals of the space maps, mappings
/// from the future.
final class MetadataCheck {
  private static final long CACHE_BYTES = 64L << 20;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_PROBLEMS = 100;

  /// What [#mappedUnder] holds for nodes not entered yet, and for those of which not all is known.
  private static final long NOT_ENTERED = -1;

  private static final long UNKNOWN = -2;

  private final BlockDevice device;
  private final Progress progress;
  private final List<String> problems = new ArrayList<>();
  private long suppressedProblems;

  private ReferenceCounts metadataPointers = new ReferenceCounts(0);
  private ReferenceCounts dataPointers = new ReferenceCounts(0);

  /// Nodes of the trees of devices whose children were pointed to.
  private final BitSet entered = new BitSet();

  /// How many mappings lie under each node of a mapping tree.
  private long[] mappedUnder = {};

  /// Whether every node could be entered, so that what was not seen is not there.
  private boolean sawEverything = true;

  private long metadataBlocks;
  private long dataBlocks;
  private int time;
  private long visited;
  private long toVisit;

  MetadataCheck(BlockDevice device, Progress progress) {
    this.device = device;
    this.progress = progress;
  }

  /// Looks at everything. Throws only if the device cannot be read or the progress stops it.
  CheckReport run() throws IOException {
    Superblock superblock;
    try {
      superblock = PoolMetadata.readSuperblock(device, true);
      metadataBlocks = metadataBlocks(superblock.metadataMap().blockCount());
      dataBlocks = dataBlocks(superblock.dataMap().blockCount());
    } catch (StorageException.Damaged | StorageException.Unsupported e) {
      problem(String.valueOf(e.getMessage()));
      return new CheckReport(problems, false, 0, 0, 0);
    }
    if ((superblock.flags() & ~Superblock.NEEDS_CHECK) != 0) {
      problem("the superblock has unknown flags 0x%x".formatted(superblock.flags()));
    }
    time = superblock.snapshotTime();
    var transaction = TransactionManager.openUncounted(device, metadataBlocks, CACHE_BYTES);
    metadataPointers = new ReferenceCounts(metadataBlocks);
    dataPointers = new ReferenceCounts(dataBlocks);
    mappedUnder = new long[(int) metadataBlocks];
    Arrays.fill(mappedUnder, NOT_ENTERED);

    point(0);
    var metadataCounts =
        StoredCounts.ofMetadata(transaction, superblock.metadataMap(), new SpaceMapListener());
    var dataCounts = StoredCounts.ofData(transaction, superblock.dataMap(), new SpaceMapListener());
    toVisit = metadataCounts.allocatedCount();
    int devices = checkTrees(transaction, superblock, "");
    checkHeldRoot(transaction, superblock.heldRoot());
    compare("metadata", metadataCounts, metadataPointers);
    compare("data", dataCounts, dataPointers);
    progress.update(toVisit, toVisit);
    if (suppressedProblems > 0) {
      problems.add("and %d problems more".formatted(suppressedProblems));
    }
    return new CheckReport(
        problems,
        superblock.needsCheck(),
        metadataCounts.allocatedCount(),
        dataCounts.allocatedCount(),
        devices);
  }

  /// How many metadata blocks there are to look at. A space map that says nonsense need not be
  /// asked: the trees are found without it.
  private long metadataBlocks(long claimed) throws StorageException {
    long blocks = PoolMetadata.usableBlocks(device);
    if (claimed < 1 || claimed > TransactionManager.MAX_BLOCKS) {
      problem(
          "the metadata space map claims %d blocks, possible are 1 to %d"
              .formatted(claimed, TransactionManager.MAX_BLOCKS));
      return blocks;
    }
    if (claimed > blocks) {
      throw new StorageException.Damaged(
          "the metadata device has %d blocks and the pool needs %d; it was cut short"
              .formatted(blocks, claimed));
    }
    return claimed;
  }

  private long dataBlocks(long claimed) throws StorageException {
    if (claimed < 0 || Math.ceilDiv(claimed, StoredCounts.BLOCKS_PER_BITMAP) > metadataBlocks) {
      throw new StorageException.Damaged(
          "the data space map claims %d blocks, more than %d metadata blocks can count"
              .formatted(claimed, metadataBlocks));
    }
    return claimed;
  }

  private void point(long block) {
    if (block < 0 || block >= metadataBlocks) {
      problem(
          "metadata block %d is referred to, and there are only %d"
              .formatted(block, metadataBlocks));
    } else {
      metadataPointers.increment(block);
    }
  }

  private void problem(String problem) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(problem);
    } else {
      suppressedProblems++;
    }
  }

  /// Says what is damaged in place of what to do about it, which is to check it.
  private void damaged(IOException why) {
    sawEverything = false;
    var what = String.valueOf(why.getMessage()).split(";", 2)[0];
    problem(what + "; what lies below it was not looked at");
  }

  private final class SpaceMapListener implements StoredCounts.Listener {
    @Override
    public void pointer(long block) {
      point(block);
    }

    @Override
    public void problem(String problem) {
      MetadataCheck.this.problem(problem);
    }
  }

  private void checkHeldRoot(TransactionManager transaction, long held) throws IOException {
    if (held == 0) {
      return;
    }
    point(held);
    try {
      var superblock = Superblock.read(transaction.read(held, BlockKind.SUPERBLOCK), held, false);
      checkTrees(transaction, superblock, "metadata snapshot: ");
    } catch (StorageException.Damaged | StorageException.Unsupported e) {
      sawEverything = false;
      problem("metadata snapshot: " + e.getMessage());
    }
  }

  /// Checks the trees below one superblock. Returns the number of devices.
  private int checkTrees(TransactionManager transaction, Superblock superblock, String where)
      throws IOException {
    var details = new TreeMap<Long, Long>();
    point(superblock.detailsRoot());
    new BTree(transaction, ValueType.plain(DetailsLayout.BYTES))
        .walk(superblock.detailsRoot(), new DetailsReader(details));
    var roots = new TreeMap<Long, Long>();
    point(superblock.mappingRoot());
    var mappings = new BTree(transaction, ValueType.plain(Long.BYTES));
    mappings.walk(superblock.mappingRoot(), new RootsReader(roots));
    for (var root : roots.entrySet()) {
      long mapped = mapped(mappings, root.getValue(), new Range(0, Long.MAX_VALUE, 0));
      compareDevice(root.getKey(), mapped, details, where);
    }
    for (var id : details.keySet()) {
      if (!roots.containsKey(id) && sawEverything) {
        problem("%sthin device %d has details and no mappings".formatted(where, id));
      }
    }
    return roots.size();
  }

  private void compareDevice(long id, long mapped, Map<Long, Long> details, String where) {
    var recorded = details.get(id);
    if (id > ThinId.MAX) {
      problem("%sthin device %d has an id of more than 24 bits".formatted(where, id));
    }
    if (recorded == null) {
      if (sawEverything) {
        problem("%sthin device %d has mappings and no details".formatted(where, id));
      }
    } else if (mapped != UNKNOWN && recorded != mapped) {
      problem(
          "%sthin device %d maps %d blocks and its details say %d"
              .formatted(where, id, mapped, recorded));
    }
  }

  /// Reads a tree of which all entries are wanted, though its nodes may be shared with the metadata
  /// snapshot and so be seen twice.
  private abstract class TreeReader implements NodeVisitor {
    abstract void entry(NodeView leaf, int index, boolean firstTime);

    @Override
    public boolean visit(NodeView node, int depth) throws IOException {
      boolean firstTime = !entered.get((int) node.block());
      entered.set((int) node.block());
      if (firstTime) {
        tick();
        checkFill(node, depth);
      }
      for (int i = 0; i < node.entryCount(); i++) {
        if (node.isLeaf()) {
          entry(node, i, firstTime);
        } else if (firstTime) {
          point(node.child(i));
        }
      }
      return true;
    }

    @Override
    public void damaged(long block, long keyBegin, long keyEnd, IOException why) {
      MetadataCheck.this.damaged(why);
    }
  }

  private final class DetailsReader extends TreeReader {
    private final Map<Long, Long> mappedBlocks;

    DetailsReader(Map<Long, Long> mappedBlocks) {
      this.mappedBlocks = mappedBlocks;
    }

    @Override
    void entry(NodeView leaf, int index, boolean firstTime) {
      var details = DetailsLayout.read(ID_UNKNOWN, leaf.segment(), leaf.valueOffset(index));
      mappedBlocks.put(leaf.key(index), details.mappedBlocks());
      int latest = Math.max(details.creationTime(), details.snapshotTime());
      if (firstTime && (latest > time || details.creationTime() < 0)) {
        problem(
            "thin device %d has the time %d, and the pool's clock shows %d"
                .formatted(leaf.key(index), latest, time));
      }
    }
  }

  /// [DetailsLayout] wants an id; the key may be too large for one.
  private static final ThinId ID_UNKNOWN = new ThinId(0);

  private final class RootsReader extends TreeReader {
    private final Map<Long, Long> roots;

    RootsReader(Map<Long, Long> roots) {
      this.roots = roots;
    }

    @Override
    void entry(NodeView leaf, int index, boolean firstTime) {
      roots.put(leaf.key(index), leaf.longValue(index));
      if (firstTime) {
        point(leaf.longValue(index));
      }
    }
  }

  private void tick() throws IOException {
    Pool.stopIfAsked(progress, visited++, Math.max(toVisit, visited), "checking the metadata");
  }

  private void checkFill(NodeView node, int depth) {
    if (depth > 0 && node.isUnderfull()) {
      problem(
          "node %d has only %d of %d entries"
              .formatted(node.block(), node.entryCount(), node.maxEntries()));
    }
  }

  /// The keys a node may hold, and how deep it lies.
  private record Range(long begin, long end, int depth) {
    Range child(NodeView node, int index) {
      long childEnd = index + 1 == node.entryCount() ? end : node.key(index + 1);
      return new Range(node.key(index), childEnd, depth + 1);
    }
  }

  /// How many mappings lie under a node of a mapping tree, or [#UNKNOWN]; counts what its leaves
  /// refer to when it is entered for the first time.
  private long mapped(BTree mappings, long block, Range range) throws IOException {
    if (block <= 0 || block >= metadataBlocks) {
      sawEverything = false;
      return UNKNOWN;
    }
    if (mappedUnder[(int) block] != NOT_ENTERED) {
      return mappedUnder[(int) block];
    }
    // Whoever comes back here from below finds this, and does not go round in circles.
    mappedUnder[(int) block] = UNKNOWN;
    tick();
    NodeView node;
    try {
      node = view(mappings, block, range);
    } catch (IOException e) {
      damaged(e);
      return UNKNOWN;
    }
    checkFill(node, range.depth());
    long mapped = 0;
    for (int i = 0; i < node.entryCount(); i++) {
      if (node.isLeaf()) {
        countData(node.key(i), node.longValue(i));
        mapped++;
      } else {
        point(node.child(i));
        long below = mapped(mappings, node.child(i), range.child(node, i));
        mapped = below == UNKNOWN || mapped == UNKNOWN ? UNKNOWN : mapped + below;
      }
    }
    mappedUnder[(int) block] = mapped;
    return mapped;
  }

  private static NodeView view(BTree tree, long block, Range range) throws IOException {
    var node = tree.view(block);
    int last = node.entryCount() - 1;
    if (range.depth() > MAX_DEPTH) {
      throw new StorageException.Damaged("node %d lies deeper than any tree is".formatted(block));
    }
    if (last >= 0 && (node.key(0) < range.begin() || node.key(last) >= range.end())) {
      throw new StorageException.Damaged(
          "node %d has keys %d to %d where %d to %d belong"
              .formatted(block, node.key(0), node.key(last), range.begin(), range.end() - 1));
    }
    return node;
  }

  private void countData(long virtualBlock, long mapping) {
    long dataBlock = Mapping.dataBlock(mapping);
    if (dataBlock >= dataBlocks) {
      problem(
          "virtual block %d is mapped to data block %d, and there are only %d"
              .formatted(virtualBlock, dataBlock, dataBlocks));
    } else {
      dataPointers.increment(dataBlock);
    }
    if (Mapping.time(mapping) > time) {
      problem(
          "virtual block %d was mapped at time %d, and the pool's clock shows %d"
              .formatted(virtualBlock, Mapping.time(mapping), time));
    }
  }

  /// Compares what is counted with what was seen. Below damage there may be more than was seen, not
  /// less.
  private void compare(String what, StoredCounts counts, ReferenceCounts pointers)
      throws IOException {
    for (long block = 0; block < counts.blockCount(); block++) {
      int counted = counts.count(block);
      int seen = pointers.get(block);
      boolean wrong = sawEverything ? counted != seen : counted < seen;
      if (wrong && counted != StoredCounts.UNKNOWN) {
        problem(
            "%s block %d is referred to %d times and counted %d times"
                .formatted(what, block, seen, counted));
      }
    }
  }
}
