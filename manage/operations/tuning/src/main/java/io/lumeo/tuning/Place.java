package io.lumeo.tuning;

import java.util.List;
import java.util.Optional;

/// Where scratch volumes are made.
public sealed interface Place {

  /// Free extents of a group that is there; nothing else in it is touched.
  record Group(String name) implements Place {}

  /// Empty devices, of which a group is made for the time of the study.
  ///
  /// @param paths at least one, `/dev/…`
  /// @param fast a further one that is faster than the others, for metadata
  record Devices(List<String> paths, Optional<String> fast) implements Place {
    public Devices {
      paths = List.copyOf(paths);
      if (paths.isEmpty()) {
        throw new IllegalArgumentException("a study needs a device");
      }
    }
  }
}
