package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/// One thin device in memory, while somebody has it open or the running transaction has changed it.
/// Idle devices have none.
///
/// Invariants: everything but [#openCount] and the settings changes only under the pool's metadata
/// lock; [#root] and the nodes below it that belong to this device alone change only while [#tree]
/// is also held for writing. A node that another device can reach is never changed in place, so
/// whoever reads this device's tree has to validate against this lock alone.
final class DeviceState {
  final ThinId id;
  final StampedLock tree = new StampedLock();
  final long transactionId;
  final int creationTime;

  long root;
  volatile long mappedBlocks;
  volatile int snapshotTime;

  /// Whether the running transaction has changed this device; its path in the top-level tree is
  /// exclusive since then, and what the tree says of it out of date.
  boolean changed;

  /// How many handles are open; guarded by the metadata lock.
  int openCount;

  /// Whether it is being deleted in steps; guarded by the metadata lock.
  boolean condemned;

  /// How many blocks are set aside for holes of this device; guarded by the metadata lock.
  long reservedBlocks;

  volatile long sizeBytes;

  /// The shrink that is under way, if it is still in force: whoever changes the size or the content
  /// meanwhile takes it away. Set with all stripes held.
  volatile @Nullable Shrink shrink;

  volatile long quotaBlocks = Long.MAX_VALUE;
  volatile @Nullable BlockDevice externalOrigin;

  /// Set when the device is gone after an aborted transaction: its creation was never committed.
  volatile boolean lost;

  DeviceState(DeviceDetails details, long root) {
    this.id = details.id();
    this.transactionId = details.transactionId();
    this.creationTime = details.creationTime();
    this.root = root;
    this.mappedBlocks = details.mappedBlocks();
    this.snapshotTime = details.snapshotTime();
  }

  /// One shrink, from when the device is smaller until that is recorded. Known by itself: two of
  /// the same size are not the same.
  static final class Shrink {
    /// Up to where there may be something to give back.
    final long fromBytes;

    private Shrink(long fromBytes) {
      this.fromBytes = fromBytes;
    }
  }

  /// Makes the device smaller. The caller holds all stripes. A shrink that was under way leaves to
  /// this one what it has not given back.
  Shrink shrink(long newSizeBytes) {
    var underWay = shrink;
    var begun = new Shrink(underWay == null ? sizeBytes : underWay.fromBytes);
    sizeBytes = newSizeBytes;
    shrink = begun;
    return begun;
  }

  /// Makes the device larger or smaller, which ends a shrink.
  void resize(long newSizeBytes) {
    sizeBytes = newSizeBytes;
    shrink = null;
  }

  /// What the pool's metadata does not say of a device, and its content goes with.
  record Settings(long sizeBytes, @Nullable BlockDevice externalOrigin) {}

  /// Takes over other settings and returns those until now. The caller holds the metadata lock.
  Settings exchange(Settings others) {
    var before = new Settings(sizeBytes, externalOrigin);
    resize(others.sizeBytes());
    externalOrigin = others.externalOrigin();
    return before;
  }

  DeviceDetails details() {
    return new DeviceDetails(id, mappedBlocks, transactionId, creationTime, snapshotTime);
  }

  /// The caller holds the metadata lock, so nobody else changes the count.
  void addMapped(long blocks) {
    long before = mappedBlocks;
    mappedBlocks = before + blocks;
  }

  /// Points the device at another tree. The caller holds the metadata lock.
  void moveTo(long newRoot) {
    long stamp = tree.writeLock();
    try {
      root = newRoot;
    } finally {
      tree.unlockWrite(stamp);
    }
  }

  /// Goes back to what the last commit says.
  void reset(DeviceState committed) {
    moveTo(committed.root);
    mappedBlocks = committed.mappedBlocks;
    snapshotTime = committed.snapshotTime;
    changed = false;
  }
}
