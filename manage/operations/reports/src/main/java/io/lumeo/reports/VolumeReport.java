package io.lumeo.reports;

import io.lumeo.storage.Health;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// One volume or snapshot.
///
/// @param name with the names of what it draws from
/// @param data what it uses: of a classic snapshot, of its store; null when nobody says
/// @param mountPoint null when it is not mounted
/// @param fileSystem use of the file system on it; null when nobody says
public record VolumeReport(
    String name,
    Volume.Kind kind,
    long sizeBytes,
    @Nullable Usage data,
    @Nullable String mountPoint,
    @Nullable Usage fileSystem,
    Health health) {

  static final Comparator<VolumeReport> WORST_FIRST =
      Comparator.comparing(
              (VolumeReport volume) -> volume.health().state(), Comparator.reverseOrder())
          .thenComparing(VolumeReport::fullness, Comparator.reverseOrder())
          .thenComparing(VolumeReport::name);

  /// How near its end it is; that all of a thin volume is mapped is no harm.
  private double fullness() {
    var store = data == null || kind != Volume.Kind.CLASSIC_SNAPSHOT ? 0 : data.ratio();
    return Math.max(store, fileSystem == null ? 0 : fileSystem.ratio());
  }
}
