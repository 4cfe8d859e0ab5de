package io.lumeo.server;

import io.lumeo.block.StorageException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where NBD is let in.
///
/// @param socket the Unix socket, or null for none
/// @param address where on TCP, or null for nowhere; port 0 takes a free one
public record NbdDoors(@Nullable Path socket, @Nullable InetSocketAddress address) {
  static final String NONE = "none";
  static final String UNIX = "unix";

  /// Reads `none`, `unix`, or the address of a TCP port, which is open beside the socket.
  static NbdDoors of(String text, Path socket) throws StorageException {
    return switch (text) {
      case NONE -> new NbdDoors(null, null);
      case UNIX -> new NbdDoors(socket, null);
      default -> new NbdDoors(socket, ServerOptions.address(text));
    };
  }
}
