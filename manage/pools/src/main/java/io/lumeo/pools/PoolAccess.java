package io.lumeo.pools;

import java.io.IOException;
import java.util.List;

/// Where a pool is found each time it is wanted: in the server that serves it, else in its files.
/// Nothing is kept open in between, so that a server can be started and stopped meanwhile.
public interface PoolAccess {
  /// The pool, reached or opened now. The caller closes it.
  ///
  /// @throws io.lumeo.block.StorageException.Busy if another process has it open and does not serve
  ///   it
  VolumeService connect() throws IOException;

  /// How the command line names the pool, as options of any of its commands: `--dir /srv/pool`.
  List<String> options();
}
