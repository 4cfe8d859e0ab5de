package io.lumeo.thin;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.lumeo.block.StorageException;
import io.lumeo.persistentdata.BlockChecksum;
import io.lumeo.persistentdata.BlockKind;
import io.lumeo.persistentdata.SpaceMapRoot;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Block 0 of the metadata device: the root of everything, written last in each commit.
///
/// Only its first 364 bytes are used, less than one sector, so that writing it is atomic and is the
/// commit point. The layout below is the one of `struct thin_disk_superblock` in the kernel's
/// `dm-thin-metadata.c`.
///
/// @param flags bit 0 is [#NEEDS_CHECK]
/// @param snapshotTime the snapshot clock
/// @param transactionId the volume manager's compare-and-swap number, without a sign
/// @param heldRoot the block of the metadata snapshot; 0 is none
/// @param mappingRoot root of the tree from thin id to the root of its mapping tree
/// @param detailsRoot root of the device details tree
/// @param dataBlockSectors size of a data block in sectors
/// @param metadataBlocks size of the metadata device when it was formatted; never updated
record Superblock(
    int flags,
    int snapshotTime,
    long transactionId,
    long heldRoot,
    SpaceMapRoot dataMap,
    SpaceMapRoot metadataMap,
    long mappingRoot,
    long detailsRoot,
    int dataBlockSectors,
    long metadataBlocks) {

  static final int NEEDS_CHECK = 1;
  static final long MAGIC = 27022010;
  static final int VERSION = 2;
  static final int METADATA_BLOCK_SECTORS = 8;
  static final int BLOCK_BYTES = 4096;

  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final MemoryLayout LAYOUT =
      structLayout(
          U32.withName("csum"),
          U32.withName("flags"),
          U64.withName("blocknr"),
          sequenceLayout(16, JAVA_BYTE).withName("uuid"),
          U64.withName("magic"),
          U32.withName("version"),
          U32.withName("time"),
          U64.withName("trans_id"),
          U64.withName("held_root"),
          sequenceLayout(SpaceMapRoot.BYTES, JAVA_BYTE).withName("data_space_map_root"),
          sequenceLayout(SpaceMapRoot.BYTES, JAVA_BYTE).withName("metadata_space_map_root"),
          U64.withName("data_mapping_root"),
          U64.withName("device_details_root"),
          U32.withName("data_block_size"),
          U32.withName("metadata_block_size"),
          U64.withName("metadata_nr_blocks"),
          U32.withName("compat_flags"),
          U32.withName("compat_ro_flags"),
          U32.withName("incompat_flags"),
          paddingLayout(BLOCK_BYTES - 364));

  private static final long FLAGS = offset("flags");
  private static final long MAGIC_OFFSET = offset("magic");
  private static final long VERSION_OFFSET = offset("version");
  private static final long TIME = offset("time");
  private static final long TRANSACTION_ID = offset("trans_id");
  private static final long HELD_ROOT = offset("held_root");
  private static final long DATA_MAP = offset("data_space_map_root");
  private static final long METADATA_MAP = offset("metadata_space_map_root");
  private static final long MAPPING_ROOT = offset("data_mapping_root");
  private static final long DETAILS_ROOT = offset("device_details_root");
  private static final long DATA_BLOCK_SIZE = offset("data_block_size");
  private static final long METADATA_BLOCK_SIZE = offset("metadata_block_size");
  private static final long METADATA_BLOCKS = offset("metadata_nr_blocks");
  private static final long COMPAT_RO_FLAGS = offset("compat_ro_flags");
  private static final long INCOMPAT_FLAGS = offset("incompat_flags");

  private static long offset(String field) {
    return LAYOUT.byteOffset(groupElement(field));
  }

  boolean needsCheck() {
    return (flags & NEEDS_CHECK) != 0;
  }

  /// Puts the fields into `block`, whose other bytes are zeroes; the checksum is the writer's
  /// business.
  void write(MemorySegment block) {
    block.set(U32, FLAGS, flags);
    block.set(U64, MAGIC_OFFSET, MAGIC);
    block.set(U32, VERSION_OFFSET, VERSION);
    block.set(U32, TIME, snapshotTime);
    block.set(U64, TRANSACTION_ID, transactionId);
    block.set(U64, HELD_ROOT, heldRoot);
    dataMap.write(block, DATA_MAP);
    metadataMap.write(block, METADATA_MAP);
    block.set(U64, MAPPING_ROOT, mappingRoot);
    block.set(U64, DETAILS_ROOT, detailsRoot);
    block.set(U32, DATA_BLOCK_SIZE, dataBlockSectors);
    block.set(U32, METADATA_BLOCK_SIZE, METADATA_BLOCK_SECTORS);
    block.set(U64, METADATA_BLOCKS, metadataBlocks);
  }

  /// The same superblock as a metadata snapshot keeps it: no held root, no space maps.
  Superblock asMetadataSnapshot() {
    var none = new SpaceMapRoot(0, 0, 0, 0);
    return new Superblock(
        flags,
        snapshotTime,
        transactionId,
        0,
        none,
        none,
        mappingRoot,
        detailsRoot,
        dataBlockSectors,
        metadataBlocks);
  }

  /// Reads and checks the superblock in `block`, which was read from `blockNumber`. The kernel and
  /// the checkers do not look at the version, so refusing other versions is ours to do.
  ///
  /// @param writable whether the pool is to be written: unknown read-only-compatible features then
  ///   refuse it
  static Superblock read(MemorySegment block, long blockNumber, boolean writable)
      throws StorageException {
    if (isZeroed(block)) {
      throw new StorageException.Damaged(
          "the metadata device is not formatted: its superblock is all zeroes; make a pool there"
              + " with 'lumeo pool create'");
    }
    if (block.get(U64, MAGIC_OFFSET) != MAGIC) {
      throw new StorageException.Damaged(
          "this is not thin-pool metadata: the superblock's magic is %d, not %d; give the pool's metadata file or device"
              .formatted(block.get(U64, MAGIC_OFFSET), MAGIC));
    }
    BlockChecksum.verify(block, blockNumber, BlockKind.SUPERBLOCK);
    int version = block.get(U32, VERSION_OFFSET);
    if (version != VERSION) {
      throw new StorageException.Unsupported(
          "the pool's metadata has version %d and only version %d is supported; convert it with the tool that wrote it"
              .formatted(version, VERSION));
    }
    int incompatible = block.get(U32, INCOMPAT_FLAGS);
    if (incompatible != 0) {
      throw new StorageException.Unsupported(
          "the pool uses features unknown here (incompat flags 0x%x); open it with the software that made it"
              .formatted(incompatible));
    }
    int readOnlyCompatible = block.get(U32, COMPAT_RO_FLAGS);
    if (readOnlyCompatible != 0 && writable) {
      throw new StorageException.Unsupported(
          "the pool uses features unknown here (compat_ro flags 0x%x) and can only be opened read-only"
              .formatted(readOnlyCompatible));
    }
    int dataBlockSectors = block.get(U32, DATA_BLOCK_SIZE);
    if (!DataBlocks.isValidSectors(dataBlockSectors)) {
      throw new StorageException.Damaged(
          "the superblock says a data block has %d sectors, which is not a multiple of 128 from 128 to 2097152; run 'lumeo pool check'"
              .formatted(dataBlockSectors));
    }
    if (block.get(U32, METADATA_BLOCK_SIZE) != METADATA_BLOCK_SECTORS) {
      throw new StorageException.Damaged(
          "the superblock says a metadata block has %d sectors, not 8; run 'lumeo pool check'"
              .formatted(block.get(U32, METADATA_BLOCK_SIZE)));
    }
    return new Superblock(
        block.get(U32, FLAGS),
        block.get(U32, TIME),
        block.get(U64, TRANSACTION_ID),
        block.get(U64, HELD_ROOT),
        SpaceMapRoot.read(block, DATA_MAP),
        SpaceMapRoot.read(block, METADATA_MAP),
        block.get(U64, MAPPING_ROOT),
        block.get(U64, DETAILS_ROOT),
        dataBlockSectors,
        block.get(U64, METADATA_BLOCKS));
  }

  static boolean isZeroed(MemorySegment block) {
    for (long i = 0; i < BLOCK_BYTES; i += 8) {
      if (block.get(U64, i) != 0) {
        return false;
      }
    }
    return true;
  }
}
