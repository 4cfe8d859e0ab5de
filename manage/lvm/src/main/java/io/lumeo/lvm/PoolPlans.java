package io.lumeo.lvm;

import io.lumeo.storage.Change.CreateThinPool;
import io.lumeo.storage.Change.ExtendPoolData;
import io.lumeo.storage.Change.ExtendPoolMetadata;
import io.lumeo.storage.Change.RepairPoolMetadata;
import io.lumeo.storage.Change.SetDiscards;
import io.lumeo.storage.Change.SetSelfExtension;
import io.lumeo.storage.Draft;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Plans for thin pools: their data, their metadata with the spare that LVM keeps for its repair,
/// and what they do by themselves.
final class PoolPlans {
  /// What LVM reckons a chunk's metadata to take.
  private static final long METADATA_BYTES_PER_CHUNK = 64;

  /// Beyond this LVM chooses larger chunks instead of more metadata.
  private static final long USUAL_METADATA_LIMIT_BYTES = 128L << 20;

  private static final long SMALLEST_CHUNK_BYTES = 64L << 10;
  private static final long LARGEST_CHUNK_BYTES = 1L << 30;
  private static final Set<String> DISCARDS = Set.of("ignore", "nopassdown", "passdown");

  /// A profile under which LVM never extends, whatever the host's settings say.
  private static final String NEVER = "lumeo-never";

  /// How LVM calls what a repaired pool had for metadata before.
  static final String OLD_METADATA = "_meta0";

  private PoolPlans() {}

  static Draft<Step> create(Site site, Drafting draft, CreateThinPool change)
      throws StorageFailure {
    Guards.nameIsFree(site, change.name());
    Names.checkTagsOfNew(change.tags());
    if (change.dataBytes() <= 0) {
      throw new Refused("a pool is larger than nothing");
    }
    long chunk = chunkBytes(change);
    Guards.chunkSize(chunk);
    long data = site.extents(change.dataBytes());
    long metadata = metadataExtents(site, change, chunk);
    long spare = Math.max(0, metadata - site.spareExtents());
    site.checkRoom(data, change.dataDevices());
    site.checkRoom(metadata, change.metadataDevices());
    site.checkRoom(data + metadata + spare, List.of());
    if (change.profile() != null) {
      Names.checkFile(change.profile());
    }
    draft.backUp();
    if (change.metadataDevices().isEmpty()) {
      whole(site, draft, change, data, metadata, chunk);
    } else {
      fromParts(site, draft, change, data, metadata, chunk);
    }
    return draft
        .expect(
            "a thin pool %s: %s of data, %s of metadata, chunks of %s",
            site.in(change.name()), site.size(data), site.size(metadata), Words.bytes(chunk))
        .expect(
            "%s: %d extents taken, %d of them for the spare of the metadata",
            site.groupName(), data + metadata + spare, spare)
        .note("the size of chunks is for life")
        .finished();
  }

  /// As LVM does it: the smallest chunks whose metadata stay below its usual limit.
  private static long chunkBytes(CreateThinPool change) {
    if (change.chunkBytes() != null) {
      return change.chunkBytes();
    }
    long chunk = SMALLEST_CHUNK_BYTES;
    while (chunk < LARGEST_CHUNK_BYTES
        && change.dataBytes() / chunk * METADATA_BYTES_PER_CHUNK > USUAL_METADATA_LIMIT_BYTES) {
      chunk *= 2;
    }
    return chunk;
  }

  private static long metadataExtents(Site site, CreateThinPool change, long chunk) throws Refused {
    long bytes =
        change.metadataBytes() != null
            ? change.metadataBytes()
            : Math.clamp(
                Math.ceilDiv(change.dataBytes(), chunk) * METADATA_BYTES_PER_CHUNK,
                Guards.SMALLEST_METADATA_BYTES,
                Guards.LARGEST_METADATA_BYTES);
    Guards.metadataSize(bytes);
    return site.extents(bytes);
  }

  private static void whole(
      Site site, Drafting draft, CreateThinPool change, long data, long metadata, long chunk) {
    var arguments =
        new ArrayList<>(
            List.of(
                "-y",
                "--type",
                "thin-pool",
                "-l",
                Long.toString(data),
                "--poolmetadatasize",
                metadata * site.extentBytes() + "b",
                "-c",
                chunk + "b"));
    arguments.addAll(profileOptions(change.profile()));
    arguments.addAll(List.of("-n", change.name()));
    arguments.addAll(SnapshotPlans.tagsOf(site, change.tags(), null));
    arguments.add(site.groupName());
    arguments.addAll(change.dataDevices());
    draft.step(
        Step.of(
                "make the thin pool %s".formatted(site.in(change.name())),
                LvmCommand.of("lvcreate", arguments),
                madePool(site, change))
            .requiring(new Condition.NameFree(site.groupUuid(), change.name()))
            .undoneBy(LvmCommand.of("lvremove", "-y", site.in(change.name()))));
  }

