package io.lumeo.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/// The metadata of a thin pool in a file that nobody has open, for tests that damage it or change
/// what its superblock says. It knows as little of the format as that takes, and none of it from
/// the program. Offsets are in bytes.
public record MetadataFile(Path path) {
  /// Where the superblock has its flags, whose lowest bit is needs-check.
  public static final int FLAGS = 4;

  /// Where the superblock has its version.
  public static final int VERSION = 40;

  /// Where the superblock has the snapshot clock.
  public static final int SNAPSHOT_TIME = 44;

  /// Where the superblock has the flags of the features that a reader has to know.
  public static final int INCOMPATIBLE_FEATURES = 360;

  private static final int BLOCK_BYTES = 4096;
  private static final int SUPERBLOCK_SALT = 160774;
  private static final int MAPPING_ROOT = 320;
  private static final int MAX_ENTRIES = 20;
  private static final int KEYS = 32;

  /// Changes a field of the superblock, and its checksum with it, as the kernel would.
  public void setInSuperblock(int offset, int value) throws IOException {
    var content = content(0);
    var superblock = littleEndian(content).putInt(offset, value);
    var checksum = new CRC32C();
    checksum.update(content, 4, BLOCK_BYTES - 4);
    // The kernel's CRC-32C begins with all ones and does not invert the result.
    superblock.putInt(0, ~(int) checksum.getValue() ^ SUPERBLOCK_SALT);
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(content);
    }
  }

  /// Gives one byte another value; no checksum hears of it.
  public void damage(long offset) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(offset);
      int value = file.read();
      file.seek(offset);
      file.write(~value);
    }
  }

  /// The block of the root of the mappings of the first device: its only leaf, while it has few.
  public long firstLeaf() throws IOException {
    var devices = block(block(0).getLong(MAPPING_ROOT));
    return devices.getLong(KEYS + Long.BYTES * devices.getInt(MAX_ENTRIES));
  }

  /// Damages the leaf that [#firstLeaf] finds, in the middle of its entries.
  public void damageFirstLeaf() throws IOException {
    damage(firstLeaf() * BLOCK_BYTES + BLOCK_BYTES / 2);
  }

  private ByteBuffer block(long number) throws IOException {
    return littleEndian(content(number));
  }

  private static ByteBuffer littleEndian(byte[] content) {
    return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] content(long block) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "r")) {
      var content = new byte[BLOCK_BYTES];
      file.seek(block * BLOCK_BYTES);
      file.readFully(content);
      return content;
    }
  }
}
