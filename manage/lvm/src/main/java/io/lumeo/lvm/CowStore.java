package io.lumeo.lvm;

import io.lumeo.storage.Change.StoreSize;

/// How large the copy-on-write store of a classic snapshot must be: the chunks it is to hold, an
/// exception table that has one chunk for each 256 of them, and a header. LVM cuts off what is more
/// than the whole origin needs.
///
/// @see <a href="https://docs.kernel.org/admin-guide/device-mapper/snapshot.html">the kernel's
///   document</a>, and `dm-snap-persistent.c` for the layout of the store
record CowStore(long originBytes, long extentBytes) {
  /// LVM's default for `--chunksize` of a snapshot.
  private static final long CHUNK_BYTES = 4096;

  private static final long EXCEPTION_BYTES = 16;
  private static final long EXCEPTIONS_PER_CHUNK = CHUNK_BYTES / EXCEPTION_BYTES;

  static CowStore of(long originBytes, long extentBytes) {
    return new CowStore(originBytes, extentBytes);
  }

  /// The store in whole extents, never more than is of use.
  long extents(StoreSize size) {
    long wanted =
        switch (size) {
          case StoreSize.Bytes(var bytes) -> Math.ceilDiv(bytes, extentBytes);
          case StoreSize.OfOrigin(var percent) -> extentsFor(share(percent));
        };
    return Math.clamp(wanted, 1, largestExtents());
  }

  /// With this many extents it cannot overflow.
  long largestExtents() {
    return extentsFor(originBytes);
  }

  /// A share of the origin in whole extents, as LVM counts it.
  private long share(int percent) {
    long originExtents = Math.ceilDiv(originBytes, extentBytes);
    return Math.ceilDiv(originExtents * percent, 100) * extentBytes;
  }

  private long extentsFor(long dataBytes) {
    long chunks = Math.ceilDiv(dataBytes, CHUNK_BYTES);
    long tables = Math.ceilDiv(chunks, EXCEPTIONS_PER_CHUNK) + 1;
    return Math.ceilDiv((chunks + tables) * CHUNK_BYTES, extentBytes);
  }
}