  private static Condition madePool(Site site, CreateThinPool change) {
    return new Condition.Made(
        site.groupUuid(), change.name(), site.id().text(), Condition.Kind.POOL);
  }

  private static List<String> profileOptions(@Nullable String profile) {
    return profile == null ? List.of() : List.of("--metadataprofile", profile);
  }

  /// LVM takes one list of devices for a pool. To have data and metadata on devices of their own,
  /// both are made as volumes first and then made into a pool.
  private static void fromParts(
      Site site, Drafting draft, CreateThinPool change, long data, long metadata, long chunk)
      throws Refused {
    var metadataName = "lumeo-meta-" + site.id().brief();
    Guards.nameIsFree(site, metadataName);
    draft
        .step(part(site, change, change.name(), data, change.dataDevices()))
        .step(part(site, change, metadataName, metadata, change.metadataDevices()));
    var arguments =
        new ArrayList<>(
            List.of(
                "-y",
                "--type",
                "thin-pool",
                "-c",
                chunk + "b",
                "--poolmetadata",
                site.in(metadataName)));
    arguments.addAll(profileOptions(change.profile()));
    arguments.add(site.in(change.name()));
    var tags = new ArrayList<>(SnapshotPlans.tagsOf(site, change.tags(), null));
    tags.add(site.in(change.name()));
    draft
        .step(
            Step.of(
                    "make them the pool %s".formatted(site.in(change.name())),
                    LvmCommand.of("lvconvert", arguments),
                    new Condition.IsPool(site.groupUuid(), change.name()))
                .requiring(madeThick(site, change.name()), madeThick(site, metadataName))
                .undoneBy(LvmCommand.of("lvremove", "-y", site.in(change.name()))))
        .step(
            Step.of(
                "tag %s".formatted(site.in(change.name())),
                LvmCommand.of("lvchange", tags),
                madePool(site, change)));
  }

  private static Step part(
      Site site, CreateThinPool change, String name, long extents, List<String> devices) {
    var arguments = new ArrayList<>(List.of("-y", "-Wy", "-l", Long.toString(extents), "-n", name));
    arguments.addAll(SnapshotPlans.tagsOf(site, change.tags(), null));
    arguments.add(site.groupName());
    arguments.addAll(devices);
    return Step.of(
            "make the volume %s".formatted(site.in(name)),
            LvmCommand.of("lvcreate", arguments),
            madeThick(site, name))
        .requiring(new Condition.NameFree(site.groupUuid(), name))
        .undoneBy(LvmCommand.of("lvremove", "-y", site.in(name)));
  }

  private static Condition madeThick(Site site, String name) {
    return new Condition.Made(site.groupUuid(), name, site.id().text(), Condition.Kind.THICK);
  }

  static Draft<Step> extendData(Site site, Drafting draft, ExtendPoolData change)
      throws StorageFailure {
    var pool = pool(site, change.pool());
    Guards.poolIsWell(site.host(), pool);
    Guards.isGrowth(site, "the data of " + pool.fullName(), pool.sizeBytes(), change.sizeBytes());
    draft.touching(pool);
    long now = site.extents(pool.sizeBytes());
    long wanted = site.extents(change.sizeBytes());
    if (wanted == now) {
      return draft.alreadySo("the data of %s are as large already".formatted(pool.fullName()));
    }
    var footprint = Footprint.of(part(site, pool, "data_lv", "_tdata"), wanted - now);
    footprint.checkRoom(site);
    long extents = now + footprint.extents();
    return draft
        .backUp()
        .step(
            Step.of(
                    "extend the data of %s to %s".formatted(pool.fullName(), site.size(extents)),
                    LvmCommand.of("lvextend", "-l", Long.toString(extents), pool.fullName()),
                    new Condition.Sized(pool.uuid(), pool.fullName(), extents * site.extentBytes()))
                .requiring(new Condition.Named(pool.uuid(), pool.name())))
        .expect(
            "%s: data %s → %s", pool.fullName(), Words.bytes(pool.sizeBytes()), site.size(extents))
        .expect("%s: %d extents taken", site.groupName(), footprint.taken())
        .note("LVM extends the metadata with it when they are small for so much data")
        .note("a pool is never made smaller again")
        .finished();
  }

