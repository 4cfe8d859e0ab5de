package io.lumeo.cli;

import io.lumeo.pools.LocalVolumes;
import io.lumeo.pools.Serving;
import io.lumeo.pools.VolumeService;
import io.lumeo.rest.DirectoryPool;
import io.lumeo.thin.Volumes;
import java.io.IOException;

/// Speaks to the running server of a directory, or opens the pool when there is none.
public final class PoolConnector implements Connector {
  public PoolConnector() {}

  @Override
  public VolumeService connect(Where where) throws IOException {
    return where.isDirectory()
        ? new DirectoryPool(where.directory()).connect()
        : ServedElsewhere.orSaid(
            where, () -> new LocalVolumes(Volumes.open(where.files(), null), Serving.NOBODY));
  }
}
