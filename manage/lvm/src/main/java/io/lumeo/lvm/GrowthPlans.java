package io.lumeo.lvm;

import io.lumeo.lvm.HostState.Content;
import io.lumeo.storage.Change.ExtendVolume;
import io.lumeo.storage.Change.GrowFileSystem;
import io.lumeo.storage.Change.Trim;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.Draft;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.Words;
import java.util.List;
import java.util.Set;

/// Plans that make volumes and the file systems on them larger, and give back what they do not
/// need.
///
/// Growth is two steps, each of which can be the last before a crash: "the volume is larger than
/// its file system" is a state to be finished, not an error.
final class GrowthPlans {
  private static final Set<String> EXT = Set.of("ext2", "ext3", "ext4");

  private GrowthPlans() {}

  static Draft<Step> extend(Site site, Drafting draft, ExtendVolume change) throws StorageFailure {
    var volume = growable(site, change.volume());
    Guards.isGrowth(site, volume.fullName(), volume.sizeBytes(), change.sizeBytes());
    draft.touching(volume);
    long now = site.extents(volume.sizeBytes());
    long wanted = site.extents(change.sizeBytes());
    if (wanted == now) {
      return finishGrowth(site, draft, volume, change.fileSystem());
    }
    Guards.canGrowWhileActive(site, volume);
    var footprint = Footprint.of(volume, wanted - now);
    footprint.checkRoom(site);
    checkPool(site, draft, volume);
    if (change.fileSystem() == WithFileSystem.GROW) {
      growthOfWhatLiesOn(site, volume); // refused before the volume is touched, not after
    }
    extension(site, draft, volume, now + footprint.extents(), change.sizeBytes(), footprint);
    if (change.fileSystem() == WithFileSystem.GROW) {
      growthOfWhatLiesOn(site, volume).forEach(draft::step);
      draft.expect("the file system fills it");
    } else {
      draft.note("what lies on the volume is left as it is");
    }
    return draft.finished();
  }

  private static VolumeRow growable(Site site, String uuid) throws StorageFailure {
    var volume = site.volume(uuid);
    Guards.visible(volume);
    Guards.isNotAPool(volume);
    Guards.settled(volume);
    if (volume.isClassicSnapshot()) {
      throw new Refused(
          "%s is a classic snapshot: it is its store that can be extended"
              .formatted(volume.fullName()));
    }
    return volume;
  }

  private static void checkPool(Site site, Drafting draft, VolumeRow volume) throws StorageFailure {
    var pool = site.group().volume(volume.pool());
    if (volume.isThin() && pool.isPresent()) {
      Guards.poolIsWell(site.host(), pool.get());
      draft.note(
          "no space is taken in %s before it is written to; the pool must be watched",
          pool.get().fullName());
    }
  }

  private static void extension(
      Site site,
      Drafting draft,
      VolumeRow volume,
      long extents,
      long wantedBytes,
      Footprint footprint) {
    var name = volume.fullName();
    draft
        .backUp()
        .step(
            Step.of(
                    "extend %s to %s".formatted(name, site.size(extents)),
                    LvmCommand.of("lvextend", "-l", Long.toString(extents), name),
                    new Condition.Sized(volume.uuid(), name, extents * site.extentBytes()))
                .requiring(new Condition.Named(volume.uuid(), volume.name())))
        .expect("%s: %s → %s", name, Words.bytes(volume.sizeBytes()), site.size(extents));
    if (footprint.taken() > 0) {
      draft.expect(
          "%s: %d extents (%s) taken",
          site.groupName(), footprint.taken(), site.size(footprint.taken()));
    }
    if (extents * site.extentBytes() != wantedBytes) {
      draft.note("rounded up to whole extents and stripes: %s", site.size(extents));
    }
    draft.note("a volume is never made smaller again");
  }

  /// The volume is as large as it is to be; perhaps what lies on it is not.
  private static Draft<Step> finishGrowth(
      Site site, Drafting draft, VolumeRow volume, WithFileSystem fileSystem)
      throws StorageFailure {
    if (fileSystem == WithFileSystem.GROW && !fillsIt(site, volume)) {
      growthOfWhatLiesOn(site, volume).forEach(draft::step);
      return draft
          .expect("the file system fills %s", volume.fullName())
          .note("%s is as large already; its file system is not", volume.fullName())
          .finished();
    }
    return draft.alreadySo("%s is as large already".formatted(volume.fullName()));
  }

  static Draft<Step> growFileSystem(Site site, Drafting draft, GrowFileSystem change)
      throws StorageFailure {
    var volume = growable(site, change.volume());
    draft.touching(volume);
    var steps = growthOfWhatLiesOn(site, volume);
    if (fillsIt(site, volume)) {
      return draft.alreadySo("the file system fills %s already".formatted(volume.fullName()));
    }
    steps.forEach(draft::step);
    return draft.expect("the file system fills %s", volume.fullName()).finished();
  }

  private static boolean fillsIt(Site site, VolumeRow volume) {
    return new Condition.FileSystemFills(volume.uuid(), volume.fullName()).holds(site.host());
  }

