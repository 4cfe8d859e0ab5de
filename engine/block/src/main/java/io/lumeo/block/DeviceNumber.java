package io.lumeo.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which device something is, or lies on: the kernel's two numbers.
record DeviceNumber(long major, long minor) {

  /// Takes a `dev_t` of the C library apart.
  static DeviceNumber of(long device) {
    return new DeviceNumber(
        ((device >>> 8) & 0xfff) | ((device >>> 32) & 0xffff_f000L),
        (device & 0xff) | ((device >>> 12) & 0xffff_ff00L));
  }

  /// What the special file at `path` stands for; 0:0 for a regular file.
  static DeviceNumber at(Path path) throws IOException {
    return of(((Number) Files.getAttribute(path, "unix:rdev")).longValue());
  }

  /// As the kernel writes it: `7:0`.
  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
