package io.lumeo.thin;

import io.lumeo.block.StorageException;

/// The rules for the size of a data block and the arithmetic on it.
final class DataBlocks {
  static final int SECTOR_BYTES = 512;
  static final int MIN_SECTORS = 128;
  static final int MAX_SECTORS = 2_097_152;

  private DataBlocks() {}

  static boolean isValidSectors(long sectors) {
    return sectors >= MIN_SECTORS && sectors <= MAX_SECTORS && sectors % MIN_SECTORS == 0;
  }

  /// @throws StorageException.InvalidArgument unless 64 KiB to 1 GiB in steps of 64 KiB
  static int sectorsOf(long dataBlockBytes) throws StorageException {
    long sectors = dataBlockBytes / SECTOR_BYTES;
    if (dataBlockBytes % SECTOR_BYTES != 0 || !isValidSectors(sectors)) {
      throw new StorageException.InvalidArgument(
          "a data block of %d bytes is not possible; choose 64 KiB to 1 GiB in steps of 64 KiB"
              .formatted(dataBlockBytes));
    }
    return (int) sectors;
  }
}
