package io.lumeo.lvm;

import io.lumeo.lvm.HostState.Content;
import io.lumeo.lvm.TargetStatus.ThinPool;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.StorageFailure.Busy;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unsupported;
import io.lumeo.storage.Words;
import java.util.Set;
import java.util.regex.Pattern;

/// What is refused, each with one sentence: everything that is known to have lost people data, or
/// that LVM is known to fail at half way.
final class Guards {
  /// lvmthin(7): what a pool's metadata can be at most, 15.8125 GiB.
  static final long LARGEST_METADATA_BYTES = 16_978_542_592L;

  static final long SMALLEST_METADATA_BYTES = 2L << 20;

  /// LVM keeps so much metadata free before it makes another thin volume, or a quarter if less.
  private static final long METADATA_HEADROOM_BYTES = 4L << 20;

  /// What can be extended by adding extents at its end, with its devices counted.
  private static final Set<String> EXTENDABLE = Set.of("linear", "striped", "raid1", "mirror");

  private Guards() {}

  // --- groups

  static void writable(HostState host, LvmReport.Group group) throws Refused {
    var row = group.group();
    var name = row.name();
    if (host.report().groups().stream().filter(g -> g.group().name().equals(name)).count() > 1) {
      throw new Refused(
          "two groups are called %s, and LVM's commands cannot tell them apart; rename one: vgrename %s NEWNAME"
              .formatted(name, row.uuid()));
    }
    if (row.exported()) {
      throw new Refused("group %s is exported; vgimport it first".formatted(name));
    }
    if (row.partial()) {
      throw new Refused(
          "group %s lacks %d of its devices; bring them back before anything in it is changed"
              .formatted(name, Math.max(1, row.missingDevices())));
    }
    if (row.shared()) {
      throw new Refused(
          "group %s is shared with other hosts through lvmlockd; change it there".formatted(name));
    }
    if (!row.systemId().isEmpty() && !row.systemId().equals(host.settings().systemId())) {
      throw new Refused(
          "group %s belongs to host %s; change it there"
              .formatted(name, Words.printable(row.systemId())));
    }
    if (!row.attributes().writeable()) {
      throw new Refused("group %s is read-only; vgchange -p rw it first".formatted(name));
    }
  }

  static void groupNameIsUsable(String name) throws Refused {
    if (!name.matches("[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]*")) {
      throw new Refused(
          "group '%s' has a name that LVM itself would not take".formatted(Words.printable(name)));
    }
  }

  static void deviceOfGroup(Site site, String path) throws Refused {
    Names.checkDevice(path);
    var device = site.group().devices().stream().filter(d -> d.path().equals(path)).findFirst();
    if (device.isEmpty()) {
      throw new Refused(
          "%s is not a device of group %s; add it first".formatted(path, site.groupName()));
    }
    if (!device.get().allocatable()) {
      throw new Refused(
          "%s takes no new extents: it is missing or closed to allocation".formatted(path));
    }
  }

  static void deviceIsBlank(String path, Content content) throws Refused {
    if (content.ambivalent() || !content.type().isEmpty()) {
      throw new Refused(
          "%s holds %s; wipe it yourself (wipefs -a) if nothing on it is wanted"
              .formatted(
                  path,
                  content.ambivalent() ? "signatures of several types" : "a " + content.type()));
    }
    if (content.mounted()) {
      throw new Refused("%s is mounted; unmount it first".formatted(path));
    }
  }

  // --- names

  static void nameIsFree(Site site, String name) throws Refused {
    Names.checkVolume(site.groupName(), name);
    if (site.group().volume(name).isPresent()) {
      throw new Refused(
          "there is a volume %s already; choose another name".formatted(site.in(name)));
    }
  }

  // --- volumes

  static void visible(VolumeRow volume) throws Refused {
    if (volume.hidden() || volume.role().contains("private")) {
      throw new Refused(
          "%s is a part of another volume or is being merged; it is not changed by itself"
              .formatted(volume.fullName()));
    }
  }

  static void settled(VolumeRow volume) throws Refused {
    if (volume.converting()) {
      throw new Refused(
          "%s is being converted; wait until lvs shows it is not".formatted(volume.fullName()));
    }
    if (hasMerge(volume)) {
      throw new Refused(
          "%s has a merge to come or going on; let it end first (unmount, lvchange --refresh %s)"
              .formatted(volume.fullName(), volume.fullName()));
    }
    if (volume.mergeFailed()) {
      throw new Refused(
          "a merge into %s has failed; look at the kernel's log before anything else is done to it"
              .formatted(volume.fullName()));
    }
    if (volume.suspended().isYes()) {
      throw new Refused(
          "%s is suspended, so whatever touches it waits; dmsetup resume it when it is known why"
              .formatted(volume.fullName()));
    }
  }

