package io.lumeo.lvm;

import io.lumeo.lvm.HostState.Content;
import io.lumeo.lvm.LvmReport.Group;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Words;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;

/// Something that is so on a host, or is not. A step of a plan says with conditions what must be so
/// before it and what is so after it; a restart asks them and knows how far the plan had come.
///
/// Conditions look at state alone, never at what a command said, but for [Repeated].
sealed interface Condition {

  boolean holds(HostState now);

  /// A clause for people, such as `vg/data is at least 1 GiB`.
  String words();

  /// What is made by a plan.
  enum Kind {
    /// Fully allocated.
    THICK,
    /// Thin, snapshots and clones too.
    THIN,
    CLASSIC_SNAPSHOT,
    POOL;

    boolean isOne(VolumeRow volume) {
      return switch (this) {
        case THICK -> !volume.isThin() && !volume.isThinPool() && !volume.isClassicSnapshot();
        case THIN -> volume.isThin();
        case CLASSIC_SNAPSHOT -> volume.isClassicSnapshot();
        case POOL -> volume.isThinPool();
      };
    }
  }

  /// The group holds a volume of that name and kind which that plan made.
  record Made(String group, String name, String run, Kind kind) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return find(now).filter(kind::isOne).isPresent();
    }

    /// What the plan has made of it so far: a classic snapshot begins as a volume, and stays one
    /// when LVM is killed at that moment.
    Optional<VolumeRow> find(HostState now) {
      return now.report()
          .group(group)
          .flatMap(g -> g.volume(name))
          .filter(volume -> OwnTags.runIn(volume.tags()).filter(run::equals).isPresent());
    }

    @Override
    public String words() {
      return "%s is there, made by this plan".formatted(name);
    }
  }

  /// The volume of that name is a thin pool.
  record IsPool(String group, String name) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report()
          .group(group)
          .flatMap(g -> g.volume(name))
          .filter(VolumeRow::isThinPool)
          .isPresent();
    }

    @Override
    public String words() {
      return "%s is a thin pool".formatted(name);
    }
  }

  /// A volume of that name is in the group, whoever made it.
  record Present(String group, String name) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().group(group).flatMap(g -> g.volume(name)).isPresent();
    }

    @Override
    public String words() {
      return "%s is there".formatted(name);
    }
  }

  /// No volume of that name is in the group: it may be taken.
  record NameFree(String group, String name) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().group(group).filter(g -> g.volume(name).isEmpty()).isPresent();
    }

    @Override
    public String words() {
      return "no volume is called %s".formatted(name);
    }
  }

  /// The volume has that name, whatever was done to others.
  record Named(String volume, String name) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(volume).filter(v -> v.name().equals(name)).isPresent();
    }

    @Override
    public String words() {
      return "%s is the volume %s".formatted(name, volume);
    }
  }

  record Gone(String volume, String name) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(volume).isEmpty();
    }

    @Override
    public String words() {
      return "%s is gone".formatted(name);
    }
  }

  record Sized(String volume, String name, long bytes) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(volume).filter(v -> v.sizeBytes() >= bytes).isPresent();
    }

    @Override
    public String words() {
      return "%s is at least %s".formatted(name, Words.bytes(bytes));
    }
  }

  record MetadataSized(String pool, String name, long bytes) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(pool).filter(v -> v.metadataBytes() >= bytes).isPresent();
    }

    @Override
    public String words() {
      return "the metadata of %s are at least %s".formatted(name, Words.bytes(bytes));
    }
  }

  /// The file system reaches the end of its volume, but for a remainder in which it would not put
  /// another group of its own.
  record FileSystemFills(String volume, String name) implements Condition {
    /// What resize2fs may leave: a last group whose tables alone would need that much.
    private static final long EXT_REMAINDER_BYTES = 8 << 20;

    /// What xfs_growfs may leave: an allocation group under 64 blocks.
    private static final long XFS_REMAINDER_BYTES = 1 << 20;

    @Override
    public boolean holds(HostState now) {
      var size = now.report().volume(volume).map(VolumeRow::sizeBytes);
      var content = now.content(volume);
      return size.isPresent() && content.isPresent() && fills(content.get(), size.get());
    }

    static boolean fills(Content content, long volumeBytes) {
      var spanned = content.sizeBytes();
      return spanned != null && volumeBytes - spanned < remainderBytes(content.type());
    }

    private static long remainderBytes(String type) {
      return type.equals("xfs") ? XFS_REMAINDER_BYTES : EXT_REMAINDER_BYTES;
    }

    @Override
    public String words() {
      return "the file system fills %s".formatted(name);
    }
  }

  record Tagged(String volume, String name, SortedSet<String> has, SortedSet<String> hasNot)
      implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(volume).filter(v -> agrees(v.tags())).isPresent();
    }

    private boolean agrees(Set<String> tags) {
      return tags.containsAll(has) && hasNot.stream().noneMatch(tags::contains);
    }

    @Override
    public String words() {
      return "%s has the tags %s%s"
          .formatted(name, has, hasNot.isEmpty() ? "" : " and not " + hasNot);
    }
  }

  record Active(String volume, String name, boolean active) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(volume).filter(v -> v.active() == active).isPresent();
    }

    @Override
    public String words() {
      return "%s is %s".formatted(name, active ? "active" : "inactive");
    }
  }

  record NotInUse(String volume, String name) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(volume).filter(v -> !v.open().isYes()).isPresent();
    }

    @Override
    public String words() {
      return "%s is not in use".formatted(name);
    }
  }

  /// The snapshot of that name has been merged, or will be when its origin is next free.
  record Merging(String group, String name) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return visible(now).isEmpty() && now.report().group(group).isPresent();
    }

    /// Whether LVM waits for the origin.
    boolean isDelayed(HostState now) {
      return visible(now).isEmpty()
          && now.report().group(group).flatMap(g -> g.volume(name)).isPresent();
    }

    private Optional<VolumeRow> visible(HostState now) {
      return now.report().group(group).flatMap(g -> g.volume(name)).filter(v -> !v.hidden());
    }

    @Override
    public String words() {
      return "%s is merged, or hidden until it can be".formatted(name);
    }
  }

  record HasDevice(String group, String path) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().group(group).stream()
          .flatMap(g -> g.devices().stream())
          .anyMatch(device -> device.path().equals(path) && !device.missing());
    }

    @Override
    public String words() {
      return "%s is in the group".formatted(path);
    }
  }

  record Discards(String pool, String name, String mode) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(pool).stream()
          .flatMap(v -> v.segments().stream())
          .anyMatch(segment -> segment.discards().equals(mode));
    }

    @Override
    public String words() {
      return "%s treats discards as %s".formatted(name, mode);
    }
  }

  record HasProfile(String pool, String name, String profile) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(pool).filter(v -> v.profile().equals(profile)).isPresent();
    }

    @Override
    public String words() {
      return "%s follows the profile %s".formatted(name, profile);
    }
  }

  record Monitored(String pool, String name) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().volume(pool).stream()
          .flatMap(v -> v.segments().stream())
          .anyMatch(SegmentRow::monitored);
    }

    @Override
    public String words() {
      return "dmeventd watches %s".formatted(name);
    }
  }

  /// The group holds exactly these volumes, by uuid.
  record Holds(String group, SortedSet<String> volumes) implements Condition {
    @Override
    public boolean holds(HostState now) {
      return now.report().group(group).filter(g -> uuids(g).equals(volumes)).isPresent();
    }

    private static Set<String> uuids(Group group) {
      return group.volumes().stream().map(VolumeRow::uuid).collect(Collectors.toSet());
    }

    @Override
    public String words() {
      return "the group holds the %d volumes of the backup".formatted(volumes.size());
    }
  }

  /// Nothing to look at: such a step is done when its command has succeeded, and may be run as
  /// often as one likes.
  record Repeated() implements Condition {
    @Override
    public boolean holds(HostState now) {
      return true;
    }

    @Override
    public String words() {
      return "its command has succeeded";
    }
  }
}
