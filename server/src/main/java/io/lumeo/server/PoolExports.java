package io.lumeo.server;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import io.lumeo.nbd.Export;
import io.lumeo.nbd.ExportInfo;
import io.lumeo.nbd.Exports;
import io.lumeo.thin.Volume;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.util.List;

/// The volumes of a pool as NBD exports, by their names. What is made while the server runs is
/// exported from that moment; nothing is kept here.
///
/// Snapshots are served, read-only, to those who ask for them by name, and are not in the list: a
/// pool has many, and a client that takes the first export must get a volume.
final class PoolExports implements Exports {
  private final Volumes volumes;

  PoolExports(Volumes volumes) {
    this.volumes = volumes;
  }

  @Override
  public List<ExportInfo> list() {
    return volumes.list().stream()
        .filter(volume -> !volume.isSnapshot())
        .map(volume -> new ExportInfo(volume.name(), description(volume)))
        .toList();
  }

  /// The empty name asks for a default; there is one when there is one volume.
  @Override
  public Export open(String name) throws IOException {
    var volume = volumes.get(name.isEmpty() ? onlyVolume() : name);
    return new VolumeExport(volumes.open(volume.name()), description(volume));
  }

  private String onlyVolume() throws StorageException {
    var names = volumes.list().stream().filter(volume -> !volume.isSnapshot()).toList();
    if (names.size() != 1) {
      throw new StorageException.NotFound(
          "there are %d volumes and no default; name one".formatted(names.size()));
    }
    return names.getFirst().name();
  }

  private static String description(Volume volume) {
    return volume.origin() == null
        ? "volume"
        : "%s of %s".formatted(volume.isSnapshot() ? "snapshot" : "clone", volume.origin());
  }

  /// A volume as one connection has it open.
  private record VolumeExport(BlockDevice device, String description) implements Export {
    @Override
    public void close() throws IOException {
      device.close();
    }
  }
}
