package io.lumeo.alerts;

import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Turns what is known of storage into observations: a pure reading of values.
public final class Observations {
  private static final List<String> POOL_STATES =
      List.of("rw", "ro", "out_of_data", "needs_check", "failed");

  private final Inventory inventory;
  private final Map<String, UsageSample> fresher;
  private final Map<String, Pool> pools;
  private final List<Observation> seen = new ArrayList<>();

  private Observations(Inventory inventory, List<UsageSample> fresher) {
    this.inventory = inventory;
    this.fresher =
        fresher.stream()
            .collect(Collectors.toMap(UsageSample::uuid, Function.identity(), (a, b) -> b));
    this.pools =
        inventory.pools().stream()
            .collect(Collectors.toMap(Pool::uuid, Function.identity(), (a, b) -> a));
  }

  /// All that an inventory says of a host that answers.
  ///
  /// @param fresher what was seen since the inventory; it wins
  public static List<Observation> of(Inventory inventory, List<UsageSample> fresher, Instant now) {
    var observations = new Observations(inventory, fresher);
    observations.host(now);
    inventory.pools().forEach(observations::pool);
    inventory.volumes().forEach(observations::volume);
    return List.copyOf(observations.seen);
  }

  /// What there is to say of a host that does not answer.
  ///
  /// @param lastSeen when it last did, or null if it never has
  public static List<Observation> unreachable(
      String host, @Nullable Instant lastSeen, Instant now) {
    var labels = Map.of("host", host);
    var up = Observation.of("lumeo_host_up", labels, 0);
    return lastSeen == null
        ? List.of(up)
        : List.of(
            up, Observation.of("lumeo_inventory_age_seconds", labels, seconds(lastSeen, now)));
  }

  /// How a policy is doing on a host.
  ///
  /// @param begunAt when it was first in force there
  /// @param lastSuccess null if there was none yet
  /// @param overdueAt when there should have been another success, by its schedule
  /// @param lastVerified null if there was none yet; `verified` says whether there should be
  public static List<Observation> policy(
      String host,
      String policy,
      Instant begunAt,
      @Nullable Instant lastSuccess,
      Instant overdueAt,
      boolean verified,
      @Nullable Instant lastVerified,
      Instant now) {
    var labels = Map.of("host", host, "policy", policy);
    var seen = new ArrayList<Observation>();
    seen.add(Observation.of("lumeo_policy_overdue", labels, now.isAfter(overdueAt) ? 1 : 0));
    if (lastSuccess != null) {
      seen.add(
          Observation.of(
              "lumeo_policy_last_success_timestamp_seconds", labels, seconds(lastSuccess)));
    }
    if (verified) {
      seen.add(
          Observation.of(
              "lumeo_verify_last_success_timestamp_seconds",
              labels,
              seconds(lastVerified == null ? begunAt : lastVerified)));
    }
    return List.copyOf(seen);
  }

  private static double seconds(Instant at) {
    return at.toEpochMilli() / 1000.0;
  }

