package io.lumeo.thin;

import io.lumeo.persistentdata.FreedBlocks;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Makes the transactions of a pool durable, one after the other.
///
/// A commit runs in three steps so that writes go on meanwhile: under the metadata lock the running
/// transaction is sealed in memory and the next begins; without it the data device is flushed, the
/// sealed blocks, then the superblock are written; under it again the blocks the transaction freed
/// become free to use. A mapping enters a transaction only after its data was written, so the flush
/// of the data covers every mapping of the sealed transaction. All who wait for a flush share one
/// commit.
final class Commits {
  private static final System.Logger LOG = System.getLogger(Pool.class.getName());

  /// How long a change may stay uncommitted when nobody flushes, as in the kernel.
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /// Dirty metadata blocks beyond which a commit is started early, to bound memory: 32 MiB.
  private static final int MAX_DIRTY_BLOCKS = 8192;

  /// Dirty metadata blocks beyond which whoever is to make more waits for a commit: one that was
  /// started early may be slow, and what it writes is in memory as well until it is done.
  static final int MOST_DIRTY_BLOCKS = MAX_DIRTY_BLOCKS + MAX_DIRTY_BLOCKS / 2;

  private final PoolState pool;
  private final SpaceQueue space;
  private final PoolClock clock;
  private volatile long started;
  private volatile boolean dataDirty;

  // Under the metadata lock.
  private boolean scheduled;
  private boolean scheduledEarly;

  Commits(PoolState pool, SpaceQueue space, PoolClock clock) {
    this.pool = pool;
    this.space = space;
    this.clock = clock;
  }

  /// Notes that the data device has something to flush.
  void dataWritten() {
    if (!dataDirty) {
      dataDirty = true;
    }
  }

  // By the clock; under the metadata lock

  /// Something has changed: there is to be a commit within the second.
  void schedule() {
    if (!scheduled) {
      scheduled = true;
      clock.schedule(PERIOD, this::commitByClock);
    }
    if (pool.metadata().dirtyBlockCount() > MAX_DIRTY_BLOCKS) {
      scheduleEarly();
    }
  }

  /// There is to be a commit as soon as may be.
  void scheduleEarly() {
    if (!scheduledEarly) {
      scheduledEarly = true;
      clock.schedule(Duration.ZERO, this::commitByClock);
    }
  }

  private void commitByClock() {
    pool.lock();
    try {
      scheduled = false;
      scheduledEarly = false;
    } finally {
      pool.unlock();
    }
    if (pool.isClosed()) {
      return;
    }
    try {
      commit();
    } catch (IOException e) {
      // Closing commits by itself; a commit that comes just after it is refused and not missed.
      if (!pool.isClosed()) {
        LOG.log(
            System.Logger.Level.ERROR, "a periodic commit of the pool failed: {0}", e.getMessage());
      }
    }
  }

  // By whoever waits for it

  /// Makes everything durable that was done before the call: data and metadata.
  void commit() throws IOException {
    try {
      makeDurable();
    } finally {
      pool.events.deliver();
    }
  }

  /// Waits for a commit if there is too much uncommitted for more to be begun. May be called by
  /// those who hold stripes.
  void awaitRoomInMemory() throws IOException {
    if (pool.metadata().dirtyBlockCount() > MOST_DIRTY_BLOCKS) {
      makeDurable();
    }
  }

  /// As [#commit], for those who hold stripes, under which no listener may be called.
  void makeDurable() throws IOException {
    long before = started;
    Freed freed = null;
    pool.commitLock.lock();
    try {
      if (started == before) {
        started = before + 1;
        freed = commitLocked();
      }
      pool.requireCommitted();
    } finally {
      pool.commitLock.unlock();
      if (freed != null) {
        giveBack(freed);
      }
    }
  }

  /// Data blocks that a durable transaction freed and that are to be punched before they are used
  /// again.
  private record Freed(PoolMetadata owner, FreedBlocks blocks) {}

  private @Nullable Freed commitLocked() throws IOException {
    var sealed = seal();
    try {
      if (dataDirty) {
        dataDirty = false;
        pool.data.flush();
      }
      if (sealed != null) {
        sealed.write();
      }
    } catch (IOException | RuntimeException e) {
      dataDirty = true;
      pool.fail(e);
      throw e;
    }
    return sealed == null ? null : complete(sealed);
  }

  private PoolMetadata.@Nullable Sealed seal() throws IOException {
    pool.lock();
    try {
      pool.requireReadable();
      var metadata = pool.metadata();
      return !pool.isBroken() && metadata.isChanged() ? pool.guarded(metadata::seal) : null;
    } finally {
      pool.unlock();
    }
  }

  /// Lets the blocks be used again that the transaction freed: those of the data device at once,
  /// or, when their space is to be given back first, after that; they are then returned.
  private @Nullable Freed complete(PoolMetadata.Sealed sealed) {
    pool.lock();
    try {
      sealed.complete();
      var freed = new Freed(pool.metadata(), sealed.freed());
      if (pool.options().discard() == DiscardMode.PASSDOWN && !freed.blocks().isEmpty()) {
        space.beginPunching();
        return freed;
      }
      release(freed);
      return null;
    } finally {
      pool.unlock();
    }
  }

  /// Punches freed blocks out of the data device and lets them be used. Without the commit lock:
  /// other commits need not wait.
  private void giveBack(Freed freed) {
    long blockBytes = pool.dataBlockBytes;
    try {
      freed
          .blocks()
          .forEachRun(
              (begin, end) -> pool.data.discard(begin * blockBytes, (end - begin) * blockBytes));
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "giving freed blocks back to the data device failed: {0}",
          e.getMessage());
    } finally {
      pool.lock();
      try {
        space.endPunching();
        release(freed);
      } finally {
        pool.unlock();
      }
    }
  }

  private void release(Freed freed) {
    freed.owner().release(freed.blocks());
    space.released();
  }
}
