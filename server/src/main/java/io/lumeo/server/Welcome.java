package io.lumeo.server;

import io.lumeo.cli.Size;
import io.lumeo.nbd.SocketAddresses;
import io.lumeo.pools.PoolView;
import io.lumeo.pools.VolumeView;
import io.lumeo.thin.PoolFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.stream.Stream;

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
        + "\n"
        + nbd(volume.orElse("NAME"))
        + "REST   http://%s/api/v1/  (token: %s)\n".formatted(rest(), token())
        + openToAll()
        + (volume.isPresent() ? tryNext(volume.get()) : makeOne())
        + "\nCtrl-C stops it.";
  }

  private String pool(PoolView pool) {
    var size = Size.human(pool.dataSizeBytes());
    var made =
        server.madePool()
            ? "Made a pool of %s (sparse) in blocks of %s in %s.\n"
                .formatted(size, Size.human(pool.dataBlockSizeBytes()), place())
            : "Opened the pool in %s: %s of %s used, %d volumes, %d snapshots.\n"
                .formatted(
                    place(),
                    Size.human(pool.dataUsedBytes()),
                    size,
                    pool.volumeCount(),
                    pool.snapshotCount());
    return pool.readOnly() ? made + "It is served read-only.\n" : made;
  }

  private String place() {
    var files = server.files();
    return files.equals(PoolFiles.in(directory))
        ? directory.toString()
        : files.metadata() + " and " + files.data();
  }

  private String nbd(String volume) {
    var uris =
        Stream.of(server.socketUri(volume), server.tcpUri(volume))
            .flatMap(Optional::stream)
            .toList();
    return uris.isEmpty()
        ? "NBD    not served (--nbd none)\n"
        : "NBD    " + String.join("\n       ", uris) + "\n";
  }

  /// What surprises those who share the machine.
  private String openToAll() {
    return server
        .nbdAddress()
        .map(address ->
            """

            NBD on port %d asks for no password: every user of this machine can use it. To let in
            only those who can open the socket, start with --nbd unix.
            """
                .formatted(address.getPort()))
        .orElse("");
  }

  private String tryNext(String volume) {
    var lines = new ArrayList<String>();
    server
        .socketUri(volume)
        .or(() -> server.tcpUri(volume))
        .ifPresent(uri -> lines.add("nbdinfo '%s'".formatted(uri)));
    lines.add("%s volume list%s".formatted(lumeo, dirOption()));
    if (server.nbdSocket().isPresent()) {
      lines.add("sudo %s volume mount %s /mnt --fs ext4%s".formatted(lumeo, volume, dirOption()));
    }
    lines.add("%s snapshot create %s before%s".formatted(lumeo, volume, dirOption()));
    lines.add(
        "curl -H \"Authorization: Bearer $(cat %s)\" http://%s/api/v1/volumes"
            .formatted(token(), rest()));
    return "\nTry next, in another terminal:\n  " + String.join("\n  ", lines) + "\n";
  }

  private String makeOne() {
    return """

    There is no volume yet; in another terminal:
      %s volume create vol0 10G%s
    """
        .formatted(lumeo, dirOption());
  }

  private String rest() {
    return SocketAddresses.toText(server.restAddress());
  }

  private Path token() {
    return directory.resolve("token");
  }

  /// Left out where the commands look anyway.
  private String dirOption() {
    return directory.equals(Path.of("lumeo-data")) ? "" : " --dir " + directory;
  }
}
