package io.lumeo.tuning;

import io.lumeo.commands.Command;
import io.lumeo.lvm.HostCommands;
import io.lumeo.storage.StorageFailure;
import java.util.regex.Pattern;

/// How much of a scratch pool is in use, to the block, as the kernel says.
///
/// @param dataBytes of its data
/// @param metadataBytes of its metadata
record PoolUse(long dataBytes, long metadataBytes) {
  private static final int METADATA_BLOCK_BYTES = 4096;
  private static final Pattern STATUS =
      Pattern.compile("thin-pool \\d+ (\\d{1,15})/\\d+ (\\d{1,15})/\\d+ ");

  static PoolUse read(HostCommands host, Scratch pool, long chunkBytes) throws StorageFailure {
    var command = Command.of("dmsetup", "status", pool.poolDevice());
    var found = STATUS.matcher(host.expectSuccess(command));
    if (!found.find()) {
      throw new StorageFailure.CommandFailed(
          "the kernel of %s does not say how full pool %s is"
              .formatted(host.host(), pool.fullName()));
    }
    return new PoolUse(
        Long.parseLong(found.group(2)) * chunkBytes,
        Long.parseLong(found.group(1)) * METADATA_BLOCK_BYTES);
  }
}
