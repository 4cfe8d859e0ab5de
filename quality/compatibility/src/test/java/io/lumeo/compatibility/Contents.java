package io.lumeo.compatibility;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.FileDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/// Reads, compares and copies what devices hold.
final class Contents {
  private static final int PIECE_BYTES = 1 << 20;

  private Contents() {}

  /// What `sha256sum` says of the whole device.
  static String sha256(BlockDevice device) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var digest = MessageDigest.getInstance("SHA-256");
      var buffer = arena.allocate(PIECE_BYTES);
      for (long at = 0; at < device.sizeBytes(); at += PIECE_BYTES) {
        var piece = buffer.asSlice(0, Math.min(PIECE_BYTES, device.sizeBytes() - at));
        device.read(at, piece);
        digest.update(piece.asByteBuffer());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java has SHA-256", impossible);
    }
  }

  /// Copies what is allocated in `source` to `target`, which reads as zeroes elsewhere.
  static void copy(BlockDevice source, BlockDevice target) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(PIECE_BYTES);
      source.extents(
          0,
          source.sizeBytes(),
          (offset, length, state) -> {
            for (long done = 0; !state.readsAsZeroes() && done < length; done += PIECE_BYTES) {
              var piece = buffer.asSlice(0, Math.min(PIECE_BYTES, length - done));
              source.read(offset + done, piece);
              target.write(offset + done, piece);
            }
            return true;
          });
    }
  }

  /// Copies the file at `source` to the device.
  static void load(Path source, BlockDevice target) throws IOException {
    try (var file = FileDevice.open(source, FileDevice.Access.READ_ONLY)) {
      copy(file, target);
    }
  }

  /// Makes a sparse file of what the device holds.
  static Path save(BlockDevice source, Path target) throws IOException {
    try (var file = FileDevice.create(target, source.sizeBytes())) {
      copy(source, file);
    }
    return target;
  }

  static byte[] read(BlockDevice device, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    device.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