  /// The steps that let the file system fill its volume.
  ///
  /// @throws Refused if it is of a type, or in a state, in which it cannot be grown safely
  private static List<Step> growthOfWhatLiesOn(Site site, VolumeRow volume) throws StorageFailure {
    if (!volume.active()) {
      throw new Refused(
          "%s is inactive, so nobody can see what lies on it; activate it, or grow the volume only"
              .formatted(volume.fullName()));
    }
    var content = content(site, volume);
    if (content.ambivalent() || !isGrowable(content.type())) {
      throw new Refused(
          "%s holds %s, which Lumeo does not grow; ask for the volume only, and grow the rest with its own tools"
              .formatted(volume.fullName(), describe(content)));
    }
    if (volume.readOnly() || content.mountedReadOnly()) {
      throw new Refused(
          "the file system on %s is read-only now; make it writeable first"
              .formatted(volume.fullName()));
    }
    return content.type().equals("xfs") ? xfs(site, volume, content) : ext(site, volume, content);
  }

  private static boolean isGrowable(String type) {
    return EXT.contains(type) || type.equals("xfs");
  }

  private static String describe(Content content) {
    if (content.ambivalent()) {
      return "signatures of several types";
    }
    return content.type().isEmpty() ? "nothing that is recognised" : "a " + content.type();
  }

  private static Content content(Site site, VolumeRow volume) throws NotFound {
    return site.host()
        .content(volume.uuid())
        .orElseThrow(
            () -> new NotFound("what lies on %s could not be seen".formatted(volume.fullName())));
  }

  /// XFS grows only while mounted, and is named by its mount point: by its device, newer versions
  /// of xfs_growfs do not find it from inside another mount namespace.
  private static List<Step> xfs(Site site, VolumeRow volume, Content content)
      throws StorageFailure {
    Guards.hasTool(site.around(), "xfs_growfs", "xfsprogs");
    if (!content.mounted()) {
      throw new Refused(
          "%s holds an XFS that is not mounted, and XFS grows only while mounted; mount it first"
              .formatted(volume.fullName()));
    }
    return List.of(fileSystemStep(volume, List.of("xfs_growfs", content.mountPoints().getFirst())));
  }

  private static List<Step> ext(Site site, VolumeRow volume, Content content)
      throws StorageFailure {
    Guards.hasTool(site.around(), "resize2fs", "e2fsprogs");
    var device = site.device(volume.name());
    var growth = fileSystemStep(volume, List.of("resize2fs", device));
    if (content.mounted()) {
      return List.of(growth);
    }
    Guards.notInUse(volume);
    Guards.hasTool(site.around(), "e2fsck", "e2fsprogs");
    // e2fsck says 1 when it has mended something that it may mend without asking.
    var check =
        Step.harmless(
                "check the file system on %s".formatted(volume.fullName()),
                List.of("e2fsck", "-f", "-p", device))
            .requiring(new Condition.NotInUse(volume.uuid(), volume.fullName()))
            .acceptingExits(0, 1)
            .within(Step.LONG);
    return List.of(check, growth);
  }

  private static Step fileSystemStep(VolumeRow volume, List<String> arguments) {
    return Step.of(
            "let the file system fill %s".formatted(volume.fullName()),
            arguments,
            new Condition.FileSystemFills(volume.uuid(), volume.fullName()))
        .requiring(new Condition.Named(volume.uuid(), volume.name()))
        .within(Step.LONG);
  }

  static Draft<Step> trim(Site site, Drafting draft, Trim change) throws StorageFailure {
    var volume = site.volume(change.volume());
    Guards.visible(volume);
    Guards.settled(volume);
    Guards.hasTool(site.around(), "fstrim", "util-linux");
    var content = content(site, volume);
    if (!content.mounted()) {
      throw new Refused(
          "%s is not mounted, and only a mounted file system can be trimmed"
              .formatted(volume.fullName()));
    }
    if (content.mountedReadOnly()) {
      throw new Refused(
          "%s is mounted read-only, and such a file system cannot be trimmed"
              .formatted(volume.fullName()));
    }
    var pool = site.group().volume(volume.pool());
    if (pool.isPresent()) {
      takesDiscards(pool.get());
      draft
          .expect("%s: what only freed files held comes back", pool.get().fullName())
          .note("only whole chunks come back, and none that a snapshot still holds");
    }
    var point = content.mountPoints().getFirst();
    return draft
        .touching(volume)
        .step(
            Step.of(
                    "trim %s".formatted(Words.printable(point)),
                    List.of("fstrim", "-v", point),
                    new Condition.Repeated())
                .within(Step.LONG))
        .finished();
  }

  private static void takesDiscards(VolumeRow pool) throws Refused {
    if (pool.segments().stream().anyMatch(segment -> segment.discards().equals("ignore"))) {
      throw new Refused(
          "%s ignores discards, so a trim would free nothing; set its discards to passdown first"
              .formatted(pool.fullName()));
    }
  }
}
