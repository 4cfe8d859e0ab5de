package io.lumeo.thin;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentVisitor;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.StampedLock;

/// A virtual disk that takes its blocks from a pool when they are first written.
///
/// Reads and overwrites of mapped blocks of its own take one stripe for reading and no lock of the
/// pool. A first write, or a write to a shared block, writes its data to a block set aside and maps
/// it then, so that after a crash there is the old content or the new, never somebody else's.
/// Discarded ranges read as zeroes, or as the external origin where there is one.
public final class ThinDevice implements BlockDevice {
  /// How many virtual blocks are unmapped in one change, to bound how long I/O is held off.
  static final long UNMAP_STEP_BLOCKS = 16_384;

  private static final MemorySegment ZEROES =
      Arena.global().allocate(BlockBuffers.MAX_BYTES, 4096).asReadOnly();

  private final Pool pool;
  private final DeviceState state;
  private final boolean readOnly;
  private final long blockBytes;
  private final BlockGrid grid;
  private final BlockDevice data;
  private final BlockContent content;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// What is required of writes from outside.
  private final Admission stillInside = this::requireStillInside;

  ThinDevice(Pool pool, DeviceState state, boolean readOnly) {
    this.pool = pool;
    this.state = state;
    this.readOnly = readOnly || pool.options().readOnly();
    this.blockBytes = pool.dataBlockBytes();
    this.grid = new BlockGrid(blockBytes);
    this.data = pool.data();
    this.content = new BlockContent(pool, state);
  }

  boolean isOf(Pool other) {
    return pool == other;
  }

  public ThinId id() {
    return state.id;
  }

  @Override
  public long sizeBytes() {
    return state.sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public long preferredBlockBytes() {
    return blockBytes;
  }

  // Reading

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    checkRange(offset, target.byteSize());
    if (grid.isInOneBlock(offset, target.byteSize())) {
      readPiece(offset, target);
      return;
    }
    for (long done = 0; done < target.byteSize(); ) {
      long length = grid.firstPiece(offset + done, target.byteSize() - done);
      readPiece(offset + done, target.asSlice(done, length));
      done += length;
    }
  }

  private void readPiece(long offset, MemorySegment target) throws IOException {
    long virtualBlock = grid.block(offset);
    var stripe = stripe(virtualBlock);
    long stamp = stripe.readLock();
    try {
      requireOpen();
      long mapping = pool.metadata().lookup(state, virtualBlock);
      if (mapping == Mapping.HOLE) {
        content.readHole(offset, target);
      } else {
        data.read(dataOffset(mapping, virtualBlock, offset), target);
      }
    } finally {
      stripe.unlockRead(stamp);
    }
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    checkRange(offset, target.byteSize());
    if (state.externalOrigin != null) {
      return false;
    }
    if (grid.isInOneBlock(offset, target.byteSize())) {
      return tryReadPiece(offset, target);
    }
    for (long done = 0; done < target.byteSize(); ) {
      long length = grid.firstPiece(offset + done, target.byteSize() - done);
      if (!tryReadPiece(offset + done, target.asSlice(done, length))) {
        return false;
      }
      done += length;
    }
    return true;
  }

  private boolean tryReadPiece(long offset, MemorySegment target) throws IOException {
    long virtualBlock = grid.block(offset);
    var stripe = stripe(virtualBlock);
    long stamp = stripe.tryReadLock();
    if (stamp == 0) {
      return false;
    }
    try {
      requireOpen();
      long mapping = pool.metadata().lookup(state, virtualBlock);
      if (mapping == Mapping.HOLE) {
        target.fill((byte) 0);
        return true;
      }
      return data.tryRead(dataOffset(mapping, virtualBlock, offset), target);
    } finally {
      stripe.unlockRead(stamp);
    }
  }

