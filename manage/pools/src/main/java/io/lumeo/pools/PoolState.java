package io.lumeo.pools;

import io.lumeo.storage.OwnTags;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A pool as it was found at one moment: what is planned and recognised rests on it.
record PoolState(
    PoolView pool, List<VolumeView> volumes, List<ExportView> exports, Instant takenAt) {

  /// How often one looks again at a pool that others change meanwhile.
  private static final int LOOKS = 5;

  /// Looks at a pool. The look is consistent unless others change the pool all the time; then each
  /// volume is right by itself.
  static PoolState read(VolumeService service, Instant now) throws IOException {
    var pool = service.pool();
    for (int look = 1; ; look++) {
      var volumes = service.list();
      var exports = service.exports();
      var after = service.pool();
      if (after.sequence() == pool.sequence() || look == LOOKS) {
        return new PoolState(after, volumes, exports, now);
      }
      pool = after;
    }
  }

  Optional<VolumeView> volume(String uuid) {
    return volumes.stream().filter(volume -> volume.uuid().equals(uuid)).findFirst();
  }

  Optional<VolumeView> named(String name) {
    return volumes.stream().filter(volume -> volume.name().equals(name)).findFirst();
  }

  /// The volume of that name that the plan made.
  Optional<VolumeView> made(String name, String plan) {
    return named(name)
        .filter(volume -> OwnTags.runIn(volume.tags()).filter(plan::equals).isPresent());
  }

  /// Who has a volume open over the network: one entry for each connection.
  List<String> clients(VolumeView volume) {
    var clients = new ArrayList<String>();
    for (var export : exports) {
      if (export.name().equals(volume.name())) {
        clients.addAll(export.clients());
        // One that connects at this moment has not said yet who it is.
        for (int i = export.clients().size(); i < export.connectionCount(); i++) {
          clients.add("a client");
        }
      }
    }
    return clients;
  }

  /// The uuid of what a volume was made from, or null when it was made empty or nobody knows. What
  /// is younger than the volume only has the name of an origin that is gone.
  @Nullable String origin(VolumeView volume) {
    var tagged = OwnTags.originIn(volume.tags());
    if (volume.origin() == null || tagged.flatMap(this::volume).isPresent()) {
      return tagged.orElse(null);
    }
    return named(volume.origin())
        .filter(origin -> !isYounger(origin, volume))
        .map(VolumeView::uuid)
        .or(() -> tagged)
        .orElse(null);
  }

  private static boolean isYounger(VolumeView one, VolumeView other) {
    var born = one.createdAt();
    var otherBorn = other.createdAt();
    return born != null && otherBorn != null && born.isAfter(otherBorn);
  }
}
