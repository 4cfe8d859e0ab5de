package io.lumeo.cli;

import io.lumeo.pools.VolumeService;
import java.io.IOException;

/// Finds the pool that a command is about.
@FunctionalInterface
public interface Connector {
  /// The running server's pool, or the pool itself when no server runs. The caller closes it. A
  /// pool that is opened and closed again is not changed by it.
  VolumeService connect(Where where) throws IOException;
}
