package io.lumeo.persistentdata;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The metadata blocks in memory: a bounded table of frames, and beside it, strongly held, the
/// frames that are not on the device yet.
///
/// The table is set-associative: a block may be in any of the eight ways of one set, and a pass
/// with second chances picks the way to give up. A hit takes no lock, allocates nothing and writes
/// at most a mark. It costs three cache lines before the block's own: the tags of the set, the
/// references to the bytes, the marks.
///
/// **Threads.** Everything else happens under the lock of the set: a reader that misses looks among
/// the *dirty* frames (of the running transaction), then the *sealed* ones (being written), and
/// only then reads the device and publishes the frame, all in one critical section. The one mutator
/// publishes its frames under the same lock. So a slow reader can never put stale bytes over a
/// newer frame: either it finishes first and is replaced, or it finds the newer frame.
final class BlockCache {
  static final int WAYS = 8;

  private static final int MAX_LOCKS = 1024;

  /// What a frame costs with its headers.
  private static final int FRAME_BYTES = TransactionManager.BLOCK_BYTES + 64;

  /// Block numbers are below [TransactionManager#MAX_BLOCKS], which leaves the upper bits of a tag
  /// for the kind, which the low bits of its salt tell.
  private static final int KIND_SHIFT = 24;

  private static final VarHandle BYTES = MethodHandles.arrayElementVarHandle(byte[][].class);

  /// Reads and verifies one block.
  @FunctionalInterface
  interface Source {
    Frame read(long block, BlockKind kind) throws IOException;
  }

  private final Source source;
  private final int sets;

  /// Which block each way seems to hold. A hit believes only what the bytes say themselves, so that
  /// tags, bytes and frames need not change as one.
  private final int[] tags;

  private final byte[][] bytes;
  private final boolean[] used;
  private final AtomicReferenceArray<@Nullable Frame> frames;
  private final Object[] locks;
  private volatile Map<Long, Frame> dirty = new ConcurrentHashMap<>();
  private volatile Map<Long, Frame> sealed = Map.of();

  /// A cache of about `capacityBytes`, at least one set.
  BlockCache(Source source, long capacityBytes) {
    this.source = source;
    long ways = Math.clamp(capacityBytes / FRAME_BYTES, WAYS, Integer.MAX_VALUE - WAYS);
    this.sets = (int) (ways / WAYS);
    this.tags = new int[sets * WAYS];
    this.bytes = new byte[sets * WAYS][];
    this.used = new boolean[sets * WAYS];
    this.frames = new AtomicReferenceArray<>(sets * WAYS);
    this.locks = new Object[Math.min(sets, MAX_LOCKS)];
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new Object();
    }
  }

  /// The block's bytes, from memory if they are there, else read from the device.
  ///
  /// @throws StorageException.Damaged if the block is of another kind
  byte[] bytes(long block, BlockKind kind) throws IOException {
    int tag = tag(block, kind);
    int first = set(block) * WAYS;
    for (int way = first; way < first + WAYS; way++) {
      if (tags[way] == tag) {
        var found = (byte[]) BYTES.getAcquire(bytes, way);
        if (found != null && BlockHeader.blockNumber(found) == block) {
          touch(way);
          return found;
        }
      }
    }
    return load(block, kind).bytes();
  }

  private static int tag(long block, BlockKind kind) {
    return (int) block | (kind.salt() << KIND_SHIFT);
  }

  private void touch(int way) {
    if (!used[way]) {
      used[way] = true;
    }
  }

  /// As [#bytes], for the mutator, who must know which transaction made them.
  Frame frame(long block, BlockKind kind) throws IOException {
    var frame = find(block);
    return frame != null && frame.kind() == kind ? frame : load(block, kind);
  }

  private @Nullable Frame find(long block) {
    int first = set(block) * WAYS;
    for (int way = first; way < first + WAYS; way++) {
      if ((tags[way] & ((1 << KIND_SHIFT) - 1)) == (int) block) {
        var frame = frames.getAcquire(way);
        if (frame != null && frame.block() == block) {
          touch(way);
          return frame;
        }
      }
    }
    return null;
  }

  private Frame load(long block, BlockKind kind) throws IOException {
    synchronized (lock(block)) {
      var frame = find(block);
      if (frame == null) {
        frame = dirty.get(block);
        if (frame == null) {
          // Looked up after `dirty`: a transaction is sealed in the opposite order.
          frame = sealed.get(block);
        }
        if (frame == null) {
          frame = source.read(block, kind);
        }
        publish(frame);
      }
      if (frame.kind() != kind) {
        throw new StorageException.Damaged(
            "metadata block %d holds %s where %s belongs; check the metadata"
                .formatted(block, frame.kind(), kind));
      }
      return frame;
    }
  }

  /// Adds a frame of the running transaction, in place of any older frame of its block.
  void add(Frame frame) {
    synchronized (lock(frame.block())) {
      dirty.put(frame.block(), frame);
      publish(frame);
    }
  }

  /// Forgets a block that was freed. If it was made in the running transaction it need never be
  /// written; a sealed one is written all the same.
  void drop(long block) {
    synchronized (lock(block)) {
      dirty.remove(block);
      int first = set(block) * WAYS;
      for (int way = first; way < first + WAYS; way++) {
        var frame = frames.getPlain(way);
        if (frame != null && frame.block() == block) {
          frames.setRelease(way, null);
          BYTES.setRelease(bytes, way, (byte[]) null);
        }
      }
    }
  }

  /// How many frames the running transaction has made.
  int dirtyCount() {
    return dirty.size();
  }

  /// Turns the dirty frames into sealed ones, which nobody changes any more, and returns them.
  Collection<Frame> seal() {
    sealed = dirty;
    dirty = new ConcurrentHashMap<>();
    return sealed.values();
  }

  /// The sealed frames are on the device now: they may be evicted.
  void complete() {
    sealed = Map.of();
  }

  /// Under the set's lock: puts the frame in the way of the block's older frame, in an empty one,
  /// or in that of a frame that was not used since the last pass.
  private void publish(Frame frame) {
    int first = set(frame.block()) * WAYS;
    int free = -1;
    for (int way = first; way < first + WAYS; way++) {
      var other = frames.getPlain(way);
      if (other != null && other.block() == frame.block()) {
        put(way, frame);
        return;
      }
      if (other == null) {
        free = way;
      }
    }
    put(free >= 0 ? free : victim(first, frame), frame);
  }

  /// The search starts where the newcomer's number says, which is as good as a clock hand that
  /// remembers.
  private int victim(int first, Frame newcomer) {
    for (int i = (int) newcomer.block(); ; i++) {
      int way = first + i % WAYS;
      if (!used[way]) {
        return way;
      }
      used[way] = false;
    }
  }

  private void put(int way, Frame frame) {
    tags[way] = tag(frame.block(), frame.kind());
    used[way] = false;
    BYTES.setRelease(bytes, way, frame.bytes());
    frames.setRelease(way, frame);
  }

  /// Fibonacci hashing: neighbouring blocks, and blocks a power of two apart, land in different
  /// sets.
  private int set(long block) {
    long hash = (block * 0x9E37_79B9_7F4A_7C15L) >>> 32;
    return (int) ((hash * sets) >>> 32);
  }

  private Object lock(long block) {
    return locks[set(block) % locks.length];
  }
}