  /// Whether a snapshot is being merged into it, or will be. Of thin volumes only the letter tells.
  static boolean hasMerge(VolumeRow volume) {
    return volume.merging() || volume.attributes().type() == VolumeAttributes.Type.ORIGIN_MERGING;
  }

  static void notInUse(VolumeRow volume) throws Busy {
    if (volume.open().isYes()) {
      throw new Busy(
          "%s is in use; unmount it and close what has it open".formatted(volume.fullName()));
    }
  }

  static void isNotAPool(VolumeRow volume) throws Refused {
    if (volume.isThinPool()) {
      throw new Refused(
          "%s is a thin pool with other volumes inside; it is not handled as a volume"
              .formatted(volume.fullName()));
    }
  }

  static void isAPool(VolumeRow volume) throws Refused {
    if (!volume.isThinPool()) {
      throw new Refused("%s is not a thin pool".formatted(volume.fullName()));
    }
  }

  static void madeByLumeo(VolumeRow volume) throws Refused {
    if (!volume.tags().contains(OwnTags.MANAGED)) {
      throw new Refused(
          "%s was not made by Lumeo (it has no tag %s), and Lumeo removes only what it made"
              .formatted(volume.fullName(), OwnTags.MANAGED));
    }
  }

  static void hasNoClassicSnapshots(Site site, VolumeRow volume) throws Refused {
    var snapshots = site.classicSnapshotsOf(volume);
    if (!snapshots.isEmpty() || volume.hasClassicSnapshots()) {
      throw new Refused(
          "%s has classic snapshots, which would go with it; remove them first"
              .formatted(volume.fullName()));
    }
  }

  /// LVM refuses this only after the plan's first steps have been done.
  static void canGrowWhileActive(Site site, VolumeRow volume) throws Refused {
    boolean hasSnapshots =
        volume.hasClassicSnapshots() || !site.classicSnapshotsOf(volume).isEmpty();
    if (hasSnapshots && volume.active()) {
      throw new Refused(
          "%s has classic snapshots and is active, and LVM extends such a volume only while it is inactive; remove the snapshots or deactivate it"
              .formatted(volume.fullName()));
    }
  }

  /// What was rounded up to whole extents before may be asked for again.
  static void isGrowth(Site site, String name, long nowBytes, long wantedBytes) throws Refused {
    if (site.extents(wantedBytes) < site.extents(nowBytes)) {
      throw new Refused(
          "%s is %s and would become smaller; Lumeo never makes anything smaller, as that cuts off data"
              .formatted(name, Words.bytes(nowBytes)));
    }
  }

  static void isExtendable(String name, SegmentRow last) throws Unsupported {
    if (!EXTENDABLE.contains(last.type()) && !last.type().equals("thin")) {
      throw new Unsupported(
          "%s is of type %s, whose extension Lumeo does not plan; use lvextend"
              .formatted(name, Words.printable(last.type())));
    }
  }

  // --- snapshots

  static void snapshotIsValid(VolumeRow snapshot) throws Refused {
    if (snapshot.snapshotInvalid()) {
      throw new Refused(
          "snapshot %s has overflowed and its content is lost; remove it, nothing brings it back"
              .formatted(snapshot.fullName()));
    }
  }

  static void thinTakesNoStore(VolumeRow origin) throws Refused {
    if (origin.isThin()) {
      throw new Refused(
          "%s is thin, and a snapshot with a store of its own would be a classic one on top: slow, and lost when the store overflows; leave the store's size out"
              .formatted(origin.fullName()));
    }
  }

  static void originOfClassic(VolumeRow origin) throws Refused {
    if (origin.isClassicSnapshot()) {
      throw new Refused(
          "%s is a classic snapshot, and LVM makes no snapshots of those"
              .formatted(origin.fullName()));
    }
    if (origin.layout().contains("cache") && origin.layout().contains("pool")) {
      throw new Refused("%s is a cache pool, not a volume".formatted(origin.fullName()));
    }
  }

  static void isSnapshotOf(VolumeRow snapshot, VolumeRow volume) throws Refused {
    boolean byLvm = snapshot.origin().equals(volume.name());
    boolean byTag = OwnTags.originIn(snapshot.tags()).filter(volume.uuid()::equals).isPresent();
    if (!(snapshot.isClassicSnapshot() || snapshot.isThin()) || !(byLvm || byTag)) {
      throw new Refused(
          "%s is not known to be a snapshot of %s; make a clone of it instead"
              .formatted(snapshot.fullName(), volume.fullName()));
    }
  }

  /// LVM merges a thin snapshot only into the volume that it still knows as its origin.
  static void lvmKnowsOrigin(VolumeRow snapshot, VolumeRow volume) throws Refused {
    if (!snapshot.origin().equals(volume.name())) {
      throw new Refused(
          "LVM has forgotten that %s is a snapshot of %s, as it does after a merge of its sibling, and cannot merge it; make a clone of it and use that instead"
              .formatted(snapshot.fullName(), volume.fullName()));
    }
  }

