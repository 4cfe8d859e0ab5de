package io.lumeo.thin;

import io.lumeo.block.StorageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The free space of a pool: who waits for it, who hears that it gets low, and when the data device
/// grows by itself.
///
/// A write that finds no data block waits until one is free, at most as long as the pool's options
/// say. When the time is over all who wait fail, and later writes fail at once, until there is
/// space again.
final class SpaceQueue {
  /// How often one commit more is made for what others take away in the meantime. Each time it was
  /// used for something, so this is seldom more than once or twice.
  static final int MOST_COMMITS = 16;

  private static final long SPACE_FOUND = -1;
  private static final long COMMIT_FIRST = -2;

  private final PoolState pool;
  private final PoolClock clock;
  private final GrowthByItself growth;

  // All under the metadata lock.

  /// How many lots of freed blocks are being given back to the data device and can be used soon.
  private int punching;

  private boolean waitingRefused;
  private PoolClock.@Nullable Scheduled timeout;
  private boolean dataLowRaised;
  private boolean metadataLowRaised;

  /// Grows the data device.
  @FunctionalInterface
  interface Growth {
    void growTo(long dataBlocks) throws IOException;
  }

  SpaceQueue(PoolState pool, PoolClock clock, Growth growth) {
    this.pool = pool;
    this.clock = clock;
    this.growth = new GrowthByItself(pool, clock, growth);
  }

  /// Who waits for space.
  @FunctionalInterface
  interface Writer {
    void requireOpen() throws StorageException;
  }

  /// Makes what was freed usable, as far as it can be.
  @FunctionalInterface
  interface Commit {
    void run() throws IOException;
  }

  /// Returns when there is space; commits, so that what was freed can be used; grows the data
  /// device when that is allowed; fails when there is nothing to wait for. Called without any lock.
  ///
  /// @param writer asked before each wait; throws when the write is no longer wanted
  void await(Writer writer, Commit commit) throws IOException {
    commit.run();
    int commitsLeft = MOST_COMMITS;
    for (long seen = look(commitsLeft); seen != SPACE_FOUND; seen = look(commitsLeft)) {
      if (seen == COMMIT_FIRST) {
        commitsLeft--;
        commit.run();
        continue;
      }
      // Who listens hears that the pool is out of space while it is.
      pool.events.deliver();
      // After the number of changes was read: who is closed from here on makes another.
      writer.requireOpen();
      pool.awaitChange(seen);
    }
  }

  /// Returns [#SPACE_FOUND], or [#COMMIT_FIRST] when others have freed something since the last
  /// commit, or how often there had been a change when there was no space.
  private long look(int commitsLeft) throws IOException {
    pool.lock();
    try {
      pool.requireWritable();
      var metadata = pool.metadata();
      if (!metadata.hasRoom(metadata.roomForAChange())) {
        if (commitsLeft > 0 && metadata.hasUnreleasedBlocks()) {
          return COMMIT_FIRST;
        }
        checkLowWater();
        pool.setMode(PoolMode.OUT_OF_METADATA_SPACE, "no metadata block is free");
        throw outOfMetadataSpace();
      }
      if (metadata.allocatableDataBlocks() == 0 && punching > 0) {
        return pool.changes();
      }
      if (metadata.allocatableDataBlocks() == 0
          && commitsLeft > 0
          && metadata.hasUnreleasedDataBlocks()) {
        return COMMIT_FIRST;
      }
      if (metadata.allocatableDataBlocks() > 0 || growth.grow()) {
        if (pool.mode() != PoolMode.WRITE) {
          resume("blocks are free again");
        }
        return SPACE_FOUND;
      }
      pool.setMode(PoolMode.OUT_OF_DATA_SPACE, "no data block is free");
      if (errorIfNoSpace()) {
        throw new StorageException.OutOfSpace(
            "the pool has no free data block; extend it with 'lumeo pool extend' or delete what is"
                + " not needed");
      }
      startTimeout();
      return pool.changes();
    } finally {
      pool.unlock();
    }
  }

  static StorageException outOfMetadataSpace() {
    return new StorageException.OutOfSpace(
        "the pool has not enough free metadata blocks for this; extend its metadata with 'lumeo"
            + " pool extend --meta-size'");
  }

  /// Whether writes that need space fail now: asked for, or because others have waited in vain.
  boolean errorIfNoSpace() {
    return pool.options().errorIfNoSpace() || waitingRefused;
  }

  private void startTimeout() {
    var wait = pool.options().noSpaceTimeout();
    if (timeout == null && wait.isPositive()) {
      timeout = clock.schedule(wait, this::timeOut);
    }
  }

  private void timeOut() {
    pool.lock();
    try {
      switch (pool.mode()) {
        // Who waits for data does so too after another has found no metadata.
        case OUT_OF_DATA_SPACE, OUT_OF_METADATA_SPACE -> refuse();
        // Space came while this was on its way, or nobody waits any more.
        case WRITE, READ_ONLY, FAIL -> {}
      }
    } finally {
      pool.unlock();
    }
  }

  /// Fails who waits, now and until there is space.
  void refuse() {
    pool.lock();
    try {
      waitingRefused = true;
      timeout = null;
      pool.noteChange();
    } finally {
      pool.unlock();
    }
  }

  // What brings space; all under the metadata lock

  void dataGrown() {
    growth.forgetFailure();
    resumeIfDataIsFree("the data device has grown");
  }

  void metadataGrown() {
    resumeIfMetadataIsFree("the metadata device has grown");
  }

  /// A transaction that freed blocks is durable, and they can be used.
  void released() {
    resumeIfDataIsFree("data blocks were freed");
    resumeIfMetadataIsFree("metadata blocks were freed");
    checkLowWater();
    pool.noteChange();
  }

  private void resumeIfDataIsFree(String reason) {
    if (pool.mode() == PoolMode.OUT_OF_DATA_SPACE && pool.metadata().allocatableDataBlocks() > 0) {
      resume(reason);
    }
  }

  private void resumeIfMetadataIsFree(String reason) {
    var metadata = pool.metadata();
    if (pool.mode() == PoolMode.OUT_OF_METADATA_SPACE
        && metadata.hasRoom(metadata.roomForAChange())) {
      resume(reason);
    }
  }

  private void resume(String reason) {
    pool.setMode(PoolMode.WRITE, reason);
    waitingRefused = false;
    if (timeout != null) {
      timeout.cancel();
      timeout = null;
    }
    pool.noteChange();
  }

  /// Freed blocks are being given back to the data device and can be used after that.
  void beginPunching() {
    punching++;
  }

  void endPunching() {
    punching--;
  }

  /// Waits for others who give blocks back, so that the data device may be closed. Without the
  /// lock.
  void awaitPunching() {
    pool.awaitUntil(() -> punching == 0);
  }

  // Low water

  /// Raises an event when free space has crossed its mark, once for each time.
  void checkLowWater() {
    var metadata = pool.metadata();
    long mark = pool.options().lowWaterBlocks();
    long free = metadata.freeDataBlocks();
    if (free > mark) {
      dataLowRaised = false;
    } else if (!dataLowRaised && mark > 0) {
      dataLowRaised = true;
      pool.events.add(new PoolEvent.DataLow(free, mark));
      growth.grow();
    }
    long metadataMark = metadata.metadataLowWaterBlocks();
    long left = metadata.blocksLeftForChanges();
    if (left > metadataMark) {
      metadataLowRaised = false;
    } else if (!metadataLowRaised) {
      metadataLowRaised = true;
      pool.events.add(new PoolEvent.MetadataLow(left, metadataMark));
    }
  }
}
