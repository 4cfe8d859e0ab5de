package io.lumeo.server;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import io.lumeo.nbd.Export;
import io.lumeo.nbd.ExportInfo;
import io.lumeo.nbd.Exports;
import io.lumeo.pools.Serving;
import io.lumeo.thin.ThinId;
import io.lumeo.thin.Volume;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// The volumes of a pool as NBD exports, by their names. What is made while the server runs is
/// exported from that moment.
///
/// Snapshots are served, read-only, to those who ask for them by name, and are not in the list: a
/// pool has many, and a client that takes the first export must get a volume.
public final class PoolExports implements Exports {
  /// A client that hung up is gone for us a moment later.
  private static final Duration FAREWELL = Duration.ofMillis(500);

  private final Volumes volumes;
  private final Map<ThinId, Integer> open = new HashMap<>(); // guarded by this
  private final Set<ThinId> reserved = new HashSet<>(); // guarded by this

  /// Exports of a pool that stays the caller's, who closes it after the server.
  public PoolExports(Volumes volumes) {
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
    enter(volume);
    try {
      return new VolumeExport(this, volume.id(), volumes.open(volume.id()), description(volume));
    } catch (IOException | RuntimeException e) {
      leave(volume.id());
      throw e;
    }
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

  private synchronized void enter(Volume volume) throws StorageException {
    if (reserved.contains(volume.id())) {
      throw new StorageException.Busy(
          "'%s' is being changed; connect again in a moment".formatted(volume.name()));
    }
    open.merge(volume.id(), 1, Integer::sum);
  }

  private synchronized void leave(ThinId id) {
    open.computeIfPresent(id, (_, count) -> count == 1 ? null : count - 1);
    notifyAll();
  }

  /// Does `change` while nobody has the volume open, and lets nobody open it meanwhile.
  ///
  /// @param clients who has it open, for the message that refuses
  <T> T undisturbed(Volume volume, Function<ThinId, List<String>> clients, Serving.Change<T> change)
      throws IOException {
    reserve(volume, clients);
    try {
      return change.make();
    } finally {
      release(volume.id());
    }
  }

  private synchronized void reserve(Volume volume, Function<ThinId, List<String>> clients)
      throws IOException {
    var id = volume.id();
    long deadline = System.nanoTime() + FAREWELL.toNanos();
    while (open.containsKey(id) || reserved.contains(id)) {
      long leftMillis = Math.ceilDiv(deadline - System.nanoTime(), 1_000_000L);
      if (leftMillis <= 0) {
        throw new StorageException.Busy(
            "'%s' is in use by %s; disconnect (or unmount) and try again"
                .formatted(volume.name(), String.join(", ", named(clients.apply(id)))));
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
    reserved.add(id);
  }

  /// Those who are not known as clients are on their way in or out.
  private static List<String> named(List<String> clients) {
    return clients.isEmpty()
        ? List.of("a client that connects or another change")
        : clients.stream().distinct().toList();
  }

  private synchronized void release(ThinId id) {
    reserved.remove(id);
    notifyAll();
  }

  /// A volume as one connection has it open.
  record VolumeExport(PoolExports owner, ThinId id, BlockDevice device, String description)
      implements Export {
    @Override
    public void close() throws IOException {
      try {
        device.close();
      } finally {
        owner.leave(id);
      }
    }
  }
}
