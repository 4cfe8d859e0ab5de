package io.lumeo.agent.runs;

import io.lumeo.agent.Foresight;
import io.lumeo.configuration.GrowthSettings;
import io.lumeo.policies.Amount;
import io.lumeo.policies.GrowthDecision;
import io.lumeo.policies.GrowthFacts;
import io.lumeo.policies.GrowthPolicy;
import io.lumeo.policies.GrowthRule;
import io.lumeo.policies.GrowthTarget;
import io.lumeo.policies.SnapshotAdmission;
import io.lumeo.storage.Change;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Something that a rule of the configuration lets grow, and what is known of it. A value; all of
/// it is pure.
///
/// @param settings the rule that holds for it
/// @param uuid of the pool or volume
/// @param group the uuid of the pool whose free space it grows into
public record GrowthItem(
    GrowthSettings settings, GrowthRule rule, String uuid, String group, GrowthFacts facts) {

  /// The most that LVM gives a thin pool's metadata.
  private static final long METADATA_LIMIT_BYTES = (long) (15.81 * (1L << 30));

  /// A pool's metadata grows from here on unless its rule says otherwise.
  private static final int METADATA_THRESHOLD_PERCENT = 70;

  /// The step of metadata whose pool grows by so many bytes, which are too many for it.
  private static final Amount METADATA_STEP = new Amount.Percent(20);

  /// The room of what takes nothing from a group: the pool under it has rules of its own.
  private static final long NO_LIMIT_BYTES = 1L << 60;

  /// Everything on a host that a rule is for. Of several rules for one thing the first holds.
  public static List<GrowthItem> of(
      String host, Inventory inventory, List<GrowthSettings> settings, Foresight foresight) {
    var items = new ArrayList<GrowthItem>();
    for (var pool : inventory.pools()) {
      if (pool.kind() != Pool.Kind.VOLUME_GROUP) {
        pool(host, inventory, pool, settings, foresight, items);
      }
    }
    for (var volume : inventory.volumes()) {
      if (!TrashTags.isTrashed(volume.tags())) {
        volume(host, inventory, volume, settings, foresight, items);
      }
    }
    return List.copyOf(items);
  }

  private static @Nullable GrowthSettings first(
      String host,
      String name,
      List<GrowthSettings> settings,
      Predicate<GrowthSettings.Target> kind) {
    return settings.stream()
        .filter(rule ->
            rule.host().matches(host)
                && kind.test(rule.target())
                && rule.target().glob().matches(name))
        .findFirst()
        .orElse(null);
  }

  // --- pools

  private static void pool(
      String host,
      Inventory inventory,
      Pool pool,
      List<GrowthSettings> settings,
      Foresight foresight,
      List<GrowthItem> items) {
    var name = Holdings.name(inventory, pool);
    var rule = first(host, name, settings, target -> target instanceof GrowthSettings.Pools);
    if (rule == null) {
      return;
    }
    var group = Holdings.group(inventory, pool);
    items.add(
        new GrowthItem(
            rule,
            rule(rule),
            pool.uuid(),
            group.uuid(),
            facts(
                GrowthTarget.POOL_DATA,
                host,
                pool.uuid(),
                name + " data",
                pool.data().sizeBytes(),
                pool.data(),
                null,
                room(pool, group, 0),
                foresight,
                pool)));
    var metadata = pool.metadata();
    if (metadata != null) {
      items.add(
          new GrowthItem(
              rule,
              metadataRule(rule),
              pool.uuid(),
              group.uuid(),
              facts(
                  GrowthTarget.POOL_METADATA,
                  host,
                  pool.uuid(),
                  name + " metadata",
                  metadata.sizeBytes(),
                  metadata,
                  pool.kind() == Pool.Kind.THIN_POOL ? METADATA_LIMIT_BYTES : null,
                  // The spare for repairs is as large as what it is for.
                  room(pool, group, metadata.sizeBytes()),
                  foresight,
                  pool)));
    }
  }

  private static GrowthRule rule(GrowthSettings settings) {
    return new GrowthRule(
        mode(settings),
        settings.thresholdPercent(),
        settings.step(),
        settings.maximumBytes().orElse(null),
        settings.coolDown(),
        settings.reserve(),
        settings.leadTime());
  }

  private static GrowthRule metadataRule(GrowthSettings settings) {
    var own = settings.metadata();
    var step = settings.step() instanceof Amount.Percent percent ? percent : METADATA_STEP;
    return new GrowthRule(
        mode(settings),
        own.map(GrowthSettings.Metadata::thresholdPercent).orElse(METADATA_THRESHOLD_PERCENT),
        own.map(GrowthSettings.Metadata::step).orElse(step),
        own.flatMap(GrowthSettings.Metadata::maximumBytes).orElse(null),
        settings.coolDown(),
        settings.reserve(),
        settings.leadTime());
  }

  private static GrowthRule.Mode mode(GrowthSettings settings) {
    return switch (settings.mode()) {
      case MANAGED -> GrowthRule.Mode.MANAGED;
      case DELEGATE -> GrowthRule.Mode.DELEGATE;
    };
  }

  private static GrowthFacts.Room room(Pool pool, Pool group, long spareMetadataBytes) {
    return group.uuid().equals(pool.uuid())
        ? unlimited(pool.unitBytes())
        : new GrowthFacts.Room(
            group.data().sizeBytes(),
            group.data().freeBytes(),
            group.unitBytes(),
            1,
            spareMetadataBytes,
            List.of());
  }

  private static GrowthFacts.Room unlimited(long unitBytes) {
    return new GrowthFacts.Room(NO_LIMIT_BYTES, NO_LIMIT_BYTES, unitBytes, 1, 0, List.of());
  }

  private static GrowthFacts facts(
      GrowthTarget target,
      String host,
      String uuid,
      String name,
      long sizeBytes,
      Usage usage,
      @Nullable Long limitBytes,
      GrowthFacts.Room room,
      Foresight foresight,
      Pool pool) {
    var rate = foresight.fillBytesPerHour(host, uuid, target);
    return new GrowthFacts(
        target,
        name,
        sizeBytes,
        usage,
        limitBytes,
        room,
        null,
        rate.isPresent() ? Long.valueOf(rate.getAsLong()) : null,
        foresight.timeToFull(host, uuid, target).orElse(null),
        pool.selfExtension(),
        pool.health(),
        null);
  }

  // --- volumes

  private static void volume(
      String host,
      Inventory inventory,
      Volume volume,
      List<GrowthSettings> settings,
      Foresight foresight,
      List<GrowthItem> items) {
    var name = Holdings.name(inventory, volume);
    var pool = inventory.pool(volume.pool());
    if (pool.isEmpty()) {
      return;
    }
    if (volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT) {
      var rule = first(host, name, settings, target -> target instanceof GrowthSettings.Stores);
      var store = volume.data();
      if (rule != null && store != null) {
        // A table of what was copied comes on top of the origin's size.
        var limit = volume.sizeBytes() + volume.sizeBytes() / 100 + pool.get().unitBytes();
        items.add(
            item(
                host,
                inventory,
                volume,
                pool.get(),
                rule,
                GrowthTarget.SNAPSHOT_STORE,
                name + " store",
                store.sizeBytes(),
                store,
                limit,
                foresight));
      }
      return;
    }
    var rule = first(host, name, settings, target -> isFor(target, volume));
    var usage = volume.fileSystem() == null ? null : volume.fileSystem().usage();
    if (rule != null && usage != null) {
      items.add(
          item(
              host,
              inventory,
              volume,
              pool.get(),
              rule,
              GrowthTarget.FILE_SYSTEM,
              name,
              volume.sizeBytes(),
              usage,
              null,
              foresight));
    }
  }

  private static boolean isFor(GrowthSettings.Target target, Volume volume) {
    return target instanceof GrowthSettings.Volumes volumes
        && (volumes.mountPoint().isEmpty()
            || (volume.fileSystem() != null
                && volumes.mountPoint().get().toString().equals(volume.fileSystem().mountPoint())));
  }

  private static GrowthItem item(
      String host,
      Inventory inventory,
      Volume volume,
      Pool pool,
      GrowthSettings settings,
      GrowthTarget target,
      String name,
      long sizeBytes,
      Usage usage,
      @Nullable Long limitBytes,
      Foresight foresight) {
    var rate = foresight.fillBytesPerHour(host, volume.uuid(), target);
    var isThin = pool.kind() != Pool.Kind.VOLUME_GROUP;
    var room =
        isThin
            ? unlimited(Holdings.group(inventory, pool).unitBytes())
            : new GrowthFacts.Room(
                pool.data().sizeBytes(),
                pool.data().freeBytes(),
                pool.unitBytes(),
                1,
                0,
                List.of());
    return new GrowthItem(
        settings,
        rule(settings),
        volume.uuid(),
        Holdings.group(inventory, pool).uuid(),
        new GrowthFacts(
            target,
            name,
            sizeBytes,
            usage,
            limitBytes,
            room,
            null,
            rate.isPresent() ? Long.valueOf(rate.getAsLong()) : null,
            foresight.timeToFull(host, volume.uuid(), target).orElse(null),
            null,
            volume.health(),
            target == GrowthTarget.FILE_SYSTEM
                ? SnapshotAdmission.obstacleToGrowth(inventory, volume)
                : null));
  }

  // --- what is asked of it

  /// As people name it: `vg0/thin metadata`.
  public String name() {
    return facts.name();
  }

  /// What is to be done at `now`.
  public GrowthDecision decide(Instant now) {
    return GrowthPolicy.decide(facts, rule, now);
  }

  /// The same if it were full: whether it could grow when it has to.
  GrowthDecision decideWhenFull(Instant now) {
    var full = new Usage(facts.usage().sizeBytes(), facts.usage().sizeBytes());
    return GrowthPolicy.decide(with(full, facts.room(), null), rule, now);
  }

  /// What has to be free in its group for its next step, the reserve included; 0 if it takes
  /// nothing from there, or its rule has devices to spare.
  public long roomForNextStep() {
    return facts.room().sizeBytes() == NO_LIMIT_BYTES || !settings.spareDevices().isEmpty()
        ? 0
        : GrowthPolicy.roomForNextStep(facts, rule);
  }

  /// The same, knowing when it last grew and what its group can be given.
  GrowthItem knowing(@Nullable Instant lastGrownAt, List<GrowthFacts.SpareDevice> spares) {
    var room = facts.room();
    var wider =
        new GrowthFacts.Room(
            room.sizeBytes(),
            room.freeBytes(),
            room.unitBytes(),
            room.copies(),
            room.spareMetadataBytes(),
            spares);
    return new GrowthItem(settings, rule, uuid, group, with(facts.usage(), wider, lastGrownAt));
  }

  private GrowthFacts with(Usage usage, GrowthFacts.Room room, @Nullable Instant lastGrownAt) {
    return new GrowthFacts(
        facts.target(),
        facts.name(),
        facts.sizeBytes(),
        usage,
        facts.limitBytes(),
        room,
        lastGrownAt,
        facts.fillBytesPerHour(),
        facts.timeToFull(),
        facts.selfExtension(),
        facts.health(),
        facts.obstacle());
  }

  /// The change that makes it `toBytes` large.
  Change change(long toBytes) {
    return switch (facts.target()) {
      case POOL_DATA -> new Change.ExtendPoolData(uuid, toBytes);
      case POOL_METADATA -> new Change.ExtendPoolMetadata(uuid, toBytes);
      case SNAPSHOT_STORE -> new Change.ExtendSnapshotStore(uuid, toBytes);
      case FILE_SYSTEM -> new Change.ExtendVolume(uuid, toBytes, withFileSystem());
    };
  }

  Change.WithFileSystem withFileSystem() {
    return settings.target() instanceof GrowthSettings.Volumes volumes
            && volumes.fileSystem() == GrowthSettings.FileSystem.GROW
        ? Change.WithFileSystem.GROW
        : Change.WithFileSystem.LEAVE;
  }

  /// What the record calls its growth: `grow.pool-metadata`.
  String verb() {
    return "grow." + facts.target().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
