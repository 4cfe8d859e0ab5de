package io.lumeo.reports;

import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// One pool.
///
/// @param name with the name of the group it draws from
/// @param metadata null where there is none
/// @param growth null when nothing is known of it
public record PoolReport(
    String name,
    Pool.Kind kind,
    Usage data,
    @Nullable Usage metadata,
    Health health,
    @Nullable Growth growth) {

  static final Comparator<PoolReport> WORST_FIRST =
      Comparator.comparing((PoolReport pool) -> pool.health().state(), Comparator.reverseOrder())
          .thenComparing(PoolReport::fullness, Comparator.reverseOrder())
          .thenComparing(PoolReport::name);

  private double fullness() {
    return Math.max(data.ratio(), metadata == null ? 0 : metadata.ratio());
  }
}