  // --- thin pools

  static void poolIsWell(HostState host, VolumeRow pool) throws Refused {
    poolTakesMetadata(host, pool);
    var kernel = host.status().get(pool.uuid());
    if (pool.healthStatus().equals("metadata_read_only")
        || (kernel instanceof ThinPool running && running.mode() == ThinPool.Mode.READ_ONLY)) {
      throw new Refused(
          "the metadata of %s are read-only, as they are full or could not be written; extend them, or deactivate the pool and plan their repair"
              .formatted(pool.fullName()));
    }
  }

  /// More room for metadata can be what a pool lacks whose metadata are read-only.
  static void poolTakesMetadata(HostState host, VolumeRow pool) throws Refused {
    var kernel = host.status().get(pool.uuid());
    boolean check =
        pool.checkNeeded().isYes() || (kernel instanceof ThinPool running && running.needsCheck());
    if (check) {
      throw new Refused(
          "the metadata of %s must be checked before anything is changed; deactivate it, then plan its repair"
              .formatted(pool.fullName()));
    }
    if (kernel instanceof TargetStatus.Failed || pool.healthStatus().equals("failed")) {
      throw new Refused(
          "%s has failed; deactivate it, then plan the repair of its metadata"
              .formatted(pool.fullName()));
    }
  }

  static void isWhollyInactive(Site site, VolumeRow pool) throws Refused {
    for (var volume : site.group().volumes()) {
      boolean inside = volume.pool().equals(pool.name()) || volume.uuid().equals(pool.uuid());
      if (inside && volume.active()) {
        throw new Refused(
            "%s is active, and metadata are repaired only while nothing of the pool is; unmount and deactivate it"
                .formatted(volume.fullName()));
      }
    }
  }

  /// Each repair puts the metadata of before aside, and a second one would put those of the first
  /// aside as if they were the original.
  static void wasNotRepaired(Site site, VolumeRow pool) throws Refused {
    for (var volume : site.group().volumes()) {
      if (volume.name().matches(Pattern.quote(pool.name()) + "_meta[0-9]+")) {
        throw new Refused(
            "%s was repaired before, and %s holds what its metadata were then; look at both with thin_dump before anything is repaired again"
                .formatted(pool.fullName(), volume.fullName()));
      }
    }
  }

  /// The rule by which LVM itself refuses a new thin volume or snapshot, foreseen: see
  /// `pool_below_threshold` of lvm2.
  static void poolAdmits(Site site, VolumeRow pool) throws Refused, OutOfSpace {
    poolIsWell(site.host(), pool);
    int threshold = site.host().settings().ruleFor(pool, site.group().group()).thresholdPercent();
    double data = pool.dataPercent().orElse(0);
    double metadata = pool.metadataPercent().orElse(0);
    if (pool.healthStatus().equals("out_of_data") || data >= 100) {
      throw new OutOfSpace(
          "the data of %s are full; extend them first".formatted(pool.fullName()), 1);
    }
    if (data > threshold) {
      throw new OutOfSpace(
          "the data of %s are %.1f %% full and LVM makes no new thin volume above its threshold of %d %%; extend the pool first"
              .formatted(pool.fullName(), data, threshold),
          1);
    }
    double free = pool.metadataBytes() * (100 - metadata) / 100;
    double wanted = Math.min(pool.metadataBytes() / 4.0, METADATA_HEADROOM_BYTES);
    if (metadata > threshold || (pool.metadataPercent().isPresent() && free < wanted)) {
      throw new OutOfSpace(
          "the metadata of %s are %.1f %% full and LVM makes no new thin volume then; extend them first"
              .formatted(pool.fullName(), metadata),
          1);
    }
  }

  static void metadataSize(long bytes) throws Refused {
    if (bytes < SMALLEST_METADATA_BYTES || bytes > LARGEST_METADATA_BYTES) {
      throw new Refused(
          "a pool's metadata can be %s to %s, not %s"
              .formatted(
                  Words.bytes(SMALLEST_METADATA_BYTES),
                  Words.bytes(LARGEST_METADATA_BYTES),
                  Words.bytes(bytes)));
    }
  }

  static void chunkSize(long bytes) throws Refused {
    if (bytes < 64 << 10 || bytes > 1 << 30 || bytes % (64 << 10) != 0) {
      throw new Refused(
          "a chunk is a multiple of 64 KiB, up to 1 GiB, not %s".formatted(Words.bytes(bytes)));
    }
  }

  // --- file systems

  static void hasTool(Surroundings around, String tool, String from) throws Unsupported {
    if (around.missingTools().contains(tool)) {
      throw new Unsupported(
          "the host has no %s; install %s first, before the volume is larger than its file system"
              .formatted(tool, from));
    }
  }
}
