package io.lumeo.thin;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The value of the device details tree: `struct disk_device_details` of the kernel's
/// `dm-thin-metadata.c`, 24 bytes.
final class DetailsLayout {
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          U64.withName("mapped_blocks"),
          U64.withName("transaction_id"),
          U32.withName("creation_time"),
          U32.withName("snapshotted_time"));

  static final int BYTES = (int) LAYOUT.byteSize();

  private static final long MAPPED = LAYOUT.byteOffset(groupElement("mapped_blocks"));
  private static final long TRANSACTION = LAYOUT.byteOffset(groupElement("transaction_id"));
  private static final long CREATED = LAYOUT.byteOffset(groupElement("creation_time"));
  private static final long SNAPSHOTTED = LAYOUT.byteOffset(groupElement("snapshotted_time"));

  private DetailsLayout() {}

  static DeviceDetails read(ThinId id, MemorySegment segment, long offset) {
    return new DeviceDetails(
        id,
        segment.get(U64, offset + MAPPED),
        segment.get(U64, offset + TRANSACTION),
        segment.get(U32, offset + CREATED),
        segment.get(U32, offset + SNAPSHOTTED));
  }

  static MemorySegment write(DeviceDetails details) {
    var segment = MemorySegment.ofArray(new byte[BYTES]);
    segment.set(U64, MAPPED, details.mappedBlocks());
    segment.set(U64, TRANSACTION, details.transactionId());
    segment.set(U32, CREATED, details.creationTime());
    segment.set(U32, SNAPSHOTTED, details.snapshotTime());
    return segment;
  }
}
