package io.lumeo.server;

import io.lumeo.block.StorageException;
import io.lumeo.cli.PoolFormat;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/// What a server serves and where.
///
/// @param directory the pool's directory; made if there is none
/// @param format how the pool is made if there is none
/// @param firstVolume the name of the volume that a new pool begins with
/// @param firstVolumeBytes its size
/// @param nbdSocket the Unix socket for NBD
/// @param nbd where NBD listens on TCP; port 0 takes a free one
/// @param rest where REST listens; port 0 takes a free one
public record ServerOptions(
    Path directory,
    PoolFormat format,
    String firstVolume,
    long firstVolumeBytes,
    Path nbdSocket,
    InetSocketAddress nbd,
    InetSocketAddress rest) {
  static final String NBD_ADDRESS = "127.0.0.1:10809";
  static final String REST_ADDRESS = "127.0.0.1:9000";
  static final String FIRST_VOLUME = "vol0";
  static final long FIRST_VOLUME_BYTES = 10L << 30;

  /// The path of a Unix socket has to fit `sockaddr_un`, with its final zero.
  private static final int MAX_SOCKET_PATH_BYTES = 107;

  /// The defaults, on ports that are free: for a test.
  public static ServerOptions onFreePorts(Path directory) {
    var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new ServerOptions(
        directory,
        new PoolFormat(),
        FIRST_VOLUME,
        FIRST_VOLUME_BYTES,
        directory.resolve("nbd.sock"),
        free,
        free);
  }

  /// Refuses what cannot work, before anything is made.
  void check() throws IOException {
    requireLoopback("NBD", nbd);
    requireLoopback("REST", rest);
    var path = nbdSocket.toAbsolutePath().toString();
    if (path.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MAX_SOCKET_PATH_BYTES) {
      throw new StorageException.InvalidArgument(
          "the path of the socket, %s, is longer than %d bytes; choose a shorter one with --socket"
              .formatted(path, MAX_SOCKET_PATH_BYTES));
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
