package io.lumeo.nbd;

import static io.lumeo.nbd.Protocol.U32;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import java.io.IOException;
import java.util.Arrays;

/// The answer to a BLOCK_STATUS in `base:allocation`: neighbouring extents of equal flags are told
/// as one.
final class BlockStatus {
  /// The answer may be shorter than the question; this bounds the memory for one.
  static final int MAX_DESCRIPTORS = 1 << 13;

  private static final int DESCRIPTOR_BYTES = 2 * Integer.BYTES;

  /// The longest answer.
  static final int MAX_REPLY_BYTES =
      ChunkLayout.BYTES + Integer.BYTES + MAX_DESCRIPTORS * DESCRIPTOR_BYTES;

  private final boolean readOnly;
  private final int max;
  private long[] lengths = new long[16];
  private int[] flags = new int[16];
  private int count;

  private BlockStatus(boolean readOnly, int max) {
    this.readOnly = readOnly;
    this.max = max;
  }

  /// The status of a range, or of its first extent only.
  static BlockStatus of(
      BlockDevice device, boolean readOnly, long offset, long lengthBytes, boolean firstOnly)
      throws IOException {
    var status = new BlockStatus(readOnly, firstOnly ? 1 : MAX_DESCRIPTORS);
    device.extents(offset, lengthBytes, status::add);
    if (status.count == 0) {
      throw new IOException("the device tells no extent of %d+%d".formatted(offset, lengthBytes));
    }
    return status;
  }

  Transmission.Payload encode(long cookie, BufferPool pool) {
    int payloadBytes = Integer.BYTES + count * DESCRIPTOR_BYTES;
    var buffer = pool.take(ChunkLayout.BYTES + payloadBytes);
    var segment = buffer.segment();
    ChunkLayout.write(
        segment, 0, Protocol.CHUNK_FLAG_DONE, Protocol.CHUNK_BLOCK_STATUS, cookie, payloadBytes);
    int at = ChunkLayout.BYTES;
    segment.set(U32, at, Allocation.CONTEXT_ID);
    at += Integer.BYTES;
    for (int i = 0; i < count; i++) {
      segment.set(U32, at, (int) lengths[i]);
      segment.set(U32, at + Integer.BYTES, flags[i]);
      at += DESCRIPTOR_BYTES;
    }
    return new Transmission.Payload(buffer, at);
  }

  private boolean add(long offset, long lengthBytes, ExtentState state) {
    int stateFlags = Allocation.flags(state, readOnly);
    if (count > 0 && flags[count - 1] == stateFlags) {
      lengths[count - 1] += lengthBytes;
      return true;
    }
    if (count == max) {
      return false;
    }
    if (count == flags.length) {
      lengths = Arrays.copyOf(lengths, 2 * count);
      flags = Arrays.copyOf(flags, 2 * count);
    }
    lengths[count] = lengthBytes;
    flags[count] = stateFlags;
    count++;
    return true;
  }
}
