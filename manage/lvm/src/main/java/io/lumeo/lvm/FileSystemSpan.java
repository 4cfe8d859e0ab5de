package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// How much of its volume a file system spans, from its own tools, to the byte: a volume that is
/// larger was extended and its file system was not. What `statfs` says is no answer, as ext4 leaves
/// its tables out of it and XFS its log.
final class FileSystemSpan {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Pattern EXT_BLOCKS = Pattern.compile("(?m)^Block count:\\s+(\\d+)$");
  private static final Pattern EXT_BLOCK_BYTES = Pattern.compile("(?m)^Block size:\\s+(\\d+)$");
  private static final Pattern XFS_DATA =
      Pattern.compile("(?m)^data\\s+=\\s*bsize=(\\d+)\\s+blocks=(\\d+)");

  private FileSystemSpan() {}

  /// Whether this class knows the type.
  static boolean knows(String type) {
    return isExt(type) || type.equals("xfs");
  }

  private static boolean isExt(String type) {
    return type.matches("ext[234]");
  }

  /// Empty when the tool is not there or does not know either.
  ///
  /// @param place the mount point of a mounted XFS, whose superblock on the device may be old; else
  ///   the device
  static OptionalLong read(HostCommands host, String type, String place) throws StorageFailure {
    var command = isExt(type) ? Command.of("dumpe2fs", "-h", place) : Command.of("xfs_info", place);
    try {
      var result = host.run(command.within(DEADLINE));
      if (!result.succeeded()) {
        return OptionalLong.empty();
      }
      return isExt(type) ? ext(result.stdout()) : xfs(result.stdout());
    } catch (StorageFailure.CommandFailed noSuchTool) {
      return OptionalLong.empty();
    }
  }

  static OptionalLong ext(String output) {
    var blocks = EXT_BLOCKS.matcher(output);
    var bytes = EXT_BLOCK_BYTES.matcher(output);
    return blocks.find() && bytes.find()
        ? OptionalLong.of(Long.parseLong(blocks.group(1)) * Long.parseLong(bytes.group(1)))
        : OptionalLong.empty();
  }

  static OptionalLong xfs(String output) {
    var data = XFS_DATA.matcher(output);
    return data.find()
        ? OptionalLong.of(Long.parseLong(data.group(1)) * Long.parseLong(data.group(2)))
        : OptionalLong.empty();
  }
}
