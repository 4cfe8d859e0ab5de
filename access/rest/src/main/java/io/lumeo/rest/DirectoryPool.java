package io.lumeo.rest;

import io.lumeo.block.StorageException;
import io.lumeo.pools.LocalVolumes;
import io.lumeo.pools.PoolAccess;
import io.lumeo.pools.Serving;
import io.lumeo.pools.VolumeService;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The pool of a directory: in the server that serves it, else in its files.
///
/// @param directory that `lumeo up` serves or could serve
public record DirectoryPool(Path directory) implements PoolAccess {

  @Override
  public VolumeService connect() throws IOException {
    var server = RunningServer.find(directory);
    if (server.isPresent()) {
      return RemoteVolumes.of(server.get(), Token.read(directory));
    }
    var files = PoolFiles.in(directory);
    if (Files.notExists(files.metadata())) {
      throw new StorageException.NotFound(
          "there is no pool in %s; make one with 'lumeo up %s', or say where it is with --dir"
              .formatted(directory, directory));
    }
    return new LocalVolumes(Volumes.open(files, null), Serving.NOBODY);
  }

  @Override
  public List<String> options() {
    return List.of("--dir", directory.toString());
  }
}
