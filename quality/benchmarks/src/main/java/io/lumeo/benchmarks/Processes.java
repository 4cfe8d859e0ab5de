package io.lumeo.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// What the kernel says of the memory of processes.
final class Processes {
  private Processes() {}

  /// The most a process has held resident since it started, in bytes.
  static long peakResidentBytes(long pid) throws IOException {
    return memory("/proc/" + pid + "/status", "VmHWM");
  }

  /// Processor time.
  ///
  /// @param own of the process itself
  /// @param children of those it has started and that have ended, and theirs
  record Times(Duration own, Duration children) {
    Times minus(Times earlier) {
      return new Times(own.minus(earlier.own), children.minus(earlier.children));
    }
  }

  /// What a process has used since it started, to a hundredth of a second. From proc(5): the
  /// numbers follow the name, which is in parentheses and may hold any of them; times are in ticks,
  /// of which the kernel promises a hundred a second to whoever reads them.
  static Times times(long pid) throws IOException {
    var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return new Times(ticks(fields[11], fields[12]), ticks(fields[13], fields[14]));
  }

  private static Duration ticks(String user, String system) {
    return Duration.ofMillis(10 * (Long.parseLong(user) + Long.parseLong(system)));
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
