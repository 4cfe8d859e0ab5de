package io.lumeo.server;

import io.lumeo.cli.Size;
import io.lumeo.rest.PoolView;
import io.lumeo.rest.VolumeView;
import java.io.IOException;
import java.nio.file.Path;

/// What `lumeo up` says when it serves: what it did, where things are, and what to try next, in
/// commands that can be copied.
final class Welcome {
  private final Server server;
  private final Path directory;
  private final String lumeo;

  /// @param directory as the user wrote it
  /// @param lumeo how the user calls the command
  Welcome(Server server, Path directory, String lumeo) {
    this.server = server;
    this.directory = directory;
    this.lumeo = lumeo;
  }

  String text() throws IOException {
    var pool = server.volumes().pool();
    var volume =
        server.volumes().list().stream()
            .filter(each -> !each.isSnapshot())
            .map(VolumeView::name)
            .findFirst();
    return pool(pool)
        + """

        NBD    %s
               %s
        REST   http://%s:%d/api/v1/  (token: %s)
        """
            .formatted(
                server.socketUri(volume.orElse("NAME")),
                server.tcpUri(volume.orElse("NAME")),
                server.restAddress().getAddress().getHostAddress(),
                server.restAddress().getPort(),
                token())
        + (volume.isPresent() ? tryNext(volume.get()) : makeOne())
        + "\nCtrl-C stops it.";
  }

  private String pool(PoolView pool) {
    var blocks = Size.human(pool.dataBlockSizeBytes());
    var size = Size.human(pool.dataSizeBytes());
    return server.madePool()
        ? "Made a pool of %s (sparse) in blocks of %s in %s.\n".formatted(size, blocks, directory)
        : "Opened the pool in %s: %s of %s used, %d volumes, %d snapshots.\n"
            .formatted(
                directory,
                Size.human(pool.dataUsedBytes()),
                size,
                pool.volumeCount(),
                pool.snapshotCount());
  }

  private String tryNext(String volume) {
    return """

    Try next, in another terminal:
      nbdinfo '%s'
      %s volume list%s
      sudo %s volume mount %s /mnt --fs ext4%s
      %s snapshot create %s before%s
      curl -H "Authorization: Bearer $(cat %s)" http://%s:%d/api/v1/volumes
    """
        .formatted(
            server.socketUri(volume),
            lumeo,
            dirOption(),
            lumeo,
            volume,
            dirOption(),
            lumeo,
            volume,
            dirOption(),
            token(),
            server.restAddress().getAddress().getHostAddress(),
            server.restAddress().getPort());
  }

  private String makeOne() {
    return """

    There is no volume yet; in another terminal:
      %s volume create vol0 10G%s
    """
        .formatted(lumeo, dirOption());
  }

  private Path token() {
    return directory.resolve("token");
  }

  /// Left out where the commands look anyway.
  private String dirOption() {
    return directory.equals(Path.of("lumeo-data")) ? "" : " --dir " + directory;
  }
}