  private static VolumeRow pool(Site site, String uuid) throws StorageFailure {
    var pool = site.volume(uuid);
    Guards.isAPool(pool);
    Guards.settled(pool);
    return pool;
  }

  /// The hidden volume that is a pool's data or metadata.
  private static VolumeRow part(Site site, VolumeRow pool, String field, String suffix) {
    var named = pool.row().text(field).replaceAll("[\\[\\]]", "");
    var name = named.isEmpty() ? pool.name() + suffix : named;
    return site.group().volume(name).orElse(new VolumeRow(pool.row(), List.of()));
  }

  static Draft<Step> extendMetadata(Site site, Drafting draft, ExtendPoolMetadata change)
      throws StorageFailure {
    var pool = pool(site, change.pool());
    Guards.poolTakesMetadata(site.host(), pool);
    Guards.isGrowth(
        site, "the metadata of " + pool.fullName(), pool.metadataBytes(), change.sizeBytes());
    Guards.metadataSize(change.sizeBytes());
    draft.touching(pool);
    long now = site.extents(pool.metadataBytes());
    long wanted = site.extents(change.sizeBytes());
    if (wanted == now) {
      return draft.alreadySo("the metadata of %s are as large already".formatted(pool.fullName()));
    }
    var footprint = Footprint.of(part(site, pool, "metadata_lv", "_tmeta"), wanted - now);
    long extents = now + footprint.extents();
    long spare = Math.max(0, extents - site.spareExtents());
    footprint.checkRoomWithReserve(site, spare);
    var size = extents * site.extentBytes();
    return draft
        .backUp()
        .step(
            Step.of(
                    "extend the metadata of %s to %s"
                        .formatted(pool.fullName(), site.size(extents)),
                    LvmCommand.of("lvextend", "--poolmetadatasize", size + "b", pool.fullName()),
                    new Condition.MetadataSized(pool.uuid(), pool.fullName(), size))
                .requiring(new Condition.Named(pool.uuid(), pool.name())))
        .expect(
            "%s: metadata %s → %s",
            pool.fullName(), Words.bytes(pool.metadataBytes()), site.size(extents))
        .expect(
            "%s: up to %d extents taken, %d of them for the spare of the metadata",
            site.groupName(), footprint.taken() + spare, spare)
        .note("the index of the new space takes a little of it at once")
        .finished();
  }

  static Draft<Step> repair(Site site, Drafting draft, RepairPoolMetadata change)
      throws StorageFailure {
    var pool = pool(site, change.pool());
    Guards.isWhollyInactive(site, pool);
    Guards.wasNotRepaired(site, pool);
    if (site.spareExtents() < site.extents(pool.metadataBytes())) {
      throw new Refused(
          "%s has no spare as large as the metadata of %s to repair them into; give it one: lvconvert --poolmetadataspare y %s"
              .formatted(site.groupName(), pool.fullName(), pool.fullName()));
    }
    var old = pool.name() + OLD_METADATA;
    var tags = new ArrayList<String>();
    for (var tag : List.of(OwnTags.REPAIRED, OwnTags.run(site.id()))) {
      tags.addAll(List.of("--addtag", tag));
    }
    tags.add(site.in(old));
    return draft
        .touching(pool)
        .backUp()
        .step(
            Step.of(
                    "repair the metadata of %s".formatted(pool.fullName()),
                    LvmCommand.of("lvconvert", "--repair", pool.fullName()),
                    new Condition.Present(site.groupUuid(), old))
                .requiring(
                    new Condition.Named(pool.uuid(), pool.name()),
                    new Condition.Active(pool.uuid(), pool.fullName(), false),
                    new Condition.NameFree(site.groupUuid(), old))
                .within(Step.LONG))
        .step(
            Step.of(
                "tag the metadata as they were before",
                LvmCommand.of("lvchange", tags),
                new Condition.Made(site.groupUuid(), old, site.id().text(), Condition.Kind.THICK)))
        .expect("%s has metadata that were rebuilt from what could be read", pool.fullName())
        .expect("what they were before is kept in %s", site.in(old))
        .note("activate the pool and check every file system in it before anything is written")
        .note("what could not be read is lost: compare thin_dump of %s", site.in(old))
        .finished();
  }

