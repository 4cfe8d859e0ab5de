package io.lumeo.doctor;

import io.lumeo.lvm.Checkup;
import io.lumeo.storage.FileSystem;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A host of LVM's on which nothing is wrong, and ways to make something wrong with it.
final class SampleHost {
  static final Instant NOW = Instant.parse("2026-11-27T02:00:00Z");
  static final long GIB = 1L << 30;
  static final long MIB = 1L << 20;

  private final List<Pool> pools = new ArrayList<>();
  private final Map<String, Volume> volumes = new HashMap<>();
  private final List<Inventory.Device> devices = new ArrayList<>();
  private final List<Checkup.PhysicalVolume> physical = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, Checkup.LogicalVolume> facts = new HashMap<>();
  private Checkup.Watching watching = new Checkup.Watching(true, true, 70);
  private Checkup.Backups backups =
      new Checkup.Backups(true, "/etc/lvm/backup", Map.of("vg", 7L), "/etc/lvm/archive", 12);
  private Checkup.Group group = new Checkup.Group(128 * MIB, true, List.of());
  private Checkup.ThinPool thinPool =
      new Checkup.ThinPool(
          "passdown", true, "", OptionalLong.of(4), OptionalLong.of(4), false, false, true);

  SampleHost() {
    pools.add(group(new Usage(100 * GIB, 60 * GIB), Health.ok()));
    pools.add(
        pool(
            new Usage(40 * GIB, 10 * GIB),
            new Usage(128 * MIB, 8 * MIB),
            new Pool.SelfExtension(70, 20, true, null),
            Health.ok()));
    add(volume("root", Volume.Kind.THICK, "G", 10 * GIB), "/", new Usage(9 * GIB, 4 * GIB));
    add(volume("data", Volume.Kind.THIN, "P", 30 * GIB), "/srv/data", new Usage(28 * GIB, GIB));
    volumes.put("night", night());
    facts.put("night", plain());
    device("/dev/sda", "vg", 100 * GIB, 40 * GIB, 100 * GIB + 4 * MIB, true, false, false);
  }

  private static Volume night() {
    var night = volume("night", Volume.Kind.THIN_SNAPSHOT, "P", 30 * GIB);
    return new Volume(
        night.uuid(),
        night.name(),
        night.pool(),
        night.kind(),
        night.sizeBytes(),
        night.path(),
        new Usage(30 * GIB, GIB),
        "data",
        NOW.minus(Duration.ofDays(1)),
        new TreeSet<>(),
        false,
        false,
        false,
        null,
        Health.ok(),
        Set.of());
  }

  private static Pool group(Usage data, Health health) {
    return new Pool(
        "G",
        "vg",
        Pool.Kind.VOLUME_GROUP,
        null,
        data,
        new Usage(MIB, MIB / 10),
        4 * MIB,
        7,
        null,
        new TreeSet<>(),
        health,
        Set.of());
  }

  private static Pool pool(
      Usage data, @Nullable Usage metadata, Pool.@Nullable SelfExtension self, Health health) {
    return new Pool(
        "P",
        "pool",
        Pool.Kind.THIN_POOL,
        "G",
        data,
        metadata,
        64 << 10,
        7,
        self,
        new TreeSet<>(),
        health,
        Set.of());
  }

  /// An active volume without anything on it, whose uuid is its name.
  static Volume volume(String name, Volume.Kind kind, String pool, long sizeBytes) {
    return new Volume(
        name,
        name,
        pool,
        kind,
        sizeBytes,
        "/dev/vg/" + name,
        null,
        null,
        NOW.minus(Duration.ofDays(100)),
        new TreeSet<>(),
        true,
        true,
        false,
        null,
        Health.ok(),
        Set.of());
  }

  private void add(Volume volume, String mountPoint, Usage usage) {
    volumes.put(volume.uuid(), with(volume, new FileSystem("ext4", "fs", mountPoint, usage)));
    facts.put(volume.uuid(), spanning(volume.sizeBytes()));
  }

