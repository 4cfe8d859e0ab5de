package io.lumeo.testing;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import io.lumeo.block.ExtentVisitor;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// A disk in memory with a volatile cache, whose power can be cut at any operation.
///
/// What was written is read back at once, but only a flush makes it durable. [#crash] gives the
/// disk as it may be found after the power came back: of the writes that no flush covered, each may
/// be there, be missing, be torn at 512-byte sectors, or have been overtaken by later ones. A disk
/// that keeps its flush promise and nothing else is the worst disk that an engine must survive.
///
/// Disks that share a [PowerSupply] lose power in the same instant. A copy of a disk, and so a
/// crash, costs next to nothing, so thousands of crashes can be tried.
///
/// **Threads.** All methods may be called by many threads at once; each operation is done as a
/// whole.
public final class CrashingDisk implements BlockDevice {
  /// What a disk writes whole or not at all.
  public static final int SECTOR_BYTES = 512;

  /// A write, or with no bytes a zeroing, that no flush has covered yet.
  private static final class Unflushed {
    private final long offset;
    private final long lengthBytes;
    private final byte @Nullable [] bytes;

    Unflushed(long offset, long lengthBytes, byte @Nullable [] bytes) {
      this.offset = offset;
      this.lengthBytes = lengthBytes;
      this.bytes = bytes;
    }

    void applyTo(DiskImage image, long from, long to) {
      if (bytes == null) {
        image.zero(from, to - from);
      } else {
        image.write(from, bytes, (int) (from - offset), (int) (to - from));
      }
    }

    void applyTo(DiskImage image) {
      applyTo(image, offset, offset + lengthBytes);
    }

    /// Applies the sectors that `chosen` says, by their number within the write.
    void applySectors(DiskImage image, IntPredicate chosen) {
      long end = offset + lengthBytes;
      int number = 0;
      for (long at = offset; at < end; number++) {
        long next = Math.min((at / SECTOR_BYTES + 1) * SECTOR_BYTES, end);
        if (chosen.test(number)) {
          applyTo(image, at, next);
        }
        at = next;
      }
    }
  }

  private final PowerSupply power;
  private final DiskImage durable;
  private final DiskImage current;
  private final List<Unflushed> unflushed = new ArrayList<>();
  private volatile long sizeBytes;
  private Fault fault = Fault.NONE;
  private boolean closed;

  /// An empty disk with a power supply of its own, which never fails.
  public CrashingDisk(long sizeBytes) {
    this(sizeBytes, new PowerSupply());
  }

  /// An empty disk on `power`.
  public CrashingDisk(long sizeBytes, PowerSupply power) {
    this(new DiskImage(sizeBytes), sizeBytes, power);
  }

  private CrashingDisk(DiskImage durable, long sizeBytes, PowerSupply power) {
    this.durable = durable;
    this.current = durable.copy();
    this.sizeBytes = sizeBytes;
    this.power = power;
  }

  /// The disk as it may be found when the power is back, on `power`; which of the possible ones,
  /// `random` decides. This disk is not changed, so the same crash can be looked at many times.
  public synchronized CrashingDisk crash(Random random, PowerSupply power) {
    var survivor = durable.copy();
    switch (random.nextInt(6)) {
      case 0 -> {} // Nothing that was in the cache reached the disk.
      case 1 -> unflushed.forEach(write -> write.applyTo(survivor));
      case 2 -> applyPrefix(survivor, random);
      case 3 -> applyWholeWrites(survivor, random);
      default -> applySectorsInAnyOrder(survivor, random);
    }
    return new CrashingDisk(survivor, sizeBytes, power);
  }

  /// As [#crash(Random, PowerSupply)], on a power supply that never fails.
  public CrashingDisk crash(Random random) {
    return crash(random, new PowerSupply());
  }

  /// The writes reached the disk in order up to one, of which the sectors did up to one.
  private void applyPrefix(DiskImage image, Random random) {
    int last = random.nextInt(unflushed.size() + 1);
    unflushed.subList(0, last).forEach(write -> write.applyTo(image));
    if (last < unflushed.size()) {
      var torn = unflushed.get(last);
      int kept = random.nextInt((int) Math.min(torn.lengthBytes / SECTOR_BYTES + 1, 1 << 20));
      torn.applySectors(image, sector -> sector < kept);
    }
  }

  /// Any of the writes reached the disk, each whole.
  private void applyWholeWrites(DiskImage image, Random random) {
    for (var write : unflushed) {
      if (random.nextBoolean()) {
        write.applyTo(image);
      }
    }
  }

