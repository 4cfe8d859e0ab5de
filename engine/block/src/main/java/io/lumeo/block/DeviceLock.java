package io.lumeo.block;

import io.lumeo.block.linux.Errno;
import io.lumeo.block.linux.Linux;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An exclusive lock on a file or block device, held until it is closed or the process ends.
///
/// It is a `flock(2)`: it belongs to the open file, so that a second opening conflicts in the same
/// process too, and nothing another part of the process closes can drop it, as it would a POSIX
/// lock. It is advisory: it keeps out those who ask, which every Lumeo process does.
///
/// The lock of a loop device is also one of the file that it shows: who opens that file by its own
/// name, or another loop device of it, would write the same bytes.
public final class DeviceLock implements Closeable {
  private static final Path KERNEL_LOCKS = Path.of("/proc/locks");

  private final Descriptor descriptor;
  private final @Nullable DeviceLock below;

  private DeviceLock(Descriptor descriptor, @Nullable DeviceLock below) {
    this.descriptor = descriptor;
    this.below = below;
  }

  /// Locks the file at `path`, which must exist, for this opener alone.
  ///
  /// @throws StorageException.Busy if another holds it; the message names the holder
  public static DeviceLock acquire(Path path) throws IOException {
    var descriptor = new Descriptor(path, Linux.O_RDONLY);
    try {
      return new DeviceLock(descriptor, lock(descriptor));
    } catch (IOException failure) {
      descriptor.close();
      throw failure;
    }
  }

  /// Locks what `descriptor` has open, until it is closed. Returns the lock of the file below, to
  /// be held as long, or null when there is none.
  static @Nullable DeviceLock lock(Descriptor descriptor) throws IOException {
    int result = descriptor.lock(Linux.LOCK_EX | Linux.LOCK_NB);
    if (result == -Errno.EAGAIN) {
      throw new StorageException.Busy(
          "%s is in use by %s; stop it or use another pool"
              .formatted(descriptor.path().getFileName(), holder(descriptor)));
    }
    if (result < 0) {
      throw new IOException(
          "cannot lock %s: %s".formatted(descriptor.path(), Errno.describe(-result)));
    }
    var backing = LoopDevice.wholeFile(descriptor.deviceNumber());
    return backing.isEmpty() ? null : lockBelow(descriptor.path(), backing.get());
  }

  private static @Nullable DeviceLock lockBelow(Path loopDevice, Path backing) throws IOException {
    try {
      return acquire(backing);
    } catch (StorageException.Busy e) {
      throw new StorageException.Busy("%s shows a file: %s".formatted(loopDevice, e.getMessage()));
    } catch (StorageException.NotFound _) {
      return null; // deleted, or out of this process's sight: nobody here opens it by name either
    }
  }

  private static String holder(Descriptor descriptor) throws IOException {
    long pid = holderPid(Files.readAllLines(KERNEL_LOCKS), descriptor.device(), descriptor.inode());
    return pid <= 0 ? "another process" : process(pid);
  }

  /// A process, as people know it: by its number and its command line.
  static String process(long pid) throws IOException {
    return pid == ProcessHandle.current().pid()
        ? "this process (%d), which has it open already".formatted(pid)
        : "process %d%s".formatted(pid, commandLine(pid));
  }

  /// Finds who holds the `flock` of a file in the lines of `/proc/locks`, such as `1: FLOCK
  /// ADVISORY WRITE 4711 08:01:131204 0 EOF`; lines with `->` only wait for it. Some file systems
  /// (overlay, btrfs) show another device there than to `stat`: then the inode alone decides, if
  /// only one holder has it. Answers 0 if nobody is found, or if the holder is of another process
  /// namespace.
  static long holderPid(List<String> kernelLocks, long device, long inode) {
    var number = DeviceNumber.of(device);
    String exact = "%02x:%02x:%d".formatted(number.major(), number.minor(), inode);
    long candidate = 0;
    for (String line : kernelLocks) {
      var fields = line.trim().split("\\s+", -1);
      if (fields.length < 6 || !fields[1].equals("FLOCK")) {
        continue;
      }
      long pid = Long.parseLong(fields[4]);
      if (fields[5].equals(exact)) {
        return Math.max(pid, 0);
      }
      if (fields[5].endsWith(":" + inode)) {
        candidate = candidate == 0 ? pid : -1;
      }
    }
    return Math.max(candidate, 0);
  }

  private static String commandLine(long pid) throws IOException {
    try {
      var arguments =
          Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
              .replace('\0', ' ')
              .strip();
      return arguments.isEmpty() ? "" : " (" + abbreviated(arguments) + ")";
    } catch (NoSuchFileException gone) {
      return "";
    }
  }

  /// A Java process has a long command line whose ends say most.
  static String abbreviated(String commandLine) {
    if (commandLine.length() <= 100) {
      return commandLine;
    }
    return commandLine.substring(0, 40) + " … " + commandLine.substring(commandLine.length() - 57);
  }

  @Override
  public void close() throws IOException {
    try (below) {
      descriptor.close();
    }
  }
}
