package io.lumeo.server;

import io.lumeo.block.StorageException;
import io.lumeo.cli.PoolFormat;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// What a server serves and where.
///
/// @param directory where the server keeps its socket, its token, and what it says of itself; made
///   if there is none
/// @param files the pool, in that directory or elsewhere
/// @param format how the pool is made if there is none; and whether it is only read
/// @param firstVolume the name of the volume that a new pool begins with
/// @param firstVolumeBytes its size
/// @param nbd where NBD is let in
/// @param rest where REST listens; port 0 takes a free one
public record ServerOptions(
    Path directory,
    PoolFiles files,
    PoolFormat format,
    String firstVolume,
    long firstVolumeBytes,
    NbdDoors nbd,
    InetSocketAddress rest) {
  static final String NBD_ADDRESS = "127.0.0.1:10809";
  static final String REST_ADDRESS = "127.0.0.1:9000";
  static final String FIRST_VOLUME = "vol0";
  static final long FIRST_VOLUME_BYTES = 10L << 30;

  /// The path of a Unix socket has to fit `sockaddr_un`, with its final zero.
  private static final int MAX_SOCKET_PATH_BYTES = 107;

  private static final int SECTOR_BYTES = 512;

  /// The defaults, on ports that are free: for a test.
  public static ServerOptions onFreePorts(Path directory) {
    var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new ServerOptions(
        directory,
        PoolFiles.in(directory),
        new PoolFormat(),
        FIRST_VOLUME,
        FIRST_VOLUME_BYTES,
        new NbdDoors(directory.resolve("nbd.sock"), free),
        free);
  }

  /// Refuses what cannot work, before anything is made.
  void check() throws IOException {
    if (nbd.address() != null) {
      requireLoopback("NBD", nbd.address());
    }
    requireLoopback("REST", rest);
    if (nbd.socket() != null) {
      requireFits(nbd.socket().toAbsolutePath().toString());
    }
    Volumes.checkName(firstVolume);
    if (firstVolumeBytes <= 0 || firstVolumeBytes % SECTOR_BYTES != 0) {
      throw new StorageException.InvalidArgument(
          "a volume of %d bytes is not possible; give --volume-size a positive multiple of 512 bytes"
              .formatted(firstVolumeBytes));
    }
  }

  private static void requireFits(String socket) throws StorageException {
    if (socket.getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH_BYTES) {
      throw new StorageException.InvalidArgument(
          "the path of the socket, %s, is longer than %d bytes; choose a shorter one with --socket"
              .formatted(socket, MAX_SOCKET_PATH_BYTES));
    }
  }

  private static void requireLoopback(String what, InetSocketAddress address)
      throws StorageException {
    if (!address.getAddress().isLoopbackAddress()) {
      throw new StorageException.Unsupported(
          "%s is not served on %s: beyond this machine it would be open to all, there is no TLS yet;"
                  .formatted(what, address.getAddress().getHostAddress())
              + " listen on 127.0.0.1");
    }
  }

  /// Reads `host:port`, `[host]:port`, or `port` on 127.0.0.1.
  static InetSocketAddress address(String text) throws StorageException {
    var colon = text.lastIndexOf(':');
    var host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
    var port = text.substring(colon + 1);
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
      throw new StorageException.InvalidArgument(
          "'%s' is not an address; write it as 127.0.0.1:9000 or 9000".formatted(text));
    }
    try {
      var bare =
          host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
      return new InetSocketAddress(InetAddress.getByName(bare), Integer.parseInt(port));
    } catch (UnknownHostException e) {
      throw new StorageException.InvalidArgument(
          "'%s' is not an address: the host is not known".formatted(text));
    }
  }
}
