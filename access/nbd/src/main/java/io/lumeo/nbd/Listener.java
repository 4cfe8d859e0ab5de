package io.lumeo.nbd;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// One address on which the server listens.
final class Listener {
  private static final int BACKLOG = 128;
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();
  private static final System.Logger LOG = System.getLogger(Listener.class.getName());

  private final ServerSocketChannel channel;
  private final SocketAddress address;

  private Listener(ServerSocketChannel channel) throws IOException {
    this.channel = channel;
    this.address = channel.getLocalAddress();
  }

  static Listener open(SocketAddress address) throws IOException {
    boolean unix = address instanceof UnixDomainSocketAddress;
    var channel =
        unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
    try {
      if (address instanceof UnixDomainSocketAddress unixAddress) {
        removeLeftBehind(unixAddress);
      } else {
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      }
      channel.bind(address, BACKLOG);
      return new Listener(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      if (e instanceof StorageException known) {
        throw known;
      }
      throw new IOException(
          "Cannot listen on %s: %s".formatted(SocketAddresses.toText(address), e.getMessage()), e);
    }
  }

  SocketAddress address() {
    return address;
  }

  private String text() {
    return SocketAddresses.toText(address);
  }

  void start(Consumer<SocketChannel> accept) {
    Thread.ofPlatform().daemon().name("nbd-listen " + text()).start(() -> run(accept));
  }

  void close() {
    if (!channel.isOpen()) {
      return; // the path may be another server's by now
    }
    try {
      channel.close();
      if (address instanceof UnixDomainSocketAddress unix) {
        Files.deleteIfExists(unix.getPath());
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Closing " + text() + " failed", e);
    }
  }

  private void run(Consumer<SocketChannel> accept) {
    while (channel.isOpen()) {
      try {
        accept.accept(channel.accept());
      } catch (ClosedChannelException _) {
        return; // the server stops
      } catch (IOException | RuntimeException | Error e) {
        // Too many open files, no memory for a thread: others will finish, and then it works again.
        LOG.log(Level.WARNING, "Accepting a connection on " + text() + " failed", e);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /// Removes the socket of a server that died; one that answers is in use.
  private static void removeLeftBehind(UnixDomainSocketAddress address) throws IOException {
    var path = address.getPath();
    if (!isSocket(path)) {
      return; // nothing there, or a file that bind will not replace
    }
    try (var probe = SocketChannel.open(address)) {
      throw new StorageException.Busy(
          "The socket %s is in use by another server; stop it or listen elsewhere"
              .formatted(probe.getRemoteAddress()));
    } catch (StorageException.Busy e) {
      throw e;
    } catch (IOException _) {
      Files.delete(path); // nobody listens
    }
  }

  private static boolean isSocket(Path path) throws IOException {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther();
  }
}
