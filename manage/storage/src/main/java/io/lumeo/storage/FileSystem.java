package io.lumeo.storage;

import org.jspecify.annotations.Nullable;

/// A file system, or whatever else a probe recognises on a volume.
///
/// @param type as `blkid` names it: `ext4`, `xfs`, `crypto_LUKS`, `swap`, `LVM2_member`
/// @param uuid its own, not the volume's; null when it has none
/// @param mountPoint where it is mounted in the host's own namespace, or null
/// @param usage what the file system says of itself; null unless it is mounted
public record FileSystem(
    String type, @Nullable String uuid, @Nullable String mountPoint, @Nullable Usage usage) {}
