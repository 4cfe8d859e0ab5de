package io.lumeo.thin;

import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;

/// The locks under which I/O holds its mappings still: a fixed number of them, shared by all
/// virtual blocks of the pool.
///
/// I/O to a mapped block holds its stripe for reading from the look-up until the data is moved, so
/// that the data block cannot be freed, unshared or snapshotted in between. Provisioning, unsharing
/// and discarding hold it for writing: two first writes to one block provision it once. A snapshot
/// holds all stripes its origin can use, so what is written after it went elsewhere.
///
/// **Order.** A thread holds one stripe, or takes several in ascending order having held none.
/// Stripes come before the pool's commit and metadata locks, never after.
final class Stripes {
  /// How many stripes the blocks of one device are spread over.
  static final int WINDOW = 64;

  private static final int WINDOWS = 16;

  private final StampedLock[] locks = new StampedLock[WINDOWS * WINDOW];

  Stripes() {
    Arrays.setAll(locks, i -> new StampedLock());
  }

  /// The stripe of one virtual block.
  StampedLock of(ThinId device, long virtualBlock) {
    return locks[window(device) + (int) (virtualBlock & (WINDOW - 1))];
  }

  private static int window(ThinId device) {
    return ((device.value() * 0x9E3779B9) >>> 28) * WINDOW;
  }

  /// Holds off all I/O to the devices until [Held#close].
  Held hold(Iterable<ThinId> devices) {
    boolean[] windows = new boolean[WINDOWS];
    devices.forEach(device -> windows[window(device) / WINDOW] = true);
    return new Held(windows);
  }

  /// Holds off all I/O of the pool.
  Held holdAll() {
    boolean[] windows = new boolean[WINDOWS];
    Arrays.fill(windows, true);
    return new Held(windows);
  }

  /// Stripes held for writing; released in any thread.
  final class Held implements AutoCloseable {
    private final long[] stamps = new long[locks.length];

    private Held(boolean[] windows) {
      for (int i = 0; i < locks.length; i++) {
        if (windows[i / WINDOW]) {
          stamps[i] = locks[i].writeLock();
        }
      }
    }

    @Override
    public void close() {
      for (int i = 0; i < locks.length; i++) {
        if (stamps[i] != 0) {
          locks[i].unlockWrite(stamps[i]);
        }
      }
    }
  }
}