  private static double seconds(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis() / 1000.0);
  }

  private void host(Instant now) {
    var labels = Map.of("host", inventory.system());
    see("host_up", labels, 1);
    see("inventory_age_seconds", labels, seconds(inventory.takenAt(), now));
  }

  private void pool(Pool pool) {
    switch (pool.kind()) {
      case VOLUME_GROUP -> group(pool);
      case THIN_POOL, LUMEO_POOL -> thinPool(pool);
    }
  }

  private void group(Pool group) {
    var labels = Map.of("host", inventory.system(), "vg", group.name());
    see("vg_size_bytes", labels, group.data().sizeBytes());
    see("vg_free_bytes", labels, group.data().freeBytes());
    see("vg_missing_pvs", labels, missingDevices(group.uuid()));
    inventory.pools().stream()
        .filter(pool -> group.uuid().equals(pool.parent()))
        .mapToLong(Observations::nextStepBytes)
        .max()
        .ifPresent(step -> {
          if (step > 0) {
            see("vg_extension_step_bytes", labels, step);
          }
        });
  }

  private long missingDevices(String group) {
    return inventory.devices().stream()
        .filter(device -> device.missing() && device.pool().equals(group))
        .count();
  }

  private static long nextStepBytes(Pool pool) {
    var rule = pool.selfExtension();
    return rule == null ? 0 : pool.data().sizeBytes() / 100 * rule.stepPercent();
  }

  private void thinPool(Pool pool) {
    var labels = labels(pool);
    var fresh = fresher.get(pool.uuid());
    var data = fresh == null || fresh.data() == null ? pool.data() : fresh.data();
    var metadata = fresh == null || fresh.metadata() == null ? pool.metadata() : fresh.metadata();
    var health = fresh == null ? pool.health() : fresh.health();
    see("thin_pool_info", with(labels, "uuid", pool.uuid(), "kind", word(pool.kind())), 1);
    see("thin_pool_data_size_bytes", labels, data.sizeBytes());
    see("thin_pool_data_used_bytes", labels, data.usedBytes());
    if (metadata != null) {
      see("thin_pool_metadata_size_bytes", labels, metadata.sizeBytes());
      see("thin_pool_metadata_used_bytes", labels, metadata.usedBytes());
    }
    see("thin_pool_chunk_size_bytes", labels, pool.unitBytes());
    see("thin_pool_virtual_bytes", with(labels, "scope", "all"), virtualBytes(pool, true));
    see(
        "thin_pool_virtual_bytes",
        with(labels, "scope", "no_snapshots"),
        virtualBytes(pool, false));
    var state = state(pool, health);
    for (var each : POOL_STATES) {
      see("thin_pool_state", with(labels, "state", each), each.equals(state) ? 1 : 0);
    }
    var rule = pool.selfExtension();
    see("thin_pool_autoextend_misconfigured", labels, rule != null && !rule.watched() ? 1 : 0);
  }

  private double virtualBytes(Pool pool, boolean withSnapshots) {
    return inventory.volumes().stream()
        .filter(volume -> volume.pool().equals(pool.uuid()))
        .filter(volume -> withSnapshots || !volume.isSnapshot())
        .mapToLong(Volume::sizeBytes)
        .sum();
  }

  /// A thin pool is degraded by a mark that asks for a check, or by a device that its group misses,
  /// of which another alert tells.
  private String state(Pool pool, Health health) {
    return switch (health.state()) {
      case OK, UNKNOWN -> "rw";
      case DEGRADED -> {
        var parent = pool.parent();
        yield parent != null && missingDevices(parent) > 0 ? "rw" : "needs_check";
      }
      case OUT_OF_SPACE -> "out_of_data";
      case READ_ONLY -> "ro";
      case INVALID, FAILED -> "failed";
    };
  }

  private void volume(Volume volume) {
    var labels = labels(volume);
    see(
        "lv_info",
        with(
            labels,
            "uuid",
            volume.uuid(),
            "kind",
            word(volume.kind()),
            "origin",
            Objects.requireNonNullElse(volume.origin(), "")),
        1);
    see("lv_size_bytes", labels, volume.sizeBytes());
    var createdAt = volume.createdAt();
    if (volume.isSnapshot() && createdAt != null) {
      see("snapshot_created_timestamp_seconds", labels, seconds(createdAt));
    }
    var fresh = fresher.get(volume.uuid());
    use(volume, labels, fresh == null || fresh.data() == null ? volume.data() : fresh.data());
    if (volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT) {
      var health = fresh == null ? volume.health() : fresh.health();
      see("snapshot_invalid", labels, health.state() == Health.State.INVALID ? 1 : 0);
    }
    var fileSystem = volume.fileSystem();
    if (fileSystem != null && fileSystem.usage() != null && fileSystem.mountPoint() != null) {
      var mounted = with(labels, "mountpoint", fileSystem.mountPoint());
      see("filesystem_size_bytes", mounted, fileSystem.usage().sizeBytes());
      see("filesystem_avail_bytes", mounted, fileSystem.usage().freeBytes());
    }
  }

  private void use(Volume volume, Map<String, String> labels, @Nullable Usage data) {
    if (data == null) {
      return;
    }
    switch (volume.kind()) {
      case CLASSIC_SNAPSHOT -> see("snapshot_cow_used_ratio", labels, data.ratio());
      case THIN, THIN_SNAPSHOT -> see("lv_mapped_bytes", labels, data.usedBytes());
      case THICK, OTHER -> {}
    }
  }

  /// The names of a pool: its group's, if it has one, and its own.
  private Map<String, String> labels(Pool pool) {
    var parent = pool.parent() == null ? null : pools.get(pool.parent());
    return Map.of(
        "host", inventory.system(), "vg", parent == null ? "" : parent.name(), "pool", pool.name());
  }

  private Map<String, String> labels(Volume volume) {
    var pool = pools.get(volume.pool());
    if (pool == null) {
      return with(Map.of("host", inventory.system(), "vg", "", "pool", ""), "lv", volume.name());
    }
    return pool.kind() == Pool.Kind.VOLUME_GROUP
        ? with(
            Map.of("host", inventory.system(), "vg", pool.name(), "pool", ""), "lv", volume.name())
        : with(labels(pool), "lv", volume.name());
  }

  private static Map<String, String> with(Map<String, String> labels, String... more) {
    var all = new HashMap<>(labels);
    for (var i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    return all;
  }

  private static String word(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private void see(String metric, Map<String, String> labels, long value) {
    see(metric, labels, (double) value);
  }

  private void see(String metric, Map<String, String> labels, double value) {
    seen.add(Observation.of("lumeo_" + metric, labels, value));
  }
}
