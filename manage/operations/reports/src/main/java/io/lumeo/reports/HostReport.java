package io.lumeo.reports;

import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One host.
///
/// @param isReachable whether it answers now; if not, the rest is what was last seen
/// @param seenAt when that was, or null if it never answered
/// @param warnings what its own tools complained of
/// @param notes what else is worth knowing of it, a sentence each: promises, purchases, slow
///   volumes
public record HostReport(
    String name,
    boolean isReachable,
    @Nullable Instant seenAt,
    List<PoolReport> pools,
    List<VolumeReport> volumes,
    List<PolicyReport> policies,
    List<String> warnings,
    List<String> notes) {

  public HostReport {
    pools = List.copyOf(pools);
    volumes = List.copyOf(volumes);
    policies = List.copyOf(policies);
    warnings = List.copyOf(warnings);
    notes = List.copyOf(notes);
  }

  /// A host as its inventory shows it.
  ///
  /// @param growths by the uuid of the pool
  public static HostReport of(
      Inventory inventory,
      boolean isReachable,
      Map<String, Growth> growths,
      List<PolicyReport> policies) {
    var names =
        inventory.pools().stream()
            .collect(Collectors.toMap(Pool::uuid, Function.identity(), (a, b) -> a));
    return new HostReport(
        inventory.system(),
        isReachable,
        inventory.takenAt(),
        inventory.pools().stream()
            .map(pool -> pool(pool, names, growths))
            .sorted(PoolReport.WORST_FIRST)
            .toList(),
        inventory.volumes().stream()
            .map(volume -> volume(volume, names))
            .sorted(VolumeReport.WORST_FIRST)
            .toList(),
        policies.stream()
            .sorted(
                Comparator.comparing(PolicyReport::isOverdue)
                    .reversed()
                    .thenComparing(PolicyReport::name))
            .toList(),
        inventory.warnings(),
        List.of());
  }

  /// The same with notes.
  public HostReport withNotes(List<String> others) {
    return new HostReport(name, isReachable, seenAt, pools, volumes, policies, warnings, others);
  }

  /// The same without what the answer to `is it full` is not about: its volumes.
  public HostReport withoutVolumes() {
    return new HostReport(name, isReachable, seenAt, pools, List.of(), policies, warnings, notes);
  }

  private static PoolReport pool(Pool pool, Map<String, Pool> names, Map<String, Growth> growths) {
    return new PoolReport(
        path(pool, names),
        pool.kind(),
        pool.data(),
        pool.metadata(),
        pool.health(),
        growths.get(pool.uuid()));
  }

  private static VolumeReport volume(Volume volume, Map<String, Pool> names) {
    var pool = names.get(volume.pool());
    var fileSystem = volume.fileSystem();
    return new VolumeReport(
        (pool == null ? "" : path(pool, names) + "/") + volume.name(),
        volume.kind(),
        volume.sizeBytes(),
        volume.data(),
        fileSystem == null ? null : fileSystem.mountPoint(),
        fileSystem == null ? null : fileSystem.usage(),
        volume.health());
  }

  private static String path(Pool pool, Map<String, Pool> names) {
    var parent = pool.parent() == null ? null : names.get(pool.parent());
    return parent == null ? pool.name() : parent.name() + "/" + pool.name();
  }
}
