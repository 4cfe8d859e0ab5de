package io.lumeo.compatibility;

import io.lumeo.nbd.NbdClient;
import io.lumeo.nbd.NbdServer;
import io.lumeo.server.PoolExports;
import io.lumeo.testing.ThinTools;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Set;

/// A new pool whose volumes are served over NBD as `lumeo up` serves them, on a Unix socket in the
/// same folder.
final class ServedPool implements AutoCloseable {
  private final PoolFiles files;
  private final Path socket;
  private final Volumes volumes;
  private final NbdServer server;

  private ServedPool(PoolFiles files, Path socket, Volumes.Format format) throws IOException {
    this.files = files;
    this.socket = socket;
    this.volumes = Volumes.create(files, format);
    this.server =
        NbdServer.builder(new PoolExports(volumes))
            .listen(UnixDomainSocketAddress.of(socket))
            .start();
  }

  /// Makes the pool and starts to serve it; 2 GiB of data in blocks of 64 KiB.
  static ServedPool in(Path folder) throws IOException {
    return in(folder, 2L << 30, PoolOptions.DEFAULT);
  }

  /// As above, with that much data and those options.
  static ServedPool in(Path folder, long dataBytes, PoolOptions options) throws IOException {
    return new ServedPool(
        PoolFiles.in(folder),
        folder.resolve("nbd.sock"),
        new Volumes.Format(64 << 10, dataBytes, 16 << 20, options));
  }

  /// Connects to the volume as a client of our own.
  NbdClient connect(String volume) throws IOException {
    return NbdClient.connect(UnixDomainSocketAddress.of(socket), volume);
  }

  long mappedBytes(String volume) throws IOException {
    var details = volumes.details().get(volume);
    return details.mappedBlocks() * volumes.status().dataBlockBytes();
  }

  Volumes volumes() {
    return volumes;
  }

  void createVolume(String name, long sizeBytes) throws IOException {
    volumes.createVolume(name, sizeBytes, Set.of(), null, null);
  }

  void createSnapshot(String name, String origin) throws IOException {
    volumes.createSnapshot(name, origin, Set.of());
  }

  Path socket() {
    return socket;
  }

  /// What NBD clients call the volume.
  String uri(String volume) {
    return "nbd+unix:///" + volume + "?socket=" + socket;
  }

  /// Stops to serve and fails the test unless the pool that is left is clean.
  @Override
  public void close() throws IOException {
    server.close();
    volumes.close();
    ThinTools.expectClean(files.metadata());
  }
}
