package io.lumeo.thin;

import io.lumeo.persistentdata.DiskSpaceMap;
import io.lumeo.persistentdata.TransactionManager;
import io.lumeo.persistentdata.TreeCost;

/// How many metadata blocks must be free before something is changed, so that neither the change
/// nor the commit after it runs out of them halfway.
///
/// Each answer is the worst case: every node on the way is shared and has to be copied, every copy
/// counts up all that it refers to, each of these counts lies in another leaf of an overflow tree,
/// every node is full and is split, or nearly empty and is merged. It includes what sealing the
/// running transaction takes with the change in it; so while changes are only made when there is
/// room for them, there is always room to seal.
///
/// The longest account of it is in `docs/design/metadata-room.md`.
final class MetadataRoom {
  private static final TreeCost MAPPINGS = TreeCost.ofValues(Long.BYTES);
  private static final TreeCost ROOTS = TreeCost.ofValues(Long.BYTES);
  private static final TreeCost DETAILS = TreeCost.ofValues(DetailsLayout.BYTES);

  private final TransactionManager transaction;
  private final DiskSpaceMap dataMap;
  private final long devices;
  private final long changedDevices;

  /// Whether devices can have nodes of mapping trees in common.
  private final boolean shared;

  private final boolean held;

  /// @param devices how many there are
  /// @param changedDevices how many of them the running transaction has changed
  /// @param held whether a metadata snapshot has the trees of devices and details in common with
  ///   the pool
  MetadataRoom(
      TransactionManager transaction,
      DiskSpaceMap dataMap,
      long devices,
      long changedDevices,
      boolean held) {
    this.transaction = transaction;
    this.dataMap = dataMap;
    this.devices = devices;
    this.changedDevices = changedDevices;
    this.shared = transaction.sharedBlockCount() > 0;
    this.held = held;
  }

  /// To map one virtual block, whether it was a hole or is unshared.
  long toMap() {
    long mapped = mostMapped();
    var need = new Need();
    need.deviceNodes = ROOTS.toReplace(devices, 1);
    need.nodes = MAPPINGS.toAdd(mapped, mapped + 1, 1, 1);
    need.dataUp = 1;
    need.dataDown = 1;
    if (shared) {
      need.copyShared(MAPPINGS.levels(mapped), 1);
    }
    return need.blocks(1);
  }

  /// To add so many devices, empty or as snapshots of so many origins, in one transaction.
  long toAddDevices(long added, long origins) {
    long emptyRoot = 1;
    var need = new Need();
    need.deviceNodes =
        ROOTS.toAdd(devices, devices + added, added, added + origins)
            + DETAILS.toAdd(devices, devices + added, added, added);
    need.nodes = emptyRoot;
    need.pointersUp = added;
    return need.blocks(added + origins);
  }

  /// To make holes of up to `blocks` virtual blocks of a device.
  long toFree(long blocks) {
    return toFree(blocks, shared);
  }

  private long toFree(long blocks, boolean shared) {
    long mapped = mostMapped();
    long levels = MAPPINGS.levels(mapped);
    // A range goes in passes: whole children from the top down, then along its edges. Each copies
    // a way, and beside it siblings to merge with.
    long passes = Math.min(blocks, 2 * levels);
    long copies = passes * (2 * levels - 1);
    var need = new Need();
    need.deviceNodes = ROOTS.toReplace(devices, 1);
    need.nodes = copies;
    need.pointersDown = MAPPINGS.nodes(Math.min(blocks, mapped));
    need.dataDown = Math.min(blocks, dataMap.allocatedCount());
    if (shared) {
      need.copyShared(copies, 2 * passes);
    }
    return need.blocks(1);
  }

  /// To drop a device that maps so many blocks. Nothing of its mapping tree is copied.
  long toDelete(long mapped) {
    var need = new Need();
    need.deviceNodes = ROOTS.toRemove(devices, 1) + DETAILS.toRemove(devices, 1);
    need.pointersDown = Math.min(MAPPINGS.nodes(mapped), transaction.blockCount());
    need.dataDown = Math.min(mapped, dataMap.allocatedCount());
    return need.blocks(0);
  }

  /// To unmap a single block, or else to delete a device that maps no more: the least step in which
  /// space is freed. Counted as if nodes were shared, since what asks may be the first snapshot.
  long toFreeAnything() {
    return Math.max(toFree(1, true), toDelete(1));
  }

  /// To release the metadata snapshot, which may be all that holds any of the data.
  long toReleaseHeld() {
    var need = new Need();
    need.pointersDown = transaction.blockCount();
    need.dataDown = dataMap.allocatedCount();
    return need.blocks(0);
  }

  /// To grow the data device to `blocks`.
  long toExtendData(long blocks) {
    var need = new Need();
    need.nodes = dataMap.blocksToExtend(blocks) + dataMap.blocksToCommit(blocks);
    return need.blocks(0);
  }

  /// How many blocks one device can map, as far as it makes a difference to its tree: the metadata
  /// holds no more leaves.
  private long mostMapped() {
    return Math.min(dataMap.allocatedCount(), MAPPINGS.fewestEntries(transaction.blockCount()));
  }

  /// What a change takes, by what it does.
  private final class Need {
    /// Nodes copied or made of the trees of devices and of details, and all others.
    long deviceNodes;

    long nodes;

    /// Pointers to metadata blocks and to data blocks, counted up and down.
    long pointersUp;

    long pointersDown;
    long dataUp;
    long dataDown;

    /// Nodes of mapping trees are copied that others refer to as well, `leaves` of them at the
    /// lowest level.
    void copyShared(long copies, long leaves) {
      pointersUp += copies * TreeCost.MAX_CHILDREN;
      pointersDown += copies;
      dataUp += leaves * TreeCost.MAX_CHILDREN;
    }

    /// All of it, and sealing the transaction when `changed` more devices are changed.
    long blocks(long changed) {
      long details = DETAILS.toReplace(devices, changedDevices + changed);
      long heldCopies = held ? deviceNodes + details : 0;
      return deviceNodes
          + details
          + nodes
          + transaction.blocksToCount(
              pointersUp + heldCopies * TreeCost.MAX_CHILDREN, pointersDown + heldCopies)
          + dataMap.blocksToCount(dataUp, dataDown)
          + dataMap.blocksToCommit(dataMap.blockCount())
          + transaction.blocksToSeal();
    }
  }
}