  static Checkup.LogicalVolume plain() {
    return new Checkup.LogicalVolume(true, false, false, false, false, 0, null, false, false, null);
  }

  private static Checkup.LogicalVolume spanning(long bytes) {
    return new Checkup.LogicalVolume(
        false, false, false, false, false, 0, bytes, false, false, null);
  }

  // --- what is made wrong

  SampleHost group(UnaryOperator<Pool> change) {
    pools.set(0, change.apply(pools.get(0)));
    return this;
  }

  SampleHost pool(UnaryOperator<Pool> change) {
    pools.set(1, change.apply(pools.get(1)));
    return this;
  }

  SampleHost groupFree(long bytes) {
    return group(_ -> group(new Usage(100 * GIB, 100 * GIB - bytes), Health.ok()));
  }

  SampleHost poolHealth(Health.State state, String reason) {
    return pool(p -> pool(p.data(), p.metadata(), p.selfExtension(), new Health(state, reason)));
  }

  SampleHost poolData(double ratio) {
    return pool(p ->
        pool(
            new Usage(40 * GIB, (long) Math.ceil(40 * GIB * ratio)),
            p.metadata(),
            p.selfExtension(),
            p.health()));
  }

  SampleHost poolMetadata(double ratio) {
    return pool(p ->
        pool(
            p.data(),
            new Usage(128 * MIB, (long) Math.ceil(128 * MIB * ratio)),
            p.selfExtension(),
            p.health()));
  }

  SampleHost poolExtendsItself(Pool.@Nullable SelfExtension rule) {
    return pool(p -> pool(p.data(), p.metadata(), rule, p.health()));
  }

  SampleHost thinPool(UnaryOperator<Checkup.ThinPool> change) {
    thinPool = change.apply(thinPool);
    return this;
  }

  SampleHost transactions(long reported, long kernel) {
    return thinPool(p ->
        new Checkup.ThinPool(
            p.discards(),
            p.monitored(),
            p.profile(),
            OptionalLong.of(reported),
            OptionalLong.of(kernel),
            p.metadataSnapshotHeld(),
            p.needsCheck(),
            p.active()));
  }

  SampleHost needsCheck() {
    return thinPool(p ->
        new Checkup.ThinPool(
            p.discards(),
            p.monitored(),
            p.profile(),
            p.reportedTransaction(),
            p.kernelTransaction(),
            p.metadataSnapshotHeld(),
            true,
            p.active()));
  }

  SampleHost discards(String discards, boolean held) {
    return thinPool(p ->
        new Checkup.ThinPool(
            discards,
            p.monitored(),
            p.profile(),
            p.reportedTransaction(),
            p.kernelTransaction(),
            held,
            p.needsCheck(),
            p.active()));
  }

  SampleHost volume(Volume volume) {
    volumes.put(volume.uuid(), volume);
    facts.putIfAbsent(volume.uuid(), plain());
    return this;
  }

  SampleHost change(String name, UnaryOperator<Volume> change) {
    volumes.computeIfPresent(name, (_, volume) -> change.apply(volume));
    return this;
  }

  SampleHost facts(String name, Checkup.LogicalVolume newFacts) {
    facts.put(name, newFacts);
    return this;
  }

  /// A classic snapshot of `root` that is a day old.
  SampleHost classic(String name, double fill) {
    return volume(classicOf("root", name, fill, 1))
        .facts(
            name,
            new Checkup.LogicalVolume(
                true, false, false, false, false, 10 * GIB + 32 * MIB, null, false, false, null));
  }

