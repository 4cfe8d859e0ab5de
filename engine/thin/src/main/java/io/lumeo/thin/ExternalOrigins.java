package io.lumeo.thin;

import io.lumeo.block.FileDevice;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The files and devices outside the pool that answer reads of holes, each opened once, when it is
/// first needed. Not thread-safe: [Volumes] holds its lock.
final class ExternalOrigins implements Closeable {
  private final Map<String, FileDevice> opened = new HashMap<>();

  /// Fails if there is no such file or device, or it cannot be read.
  static void check(String path) throws IOException {
    FileDevice.open(Path.of(path), FileDevice.Access.READ_ONLY).close();
  }

  FileDevice open(String path) throws IOException {
    var known = opened.get(path);
    if (known != null) {
      return known;
    }
    var device = FileDevice.open(Path.of(path), FileDevice.Access.READ_ONLY);
    opened.put(path, device);
    return device;
  }

  void close(String path) throws IOException {
    var device = opened.remove(path);
    if (device != null) {
      device.close();
    }
  }

  @Override
  public void close() throws IOException {
    for (var origin : opened.values()) {
      origin.close();
    }
    opened.clear();
  }
}