  // Writing

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    checkWritable(offset, source.byteSize());
    if (grid.isInOneBlock(offset, source.byteSize())) {
      writePiece(offset, source);
      return;
    }
    for (long done = 0; done < source.byteSize(); ) {
      long length = grid.firstPiece(offset + done, source.byteSize() - done);
      writePiece(offset + done, source.asSlice(done, length));
      done += length;
    }
  }

  /// Whether a write is still to be done; asked under the stripe, since much may have happened
  /// while it was held off.
  @FunctionalInterface
  private interface Admission {
    void require(long offset, long lengthBytes) throws StorageException;
  }

  private void writePiece(long offset, MemorySegment source) throws IOException {
    writePiece(offset, source, stillInside);
  }

  private void writePiece(long offset, MemorySegment source, Admission admission)
      throws IOException {
    if (overwritePiece(offset, source, admission)) {
      return;
    }
    try {
      pool.awaitRoomInMemory();
      while (!writeToNewBlock(offset, source, admission)) {
        pool.awaitSpace(this::requireOpen);
      }
    } finally {
      pool.deliverEvents();
    }
  }

  /// Writes where a block is mapped that is this device's alone; false, with nothing done, anywhere
  /// else.
  private boolean overwritePiece(long offset, MemorySegment source, Admission admission)
      throws IOException {
    long virtualBlock = grid.block(offset);
    var stripe = stripe(virtualBlock);
    long stamp = stripe.readLock();
    try {
      admission.require(offset, source.byteSize());
      long mapping = exclusiveMapping(virtualBlock);
      if (mapping == Mapping.HOLE) {
        return false;
      }
      data.write(dataOffset(mapping, virtualBlock, offset), source);
      pool.dataWritten();
      return true;
    } finally {
      stripe.unlockRead(stamp);
    }
  }

  /// Looked at under the stripe: while a write was held off, a rollback or a shrink may have made
  /// the device smaller.
  private void requireStillInside(long offset, long lengthBytes) throws StorageException {
    long size = sizeBytes();
    if (offset > size - lengthBytes) {
      throw new StorageException.OutOfRange(offset, lengthBytes, size);
    }
  }

  /// The mapping of a block that can be overwritten in place, or [Mapping#HOLE]. The caller holds
  /// the stripe.
  private long exclusiveMapping(long virtualBlock) throws IOException {
    // In this order: a device that an abort has lost must not be judged by the commit it is not in.
    var metadata = pool.metadata();
    requireOpen();
    long mapping = metadata.lookup(state, virtualBlock);
    return mapping == Mapping.HOLE || metadata.isShared(state, virtualBlock, mapping)
        ? Mapping.HOLE
        : mapping;
  }

  @Override
  public boolean tryWrite(long offset, MemorySegment source) throws IOException {
    checkWritable(offset, source.byteSize());
    if (grid.isInOneBlock(offset, source.byteSize())) {
      return tryOverwritePiece(offset, source);
    }
    for (long done = 0; done < source.byteSize(); ) {
      long length = grid.firstPiece(offset + done, source.byteSize() - done);
      if (!tryOverwritePiece(offset + done, source.asSlice(done, length))) {
        return false;
      }
      done += length;
    }
    return true;
  }

  private boolean tryOverwritePiece(long offset, MemorySegment source) throws IOException {
    long virtualBlock = grid.block(offset);
    var stripe = stripe(virtualBlock);
    long stamp = stripe.tryReadLock();
    if (stamp == 0) {
      return false;
    }
    try {
      requireStillInside(offset, source.byteSize());
      long mapping = exclusiveMapping(virtualBlock);
      if (mapping == Mapping.HOLE
          || !data.tryWrite(dataOffset(mapping, virtualBlock, offset), source)) {
        return false;
      }
      pool.dataWritten();
      return true;
    } finally {
      stripe.unlockRead(stamp);
    }
  }

  /// Provisions or unshares the block and writes to it; false, with nothing done, when the pool has
  /// no room for that now. Looks again first: another may have come before.
  private boolean writeToNewBlock(long offset, MemorySegment source, Admission admission)
      throws IOException {
    long virtualBlock = grid.block(offset);
    var stripe = stripe(virtualBlock);
    long stamp = stripe.writeLock();
    try {
      admission.require(offset, source.byteSize());
      var metadata = pool.metadata();
      requireOpen();
      long mapping = metadata.lookup(state, virtualBlock);
      boolean hole = mapping == Mapping.HOLE;
      if (!hole && !metadata.isShared(state, virtualBlock, mapping)) {
        data.write(dataOffset(mapping, virtualBlock, offset), source);
        pool.dataWritten();
        return true;
      }
      var reservation = pool.reserve(state, hole);
      if (reservation == null) {
        return false;
      }
      boolean mapped = false;
      try {
        content.fill(reservation.dataBlock(), mapping, offset, source);
        pool.dataWritten();
        mapped =
            hole
                ? pool.provision(virtualBlock, reservation)
                : pool.unshare(virtualBlock, reservation, Mapping.dataBlock(mapping));
      } finally {
        if (!mapped) {
          pool.cancel(reservation);
        }
      }
      return mapped;
    } finally {
      stripe.unlockWrite(stamp);
    }
  }

  @Override
  public void flush() throws IOException {
    requireOpen();
    pool.commit();
  }

  // Discarding and zeroing

  /// Frees the whole blocks in the range and zeroes its edges, as far as they are mapped. Does
  /// nothing when the pool ignores discards or needs a check.
  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    checkWritable(offset, lengthBytes);
    if (pool.ignoresDiscards()) {
      return;
    }
    overBlocks(offset, lengthBytes, this::zeroIfMapped, this::unmap);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, ZeroMode zeroMode) throws IOException {
    checkWritable(offset, lengthBytes);
    switch (zeroMode) {
      case MAY_PUNCH -> overBlocks(offset, lengthBytes, this::zeroIfNeeded, this::unmapOrZero);
      case KEEP_ALLOCATED -> overBlocks(offset, lengthBytes, this::zeroPiece, this::zeroBlocks);
    }
  }

  /// Something done to a range in bytes, or to a range of virtual blocks.
  @FunctionalInterface
  private interface RangeAction {
    void apply(long from, long to) throws IOException;
  }

  /// Splits a range into the edges, each inside one block, given in bytes, and the whole blocks
  /// between them. The last block of the device is whole when the range reaches its end.
  private void overBlocks(long offset, long lengthBytes, RangeAction edge, RangeAction blocks)
      throws IOException {
    long end = offset + lengthBytes;
    long firstWhole = Math.ceilDiv(offset, blockBytes);
    long endWhole = end == sizeBytes() ? Math.ceilDiv(end, blockBytes) : end / blockBytes;
    if (firstWhole >= endWhole) {
      long middle = Math.clamp(firstWhole * blockBytes, offset, end);
      edgeIfAny(edge, offset, middle);
      edgeIfAny(edge, middle, end);
      return;
    }
    edgeIfAny(edge, offset, firstWhole * blockBytes);
    blocks.apply(firstWhole, endWhole);
    edgeIfAny(edge, endWhole * blockBytes, end);
  }

  private static void edgeIfAny(RangeAction edge, long from, long to) throws IOException {
    if (from < to) {
      edge.apply(from, to);
    }
  }

  private void unmap(long begin, long end) throws IOException {
    unmap(begin, end, this::requireOpen);
  }

  /// Something to be so, asked under the stripes.
  @FunctionalInterface
  private interface Requirement {
    void check() throws StorageException;
  }

  private void unmap(long begin, long end, Requirement requirement) throws IOException {
    for (long at = nextMapped(begin, end); at < end; ) {
      long stop = unmapStep(at, Math.min(end, at + UNMAP_STEP_BLOCKS), requirement);
      at = nextMapped(stop, end);
    }
  }

  /// Returns where it stopped.
  private long unmapStep(long begin, long end, Requirement requirement) throws IOException {
    if (end - begin == 1) {
      var stripe = stripe(begin);
      long stamp = stripe.writeLock();
      try {
        requirement.check();
        return pool.unmap(state, begin, end);
      } finally {
        stripe.unlockWrite(stamp);
        pool.deliverEvents();
      }
    }
    try (var _ = pool.stripes.hold(List.of(state.id))) {
      requirement.check();
      return pool.unmap(state, begin, end);
    } finally {
      pool.deliverEvents();
    }
  }

  /// The first mapped block in `[begin, end)`, or `end`.
  private long nextMapped(long begin, long end) throws IOException {
    long[] found = {end};
    pool.metadata()
        .forEachMapping(
            state,
            begin,
            end,
            (virtualBlock, _) -> {
              found[0] = virtualBlock;
              return false;
            });
    return found[0];
  }

  /// Unmaps; but where an external origin would show through, the blocks have to be written.
  private void unmapOrZero(long begin, long end) throws IOException {
    var origin = state.externalOrigin;
    long covered =
        origin == null
            ? begin
            : Math.clamp(Math.ceilDiv(origin.sizeBytes(), blockBytes), begin, end);
    if (begin < covered) {
      zeroBlocks(begin, covered);
    }
    unmap(covered, end);
  }

  private void zeroBlocks(long begin, long end) throws IOException {
    for (long block = begin; block < end; block++) {
      zeroPiece(block * blockBytes, Math.min((block + 1) * blockBytes, sizeBytes()));
    }
  }

  private void zeroIfMapped(long from, long to) throws IOException {
    if (pool.metadata().lookup(state, from / blockBytes) != Mapping.HOLE) {
      zeroPiece(from, to);
    }
  }

  private void zeroBeyondEnd(DeviceState.Shrink shrink, long from, long to) throws IOException {
    if (pool.metadata().lookup(state, from / blockBytes) != Mapping.HOLE) {
      zeroPiece(from, to, (_, _) -> requireInForce(shrink));
    }
  }

  private void zeroIfNeeded(long from, long to) throws IOException {
    if (content.originCovers(from / blockBytes * blockBytes)) {
      zeroPiece(from, to);
    } else {
      zeroIfMapped(from, to);
    }
  }

  /// Zeroes a range inside one block and leaves the block mapped and exclusive.
  private void zeroPiece(long from, long to) throws IOException {
    zeroPiece(from, to, stillInside);
  }

  private void zeroPiece(long from, long to, Admission admission) throws IOException {
    for (long at = from; at < to; ) {
      long length = Math.min(to - at, ZEROES.byteSize());
      writePiece(at, ZEROES.asSlice(0, length), admission);
      at += length;
    }
  }

  /// Makes the device smaller for all its handles. What lies beyond the new end is given back,
  /// whatever the pool does with discards; should the device grow again, it reads as zeroes there,
  /// or as the external origin where there is one.
  ///
  /// @return what is to be recorded while it [is in force][#requireInForce]
  /// @throws StorageException.Busy if another changed the size or the content meanwhile, which then
  ///   are left alone
  DeviceState.Shrink shrink(long newSizeBytes) throws IOException {
    DeviceState.Shrink shrink;
    // I/O that was let through before is over, so that what it mapped is found.
    try (var _ = pool.stripes.hold(List.of(state.id))) {
      checkWritable(newSizeBytes, sizeBytes() - newSizeBytes);
      shrink = state.shrink(newSizeBytes);
    }
    try {
      long firstWhole = Math.ceilDiv(newSizeBytes, blockBytes);
      edgeIfAny(
          (from, to) -> zeroBeyondEnd(shrink, from, to),
          newSizeBytes,
          Math.min(firstWhole * blockBytes, shrink.fromBytes));
      unmap(firstWhole, Math.ceilDiv(shrink.fromBytes, blockBytes), () -> requireInForce(shrink));
    } catch (IOException | RuntimeException e) {
      takeBack(shrink, shrink.fromBytes);
      throw e;
    }
    return shrink;
  }

  /// Refuses to go on with a shrink after another has changed the size or the content: what is
  /// there now is not what it was to give back.
  void requireInForce(DeviceState.Shrink shrink) throws StorageException {
    requireOpen();
    if (state.shrink != shrink) {
      throw new StorageException.Busy(
          "thin device %s was resized or rolled back meanwhile; look at its size and resize it again if it is still to be"
              .formatted(state.id));
    }
  }

  /// A shrink failed: the device is as large again as it was, if nobody has said otherwise since.
  void takeBack(DeviceState.Shrink shrink, long sizeBytes) {
    pool.changeSettings(
        state.id,
        device -> {
          if (device.shrink == shrink) {
            device.resize(sizeBytes);
          }
        });
  }

  /// Gives back whole blocks that hold only zeroes. Returns the bytes unmapped.
  long trimZeroes(Progress progress) throws IOException {
    checkWritable(0, 0);
    long end = Math.ceilDiv(sizeBytes(), blockBytes);
    long freed = 0;
    for (long block = nextMapped(0, end); block < end; block = nextMapped(block + 1, end)) {
      Pool.stopIfAsked(progress, block, end, "trimming thin device " + state.id);
      if (!content.originCovers(block * blockBytes) && isZero(block) && unmapIfZero(block)) {
        freed += blockBytes;
      }
    }
    progress.update(end, end);
    return freed;
  }

  /// Looks again with I/O to the block held off: it may have been written meanwhile.
  private boolean unmapIfZero(long virtualBlock) throws IOException {
    var stripe = stripe(virtualBlock);
    long stamp = stripe.writeLock();
    try {
      requireOpen();
      if (!isZero(virtualBlock)) {
        return false;
      }
      pool.unmap(state, virtualBlock, virtualBlock + 1);
      return true;
    } finally {
      stripe.unlockWrite(stamp);
      pool.deliverEvents();
    }
  }

  /// Whether the block is mapped and holds zeroes.
  private boolean isZero(long virtualBlock) throws IOException {
    long mapping = pool.metadata().lookup(state, virtualBlock);
    if (mapping == Mapping.HOLE) {
      return false;
    }
    var buffer = pool.buffers.take();
    try {
      for (long at = 0; at < blockBytes; ) {
        var piece = buffer.asSlice(0, Math.min(buffer.byteSize(), blockBytes - at));
        content.load(mapping, virtualBlock * blockBytes, at, piece);
        if (piece.mismatch(ZEROES.asSlice(0, piece.byteSize())) >= 0) {
          return false;
        }
        at += piece.byteSize();
      }
      return true;
    } finally {
      pool.buffers.release(buffer);
    }
  }

  // Extents

  @Override
  public void extents(long offset, long lengthBytes, ExtentVisitor visitor) throws IOException {
    checkReadable(offset, lengthBytes);
    if (lengthBytes > 0) {
      new ThinExtents(pool, state, offset, offset + lengthBytes, visitor).tell();
    }
  }

  // Common

  /// Where in the data device a byte of a mapped virtual block is.
  private long dataOffset(long mapping, long virtualBlock, long offset) {
    return (Mapping.dataBlock(mapping) - virtualBlock) * blockBytes + offset;
  }

  private StampedLock stripe(long virtualBlock) {
    return pool.stripes.of(state.id, virtualBlock);
  }

  private void checkReadable(long offset, long lengthBytes) throws StorageException {
    checkRange(offset, lengthBytes);
    requireOpen();
  }

  /// Looked at under the stripe by whatever moves data: who closes a device or pool waits for that,
  /// so that nothing is done on behalf of a handle that is gone.
  private void requireOpen() throws StorageException {
    pool.requireReadable();
    if (closed.get()) {
      throw new StorageException.Failed(
          "thin device %s is closed; open it again".formatted(state.id));
    }
    if (state.lost) {
      throw new StorageException.Failed(
          "thin device %s was lost when the pool went back to its last commit; close it"
              .formatted(state.id));
    }
  }

  private void checkWritable(long offset, long lengthBytes) throws StorageException {
    checkReadable(offset, lengthBytes);
    if (readOnly) {
      throw new StorageException.ReadOnly(
          "thin device %s is open read-only; write to a clone of it instead".formatted(state.id));
    }
  }

  /// Waits for I/O that is under way; a write that waits for space fails.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try (var _ = pool.stripes.hold(List.of(state.id))) {
        pool.closeDevice(state);
      }
    }
  }
}
