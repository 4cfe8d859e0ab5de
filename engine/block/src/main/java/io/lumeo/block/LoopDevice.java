package io.lumeo.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// What loop devices show, as the kernel tells it under `/sys/dev/block`.
final class LoopDevice {
  private static final Path BLOCK_DEVICES = Path.of("/sys/dev/block");

  private LoopDevice() {}

  /// The file that is shown from its beginning to its end by a loop device; empty for every other
  /// device, and for a loop device that shows a part of a file, where others may have the rest.
  static Optional<Path> wholeFile(DeviceNumber number) throws IOException {
    return wholeFile(BLOCK_DEVICES, number);
  }

  static Optional<Path> wholeFile(Path blockDevices, DeviceNumber number) throws IOException {
    var loop = blockDevices.resolve(number.toString()).resolve("loop");
    try {
      return isZero(loop.resolve("offset")) && isZero(loop.resolve("sizelimit"))
          ? Optional.of(Path.of(line(loop.resolve("backing_file"))))
          : Optional.empty();
    } catch (NoSuchFileException _) {
      return Optional.empty(); // no loop device, or one that shows nothing
    }
  }

  /// Without the newline that the kernel adds; a name may end in whitespace of its own.
  private static String line(Path attribute) throws IOException {
    var text = Files.readString(attribute);
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  private static boolean isZero(Path attribute) throws IOException {
    return Files.readString(attribute).strip().equals("0");
  }
}