  /// Each sector was written by any of the writes that covered it, or by none. The order in which
  /// the writes are laid on top of one another is shuffled, so an earlier one may come out on top.
  private void applySectorsInAnyOrder(DiskImage image, Random random) {
    var order = new ArrayList<>(unflushed);
    if (random.nextBoolean()) {
      Collections.shuffle(order, random);
    }
    double share = random.nextDouble();
    for (var write : order) {
      write.applySectors(image, _ -> random.nextDouble() < share);
    }
  }

  /// The disk with all that was written to it, flushed or not, as after an orderly stop.
  public synchronized CrashingDisk copy() {
    return new CrashingDisk(current.copy(), sizeBytes, new PowerSupply());
  }

  /// Lets `fault` look at every operation from now on; [Fault#NONE] ends that.
  public synchronized void inject(Fault fault) {
    this.fault = fault;
  }

  /// How many writes, discards and zeroings no flush has covered yet.
  public synchronized int unflushedCount() {
    return unflushed.size();
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    checkRange(offset, target.byteSize());
    meetFault(Fault.Operation.READ, offset, target.byteSize());
    byte[] bytes = new byte[Math.toIntExact(target.byteSize())];
    synchronized (this) {
      checkOpen();
      power.check();
      current.read(offset, bytes, 0, bytes.length);
    }
    MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    checkRange(offset, source.byteSize());
    meetFault(Fault.Operation.WRITE, offset, source.byteSize());
    log(new Unflushed(offset, source.byteSize(), source.toArray(ValueLayout.JAVA_BYTE)));
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    checkRange(offset, lengthBytes);
    meetFault(Fault.Operation.DISCARD, offset, lengthBytes);
    log(new Unflushed(offset, lengthBytes, null));
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode mode) throws IOException {
    checkRange(offset, lengthBytes);
    meetFault(Fault.Operation.WRITE_ZEROES, offset, lengthBytes);
    log(new Unflushed(offset, lengthBytes, null));
  }

  private synchronized void log(Unflushed write) throws IOException {
    checkOpen();
    boolean cut = power.cutDuringNext();
    unflushed.add(write);
    write.applyTo(current);
    if (cut) {
      power.check();
    }
  }

  @Override
  public void flush() throws IOException {
    meetFault(Fault.Operation.FLUSH, 0, 0);
    synchronized (this) {
      checkOpen();
      if (power.cutDuringNext()) {
        power.check();
      }
      unflushed.forEach(write -> write.applyTo(durable));
      unflushed.clear();
    }
  }

  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    checkRange(offset, lengthBytes);
    long end = offset + lengthBytes;
    for (long at = offset; at < end; ) {
      long next;
      boolean data;
      synchronized (this) {
        checkOpen();
        data = current.hasPageAt(at);
        next = at;
        do {
          next = DiskImage.endOfPageAt(next);
        } while (next < end && current.hasPageAt(next) == data);
      }
      next = Math.min(next, end);
      if (!visitor.extent(at, next - at, data ? ExtentState.DATA : ExtentState.HOLE)) {
        return;
      }
      at = next;
    }
  }

  /// Grows the disk, durably and at once.
  @Override
  public void extend(long newSizeBytes) throws IOException {
    meetFault(Fault.Operation.EXTEND, sizeBytes, newSizeBytes - sizeBytes);
    grow(newSizeBytes);
  }

  private synchronized void grow(long newSizeBytes) throws IOException {
    checkOpen();
    power.check();
    if (newSizeBytes < sizeBytes) {
      throw new StorageException.InvalidArgument(
          "a disk of %d bytes cannot shrink to %d".formatted(sizeBytes, newSizeBytes));
    }
    durable.resize(newSizeBytes);
    current.resize(newSizeBytes);
    sizeBytes = newSizeBytes;
  }

  /// Closes the disk to further I/O. What it holds can still be had with [#crash] and [#copy].
  @Override
  public synchronized void close() {
    closed = true;
  }

  private void meetFault(Fault.Operation operation, long offset, long lengthBytes)
      throws IOException {
    Fault now;
    synchronized (this) {
      now = fault;
    }
    now.before(operation, offset, lengthBytes);
  }

  private void checkOpen() throws StorageException {
    if (closed) {
      throw new StorageException.Failed("the disk is closed; take a copy of it");
    }
  }
}
