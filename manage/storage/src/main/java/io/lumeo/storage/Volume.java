package io.lumeo.storage;

import java.time.Instant;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// What is written to: a volume, or the snapshot of one.
///
/// @param uuid its identity, for life; names and origins may change
/// @param name unique in its pool
/// @param pool the uuid of the pool it draws from: a thin volume's thin pool, else the volume group
/// @param path where its device is, or null when it has none now
/// @param data what it uses: a thin volume's mapped bytes of its size, a classic snapshot's use of
///   its store; null when the system does not say
/// @param origin the uuid of what it is a snapshot of, as far as the system still knows; **not** an
///   identity: a merge can empty it
/// @param createdAt when it was made, or null when the system does not say
/// @param fileSystem what was found on it, or null when nothing was or nobody looked
public record Volume(
    String uuid,
    String name,
    String pool,
    Kind kind,
    long sizeBytes,
    @Nullable String path,
    @Nullable Usage data,
    @Nullable String origin,
    @Nullable Instant createdAt,
    SortedSet<String> tags,
    boolean active,
    boolean open,
    boolean readOnly,
    @Nullable FileSystem fileSystem,
    Health health,
    Set<Capability> capabilities) {

  public enum Kind {
    /// Fully allocated: linear, striped, mirrored or RAID.
    THICK,
    THIN,
    /// A copy-on-write snapshot with a store of its own size.
    CLASSIC_SNAPSHOT,
    THIN_SNAPSHOT,
    /// Something the model only shows: cache, VDO, and what is newer than this program.
    OTHER
  }

  public boolean isSnapshot() {
    return kind == Kind.CLASSIC_SNAPSHOT || kind == Kind.THIN_SNAPSHOT;
  }

  public boolean can(Capability capability) {
    return capabilities.contains(capability);
  }
}
