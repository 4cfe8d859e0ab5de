package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What the parts of a pool have in common: its metadata and the lock around it, its options, its
/// mode, and the way back to the last commit when a change or a commit fails.
///
/// **Modes** follow the kernel's:
///
/// ```
/// write ⇄ out of data space      no data block is free / some are again
/// write ⇄ out of metadata space  no metadata block is free / the metadata has grown
/// any   → read only              a commit or a change failed; needs_check is set, the last commit is in force
/// any   → fail                   not even the last commit can be read
/// ```
final class PoolState {
  private static final System.Logger LOG = System.getLogger(Pool.class.getName());

  final BlockDevice metadataDevice;
  final BlockDevice data;
  final long dataBlockBytes;
  final PoolEvents events = new PoolEvents();

  /// Held while one commit is on its way; taken before the metadata lock.
  final ReentrantLock commitLock = new ReentrantLock();

  private final ReentrantLock metadataLock = new ReentrantLock();
  private final Condition changed = metadataLock.newCondition();

  /// How often those who wait for something had reason to look again.
  private long changes;

  private volatile PoolMetadata metadata;
  private volatile PoolOptions options;
  private volatile PoolMode mode = PoolMode.WRITE;
  private volatile boolean closed;

  /// Why the running transaction cannot be committed; set under the metadata lock, cleared when the
  /// last commit is in force again.
  private volatile @Nullable Exception broken;

  private volatile @Nullable Exception lastFailure;

  PoolState(
      PoolMetadata metadata, BlockDevice metadataDevice, BlockDevice data, PoolOptions options) {
    this.metadata = metadata;
    this.metadataDevice = metadataDevice;
    this.data = data;
    this.options = options;
    this.dataBlockBytes = (long) metadata.dataBlockSectors() * DataBlocks.SECTOR_BYTES;
    if (options.readOnly()) {
      mode = PoolMode.READ_ONLY;
    } else if (metadata.needsCheck()) {
      mode = PoolMode.READ_ONLY;
      LOG.log(System.Logger.Level.WARNING, "the pool needs a check and is read-only until then");
    }
  }

  /// The metadata now; another object after a failure. Changed under the [lock][#lock] only.
  PoolMetadata metadata() {
    return metadata;
  }

  PoolOptions options() {
    return options;
  }

  /// Whether the pool is read-only and how much it caches stay as they were at opening.
  void setOptions(PoolOptions wanted) {
    options =
        wanted
            .withReadOnly(options.readOnly())
            .withMetadataCacheBytes(options.metadataCacheBytes());
  }

  PoolMode mode() {
    return mode;
  }

  boolean isClosed() {
    return closed;
  }

  /// From now on nothing is done; who waits is told so.
  void close() {
    lock();
    try {
      closed = true;
      noteChange();
    } finally {
      unlock();
    }
  }

  // The metadata lock, and waiting under it

  void lock() {
    metadataLock.lock();
  }

  /// If what was done under the lock has failed halfway, the last commit is in force on return.
  void unlock() {
    metadataLock.unlock();
    recoverIfBroken();
  }

  /// Lets those look again who wait. Under the lock.
  void noteChange() {
    changes++;
    changed.signalAll();
  }

  /// How often there was a change. Under the lock.
  long changes() {
    return changes;
  }

  /// Waits until there was a change since there had been so many. Without the lock.
  void awaitChange(long seen) throws InterruptedIOException {
    metadataLock.lock();
    try {
      while (changes == seen) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted =
          new InterruptedIOException("interrupted while waiting for space in the pool");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      metadataLock.unlock();
    }
  }

  /// Waits until `done` says so, which is asked under the lock at each change. Without the lock.
  void awaitUntil(BooleanSupplier done) {
    metadataLock.lock();
    try {
      while (!done.getAsBoolean()) {
        changed.awaitUninterruptibly();
      }
    } finally {
      metadataLock.unlock();
    }
  }

  // What is allowed

