package io.lumeo.pools;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which volumes and snapshots come from one another, by the origins that the catalogue keeps.
///
/// Of a device that was made outside Lumeo, by the kernel or by LVM, no origin is kept, and the
/// format has no place for one. It may come from anything, so it is taken for a relative of
/// everything, and so is what was made from it: who names it knows better than we do.
public final class Lineage {
  /// One before it in line.
  ///
  /// @param gone whether it was deleted, and only its name is known
  private record Ancestor(String name, boolean gone) {}

  /// A volume, what it was made from, and so on to the first that is known.
  ///
  /// @param endsOutside whether that one was made outside Lumeo and may have come from others
  private record Line(Set<Ancestor> ancestors, boolean endsOutside) {
    boolean mayMeet(Line other) {
      return endsOutside || other.endsOutside || !Collections.disjoint(ancestors, other.ancestors);
    }
  }

  private final VolumeService volumes;

  /// The lineage of the volumes of a pool.
  public Lineage(VolumeService volumes) {
    this.volumes = volumes;
  }

  /// Refuses a rollback of a volume to the snapshot of something else: what the volume holds would
  /// not be older afterwards but another thing.
  ///
  /// @throws StorageException.Unsupported if both lines are known and have no ancestor in common
  public void requireRelated(VolumeView volume, VolumeView snapshot) throws IOException {
    if (!line(volume).mayMeet(line(snapshot))) {
      var from = snapshot.origin() == null ? "" : "was taken of '" + snapshot.origin() + "' and ";
      throw new StorageException.Unsupported(
          "'%s' %shas nothing in common with '%s'; 'lumeo clone' makes a volume of it"
              .formatted(snapshot.name(), from, volume.name()));
    }
  }

  private Line line(VolumeView volume) throws IOException {
    var line = new LinkedHashSet<Ancestor>();
    var at = volume;
    while (line.add(new Ancestor(at.name(), false)) && at.origin() != null) {
      var origin = origin(at, at.origin());
      if (origin == null) {
        line.add(new Ancestor(at.origin(), true));
        return new Line(line, false);
      }
      at = origin;
    }
    return new Line(line, at.origin() == null && at.createdAt() == null);
  }

  /// A volume that is younger only has the name of an origin that is gone.
  private @Nullable VolumeView origin(VolumeView volume, String name) throws IOException {
    try {
      var found = volumes.get(name);
      var made = volume.createdAt();
      var foundMade = found.createdAt();
      return made != null && foundMade != null && foundMade.isAfter(made) ? null : found;
    } catch (StorageException.NotFound _) {
      return null;
    }
  }
}
