package io.lumeo.cli;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The network block devices of the kernel, `/dev/nbd0` and on, as `/sys` and `/proc` tell of them.
final class NbdDevices {
  private static final int MOST = 1024;

  /// In `/proc/PID/stat`, of the fields after the name in parentheses: when the process began.
  private static final int START_FIELD = 19;

  private final Path root;

  /// @param root `/`, or what a test puts in its place
  NbdDevices(Path root) {
    this.root = root;
  }

  /// A device that is connected.
  ///
  /// @param pid the process that connected it. It stays the same until the device is disconnected,
  ///   whether the process has ended or not
  /// @param startTicks when that process began, in clock ticks since the machine started; null when
  ///   it has ended
  record Connection(long pid, @Nullable Long startTicks) {

    /// Whether `now`, seen later on the same device, is still this connection. Process numbers are
    /// used again: where the process was seen at work it must have begun at the same moment.
    boolean isStill(Connection now) {
      return pid == now.pid && (startTicks == null || startTicks.equals(now.startTicks));
    }
  }

  /// Whether this kernel has any.
  boolean exist() {
    return Files.exists(root.resolve("dev/nbd0"));
  }

  /// The first that nobody has connected.
  String free() throws StorageException {
    return IntStream.range(0, MOST)
        .mapToObj(i -> "/dev/nbd" + i)
        .filter(device -> Files.exists(root.resolve(device.substring(1))))
        .filter(device -> Files.notExists(pidFile(device)))
        .findFirst()
        .orElseThrow(() ->
            new StorageException.Busy(
                "every /dev/nbd device is in use; disconnect one with 'nbd-client -d'"));
  }

  /// Who has the device connected now, if anybody has.
  Optional<Connection> connection(String device) throws IOException {
    try {
      var pid = Long.parseLong(Files.readString(pidFile(device)).strip());
      return Optional.of(new Connection(pid, startTicks(pid)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private Path pidFile(String device) {
    return root.resolve("sys/block").resolve(Path.of(device).getFileName()).resolve("pid");
  }

  private @Nullable Long startTicks(long pid) throws IOException {
    try {
      var line = Files.readString(root.resolve("proc/" + pid + "/stat"));
      var afterName = line.substring(line.lastIndexOf(')') + 2);
      return Long.valueOf(afterName.split(" ", -1)[START_FIELD]);
    } catch (NoSuchFileException _) {
      return null;
    }
  }
}