  static Draft<Step> setDiscards(Site site, Drafting draft, SetDiscards change)
      throws StorageFailure {
    var pool = pool(site, change.pool());
    if (!DISCARDS.contains(change.mode())) {
      throw new Refused(
          "'%s' is no way to treat discards; choose ignore, nopassdown or passdown"
              .formatted(Words.printable(change.mode())));
    }
    draft.touching(pool);
    var now = pool.segments().isEmpty() ? "" : pool.segments().getFirst().discards();
    if (now.equals(change.mode())) {
      return draft.alreadySo("%s does so already".formatted(pool.fullName()));
    }
    if (pool.active() && (now.equals("ignore") || change.mode().equals("ignore"))) {
      throw new Refused(
          "%s is active, and LVM turns discards on or off only while a pool is inactive; deactivate its volumes and it first"
              .formatted(pool.fullName()));
    }
    return draft
        .backUp()
        .step(
            Step.of(
                    "let %s treat discards as %s".formatted(pool.fullName(), change.mode()),
                    LvmCommand.of("lvchange", "--discards", change.mode(), pool.fullName()),
                    new Condition.Discards(pool.uuid(), pool.fullName(), change.mode()))
                .requiring(new Condition.Named(pool.uuid(), pool.name()))
                .undoneBy(LvmCommand.of("lvchange", "--discards", now, pool.fullName())))
        .expect("%s: discards %s → %s", pool.fullName(), now, change.mode())
        .finished();
  }

  static Draft<Step> setSelfExtension(Site site, Drafting draft, SetSelfExtension change)
      throws StorageFailure {
    var pool = pool(site, change.pool());
    var rule = change.rule();
    checkRule(rule);
    draft.touching(pool).backUp();
    var profile =
        rule == null ? NEVER : "lumeo-%d-%d".formatted(rule.thresholdPercent(), rule.stepPercent());
    var folder = site.host().settings().profileFolder();
    draft
        .step(
            Step.harmless(
                "make the folder for profiles", List.of("mkdir", "-p", "-m", "755", folder)))
        .step(writeProfile(folder, profile, rule))
        .step(
            Step.of(
                    "let %s follow the profile %s".formatted(pool.fullName(), profile),
                    LvmCommand.of("lvchange", "--metadataprofile", profile, pool.fullName()),
                    new Condition.HasProfile(pool.uuid(), pool.fullName(), profile))
                .requiring(new Condition.Named(pool.uuid(), pool.name()))
                .undoneBy(formerProfile(pool)));
    if (rule == null) {
      return draft.expect("LVM does not extend %s by itself", pool.fullName()).finished();
    }
    draft.step(
        Step.of(
                "let dmeventd watch %s".formatted(pool.fullName()),
                LvmCommand.of("lvchange", "--monitor", "y", pool.fullName()),
                new Condition.Monitored(pool.uuid(), pool.fullName()))
            .requiring(new Condition.Active(pool.uuid(), pool.fullName(), true)));
    if (rule.maximumBytes() != null) {
      draft.note(
          "LVM knows no maximum: that %s stays below %s is watched, not enforced",
          pool.fullName(), Words.bytes(rule.maximumBytes()));
    }
    return draft
        .expect(
            "LVM extends %s by %d %% when it is %d %% full",
            pool.fullName(), rule.stepPercent(), rule.thresholdPercent())
        .note("above %d %% LVM makes no new thin volume or snapshot in it", rule.thresholdPercent())
        .finished();
  }

  private static void checkRule(@Nullable SelfExtension rule) throws Refused {
    if (rule != null
        && (rule.thresholdPercent() < 50
            || rule.thresholdPercent() > 99
            || rule.stepPercent() < 1
            || rule.stepPercent() > 1000)) {
      throw new Refused(
          "LVM extends at 50 to 99 %% by 1 to 1000 %%, not at %d %% by %d %%"
              .formatted(rule.thresholdPercent(), rule.stepPercent()));
    }
  }

  private static Step writeProfile(String folder, String name, @Nullable SelfExtension rule)
      throws Refused {
    Names.checkFile(name);
    var file = folder + "/" + name + ".profile";
    var text =
        """
        # Written by Lumeo; the name says what is in it.
        activation {
        	thin_pool_autoextend_threshold=%d
        	thin_pool_autoextend_percent=%d
        }
        """
            .formatted(
                rule == null ? 100 : rule.thresholdPercent(),
                rule == null ? 20 : rule.stepPercent());
    return Step.harmless("write the profile %s".formatted(file), List.of("tee", file))
        .reading(text);
  }

  private static List<String> formerProfile(VolumeRow pool) {
    return pool.profile().isEmpty()
        ? LvmCommand.of("lvchange", "--detachprofile", pool.fullName())
        : LvmCommand.of("lvchange", "--metadataprofile", pool.profile(), pool.fullName());
  }
}
