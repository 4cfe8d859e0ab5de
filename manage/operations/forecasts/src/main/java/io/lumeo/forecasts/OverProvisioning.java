package io.lumeo.forecasts;

import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.util.Locale;

/// How much more a pool has promised to its volumes than it has. A promise is the volume's size; a
/// pool at 2 would be full with every volume half written.
///
/// @param promisedBytes the sizes of the active thin volumes, without snapshots
/// @param promisedWithSnapshotsBytes the same with snapshots, which promise their whole size again
/// @param sizeBytes the pool's data now
/// @param reachableBytes what the pool's data can be extended to
public record OverProvisioning(
    long promisedBytes, long promisedWithSnapshotsBytes, long sizeBytes, long reachableBytes) {
  /// What a pool may promise, as a multiple of its size, unless it is told otherwise.
  public static final double DEFAULT_LIMIT = 2.0;

  /// The share of a pool that must be free before another volume is let in.
  private static final double LEAST_FREE = 0.2;

  /// Whether a volume may be made, and why not.
  ///
  /// @param reason one sentence; empty when admitted
  public record Admission(boolean admitted, String reason) {
    private static final Admission YES = new Admission(true, "");
  }

  /// Counts what `pool` has promised.
  ///
  /// @param reachableBytes what its data can be extended to, at least its size
  public static OverProvisioning of(Inventory inventory, Pool pool, long reachableBytes) {
    var promised = 0L;
    var withSnapshots = 0L;
    for (var volume : inventory.volumes()) {
      if (volume.pool().equals(pool.uuid()) && volume.active() && isThin(volume)) {
        withSnapshots += volume.sizeBytes();
        promised += volume.isSnapshot() ? 0 : volume.sizeBytes();
      }
    }
    return new OverProvisioning(promised, withSnapshots, pool.data().sizeBytes(), reachableBytes);
  }

  private static boolean isThin(Volume volume) {
    return volume.kind() == Volume.Kind.THIN || volume.kind() == Volume.Kind.THIN_SNAPSHOT;
  }

  /// Promised without snapshots, as a multiple of the pool's size.
  public double ratio() {
    return ratio(promisedBytes, sizeBytes);
  }

  public double ratioWithSnapshots() {
    return ratio(promisedWithSnapshotsBytes, sizeBytes);
  }

  /// Promised without snapshots, as a multiple of what the pool can be extended to.
  public double ratioOfReachable() {
    return ratio(promisedBytes, reachableBytes);
  }

  private static double ratio(long promised, long size) {
    return size == 0 ? 0 : (double) promised / size;
  }

  /// Whether a volume of `newBytes` may be made: the promises stay within the limit, and a fifth of
  /// the pool, or what a day may take at P90 if that is more, is physically free.
  ///
  /// @param freeBytes free in the pool now
  /// @param dayGrowthBytes what one day may add at P90
  /// @param limit of [#ratioOfReachable], see [#DEFAULT_LIMIT]
  public Admission admit(long newBytes, long freeBytes, double dayGrowthBytes, double limit) {
    var after = ratio(promisedBytes + newBytes, reachableBytes);
    if (after > limit) {
      return new Admission(
          false,
          String.format(
              Locale.ROOT,
              "the pool would promise %.2f times the %d bytes it can have, and %.2f is the limit;"
                  + " extend it, or remove volumes",
              after,
              reachableBytes,
              limit));
    }
    var leastFree = Math.max(LEAST_FREE * sizeBytes, dayGrowthBytes);
    if (freeBytes < leastFree) {
      return new Admission(
          false,
          String.format(
              Locale.ROOT,
              "only %d bytes are free in the pool, and %.0f must be: a fifth of it, or what a day"
                  + " may take; extend it, or free space",
              freeBytes,
              leastFree));
    }
    return Admission.YES;
  }

  /// The ratios and what they mean, in one sentence.
  public String text() {
    return String.format(
        Locale.ROOT,
        "volumes may grow to %.2f times the pool (%.2f with snapshots, %.2f of what it can be"
            + " extended to): above 1 the pool fills before they do",
        ratio(),
        ratioWithSnapshots(),
        ratioOfReachable());
  }
}
