package io.lumeo.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the kernel says of the memory of processes.
final class Processes {
  private Processes() {}

  /// The most a process has held resident since it started, in bytes.
  static long peakResidentBytes(long pid) throws IOException {
    return memory("/proc/" + pid + "/status", "VmHWM");
  }

  /// A `Name: 123 kB` line of a file in /proc, in bytes.
  static long memory(String file, String name) throws IOException {
    for (var line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException(file + " has no " + name);
  }
}
