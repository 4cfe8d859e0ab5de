package io.lumeo.pools;

import io.lumeo.block.StorageException;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The connections of one system to its pool. Files that nobody serves can be open only once: who
/// finds that another thread of this system has them open waits for it, instead of being refused.
///
/// Safe for use by several threads.
final class Connections {
  private final PoolAccess access;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closed = lock.newCondition();
  private int open;

  Connections(PoolAccess access) {
    this.access = access;
  }

  /// Does something with the pool, which is reached for it and let go of.
  ///
  /// @throws StorageException.Busy if somebody else has the pool open
  <T> T with(PoolSystem.Work<T> work) throws StorageFailure, IOException {
    var pool = connect();
    try (pool) {
      return work.with(pool);
    } finally {
      letGo();
    }
  }

  private VolumeService connect() throws IOException {
    lock.lock();
    try {
      while (true) {
        try {
          var pool = access.connect();
          open++;
          return pool;
        } catch (StorageException.Busy busy) {
          if (open == 0) {
            throw busy;
          }
          closed.awaitUninterruptibly();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void letGo() {
    lock.lock();
    try {
      open--;
      closed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