  /// Refuses I/O when the pool is closed or has failed.
  void requireReadable() throws StorageException {
    if (closed) {
      throw new StorageException.Failed("the pool is closed; open it again");
    }
    if (mode == PoolMode.FAIL) {
      throw new StorageException.Failed(
          "the pool has failed: its metadata cannot be read; run 'lumeo pool check'");
    }
  }

  void requireWritable() throws StorageException {
    requireReadable();
    if (mode == PoolMode.READ_ONLY) {
      throw readOnly();
    }
  }

  void requireChangeable() throws StorageException {
    requireReadable();
    switch (mode) {
      case WRITE, OUT_OF_DATA_SPACE -> {}
      case OUT_OF_METADATA_SPACE ->
          throw new StorageException.Unsupported(
              "the pool is out of metadata space and takes no changes but deletions and discards; extend its metadata with 'lumeo pool extend --meta-size'");
      case READ_ONLY, FAIL -> throw readOnly();
    }
  }

  StorageException readOnly() {
    return new StorageException.ReadOnly(
        options.readOnly()
            ? "the pool was opened read-only; open it for writing"
            : "the pool is read-only because its metadata needs a check; stop what uses it and run 'lumeo pool check --clear-needs-check'");
  }

  void setMode(PoolMode wanted, String reason) {
    if (mode == wanted || mode == PoolMode.FAIL) {
      return;
    }
    if (mode == PoolMode.READ_ONLY && wanted != PoolMode.FAIL) {
      return;
    }
    events.add(new PoolEvent.ModeChanged(mode, wanted, reason));
    mode = wanted;
  }

  // Failure

  /// Something that may leave the transaction half done when it fails.
  interface Work<T extends @Nullable Object> {
    T run() throws IOException;
  }

  /// Runs it under the lock; when it fails the pool stops writing before it guesses. What a caller
  /// can have asked wrongly is refused before anything has changed and does no harm.
  <T extends @Nullable Object> T guarded(Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (StorageException.NotFound
        | StorageException.AlreadyExists
        | StorageException.InvalidArgument
        | StorageException.Busy
        | StorageException.Unsupported refused) {
      throw refused;
    } catch (IOException | RuntimeException | Error e) {
      broken = e instanceof Exception exception ? exception : new IllegalStateException(e);
      setMode(PoolMode.READ_ONLY, "a change of the metadata failed: " + e.getMessage());
      throw e;
    }
  }

  boolean isBroken() {
    return broken != null;
  }

  /// A commit failed.
  void fail(Exception cause) {
    lock();
    try {
      broken = cause;
      setMode(PoolMode.READ_ONLY, "a commit failed: " + cause.getMessage());
    } finally {
      unlock();
    }
  }

  void requireCommitted() throws StorageException {
    var failure = lastFailure;
    if (failure != null) {
      throw new StorageException.Failed(
          "the pool went back to its last commit and is read-only: what was written since may be lost; run 'lumeo pool check'",
          failure);
    }
  }

  /// After a change or commit failed: drops what is in memory, takes up the last commit, marks the
  /// pool as needing a check. Waits for a commit that is being written, whose outcome decides which
  /// commit is the last.
  private void recoverIfBroken() {
    if (broken == null || metadataLock.isHeldByCurrentThread()) {
      return;
    }
    commitLock.lock();
    metadataLock.lock();
    try {
      if (broken == null) {
        return;
      }
      lastFailure = broken;
      recover();
      broken = null;
      noteChange();
    } finally {
      metadataLock.unlock();
      commitLock.unlock();
    }
  }

  private void recover() {
    try {
      var committed = PoolMetadata.open(metadataDevice, options.metadataCacheBytes(), true);
      for (var state : metadata.pinned()) {
        committed.adopt(state);
      }
      metadata = committed;
    } catch (IOException | RuntimeException e) {
      setMode(PoolMode.FAIL, "the last commit cannot be read: " + e.getMessage());
      return;
    }
    try {
      metadata.setNeedsCheck(true);
      var sealed = metadata.seal();
      sealed.write();
      sealed.complete();
    } catch (IOException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the pool could not be marked as needing a check: {0}",
          e.getMessage());
    }
  }
}