  static Volume classicOf(String origin, String name, double fill, int days) {
    var v = volume(name, Volume.Kind.CLASSIC_SNAPSHOT, "G", 10 * GIB);
    return new Volume(
        name,
        name,
        "G",
        v.kind(),
        v.sizeBytes(),
        v.path(),
        new Usage(GIB, (long) Math.ceil(GIB * fill)),
        origin,
        NOW.minus(Duration.ofDays(days)),
        new TreeSet<>(),
        true,
        false,
        false,
        null,
        Health.ok(),
        Set.of());
  }

  SampleHost watching(boolean monitoring, boolean daemonRuns, int snapshotThreshold) {
    watching = new Checkup.Watching(monitoring, daemonRuns, snapshotThreshold);
    return this;
  }

  SampleHost backups(boolean enabled, long sequence, int archived) {
    backups =
        new Checkup.Backups(
            enabled,
            "/etc/lvm/backup",
            sequence == 0 ? Map.of() : Map.of("vg", sequence),
            "/etc/lvm/archive",
            archived);
    return this;
  }

  SampleHost groupFacts(long spareBytes, String... moves) {
    group = new Checkup.Group(spareBytes, true, List.of(moves));
    return this;
  }

  SampleHost warning(String line) {
    warnings.add(line);
    return this;
  }

  SampleHost device(
      String path,
      String groupName,
      long size,
      long free,
      long device,
      boolean allocatable,
      boolean duplicate,
      boolean missing) {
    physical.add(
        new Checkup.PhysicalVolume(
            path, groupName, size, free, device, allocatable, duplicate, missing));
    devices.add(
        new Inventory.Device(
            path, path, groupName.isEmpty() ? "" : "G", new Usage(size, size - free), missing));
    return this;
  }

  // --- parts

  static Volume with(Volume v, FileSystem fileSystem) {
    return new Volume(
        v.uuid(),
        v.name(),
        v.pool(),
        v.kind(),
        v.sizeBytes(),
        v.path(),
        v.data(),
        v.origin(),
        v.createdAt(),
        v.tags(),
        v.active(),
        v.open(),
        v.readOnly(),
        fileSystem,
        v.health(),
        v.capabilities());
  }

  static Volume with(Volume v, Health health) {
    return new Volume(
        v.uuid(),
        v.name(),
        v.pool(),
        v.kind(),
        v.sizeBytes(),
        v.path(),
        v.data(),
        v.origin(),
        v.createdAt(),
        v.tags(),
        v.active(),
        v.open(),
        v.readOnly(),
        v.fileSystem(),
        health,
        v.capabilities());
  }

  static Volume with(Volume v, String... tags) {
    return new Volume(
        v.uuid(),
        v.name(),
        v.pool(),
        v.kind(),
        v.sizeBytes(),
        v.path(),
        v.data(),
        v.origin(),
        v.createdAt(),
        new TreeSet<>(List.of(tags)),
        v.active(),
        v.open(),
        v.readOnly(),
        v.fileSystem(),
        v.health(),
        v.capabilities());
  }

  static Volume made(Volume v, Instant at) {
    return new Volume(
        v.uuid(),
        v.name(),
        v.pool(),
        v.kind(),
        v.sizeBytes(),
        v.path(),
        v.data(),
        v.origin(),
        at,
        v.tags(),
        v.active(),
        v.open(),
        v.readOnly(),
        v.fileSystem(),
        v.health(),
        v.capabilities());
  }

  static FileSystem fileSystem(String type, @Nullable String mountPoint, double fill) {
    return new FileSystem(
        type,
        "fs",
        mountPoint,
        mountPoint == null ? null : new Usage(9 * GIB, (long) Math.ceil(9 * GIB * fill)));
  }

  Inventory inventory() {
    return new Inventory(
        "here", NOW, pools, List.copyOf(volumes.values()), devices, List.copyOf(warnings));
  }

  Checkup checkup() {
    return new Checkup(
        inventory(),
        "2.03.16",
        watching,
        backups,
        Map.of("G", group),
        Map.of("P", thinPool),
        facts,
        physical);
  }
}
