package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.pools.LocalVolumes;
import io.lumeo.pools.Serving;
import io.lumeo.pools.VolumeService;
import io.lumeo.rest.RemoteVolumes;
import io.lumeo.rest.RunningServer;
import io.lumeo.rest.Token;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Files;

/// Speaks to the running server of a directory, or opens the pool when there is none.
public final class PoolConnector implements Connector {
  public PoolConnector() {}

  @Override
  public VolumeService connect(Where where) throws IOException {
    if (where.isDirectory()) {
      var server = RunningServer.find(where.directory());
      if (server.isPresent()) {
        return RemoteVolumes.of(server.get(), Token.read(where.directory()));
      }
    }
    return new LocalVolumes(open(where), Serving.NOBODY);
  }

  private static Volumes open(Where where) throws IOException {
    var files = where.files();
    if (where.isDirectory() && Files.notExists(files.metadata())) {
      throw new StorageException.NotFound(
          "there is no pool in %s; make one with 'lumeo up %s', or say where it is with --dir"
              .formatted(where, where));
    }
    return ServedElsewhere.orSaid(where, () -> Volumes.open(files, null));
  }
}
