package io.lumeo.alerts;

import io.lumeo.storage.FileSystem;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/// A host with a volume group, a thin pool, and volumes of every kind.
final class Inventories {
  static final long GIB = 1L << 30;
  static final Instant TAKEN = Instant.parse("2026-03-01T12:00:00Z");

  private Inventories() {}

  static Inventory db1() {
    return of(Health.ok(), new Pool.SelfExtension(80, 20, true, null), false);
  }

  static Inventory of(Health poolHealth, Pool.SelfExtension rule, boolean missing) {
    var group =
        new Pool(
            "vg-uuid",
            "vg0",
            Pool.Kind.VOLUME_GROUP,
            null,
            new Usage(100 * GIB, 90 * GIB),
            null,
            4 << 20,
            7,
            null,
            Collections.emptySortedSet(),
            Health.ok(),
            Set.of());
    var pool =
        new Pool(
            "pool-uuid",
            "pool0",
            Pool.Kind.THIN_POOL,
            "vg-uuid",
            new Usage(50 * GIB, 40 * GIB),
            new Usage(GIB, GIB / 4),
            64 << 10,
            7,
            rule,
            Collections.emptySortedSet(),
            poolHealth,
            Set.of());
    var images =
        new Pool(
            "lumeo-uuid",
            "images",
            Pool.Kind.LUMEO_POOL,
            null,
            new Usage(10 * GIB, GIB),
            new Usage(GIB, 0),
            64 << 10,
            1,
            null,
            Collections.emptySortedSet(),
            Health.ok(),
            Set.of());
    return new Inventory(
        "db1",
        TAKEN,
        List.of(group, pool, images),
        List.of(
            volume("root", "vg-uuid", Volume.Kind.THICK, 20 * GIB, null, null),
            volume(
                "data",
                "pool-uuid",
                Volume.Kind.THIN,
                60 * GIB,
                new Usage(60 * GIB, 30 * GIB),
                null),
            volume(
                "data-1",
                "pool-uuid",
                Volume.Kind.THIN_SNAPSHOT,
                60 * GIB,
                new Usage(60 * GIB, 29 * GIB),
                "data-uuid"),
            volume(
                "root-snap",
                "vg-uuid",
                Volume.Kind.CLASSIC_SNAPSHOT,
                20 * GIB,
                new Usage(2 * GIB, GIB),
                "root-uuid"),
            volume("lost", "nowhere", Volume.Kind.OTHER, GIB, null, null)),
        List.of(
            new Inventory.Device(
                "pv-uuid", "/dev/sdb", "vg-uuid", new Usage(100 * GIB, 90 * GIB), missing)),
        List.of());
  }

  private static Volume volume(
      String name, String pool, Volume.Kind kind, long size, Usage data, String origin) {
    return new Volume(
        name + "-uuid",
        name,
        pool,
        kind,
        size,
        "/dev/vg0/" + name,
        data,
        origin,
        TAKEN.minusSeconds(3600),
        Collections.emptySortedSet(),
        true,
        true,
        false,
        name.equals("root")
            ? new FileSystem("ext4", "fs-uuid", "/", new Usage(20 * GIB, 19 * GIB))
            : null,
        Health.ok(),
        Set.of());
  }
}
