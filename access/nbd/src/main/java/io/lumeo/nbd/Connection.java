package io.lumeo.nbd;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// One client's connection to the server, from accept to close.
final class Connection implements Watch.Watched {
  /// How a connection ended.
  enum Outcome {
    ENDED,
    FAILED_HANDSHAKE,
    STALLED
  }

  private static final int SOCKET_BUFFER_BYTES = 1 << 20;
  private static final System.Logger LOG = System.getLogger(Connection.class.getName());

  private final SocketChannel channel;
  private final NbdServer server;
  private final Resources resources;
  private final long handshakeDeadlineNanos;
  private volatile @Nullable Transmission transmission;
  private volatile NbdServer.@Nullable Client client;
  private volatile boolean draining;
  private volatile boolean stalled;

  Connection(SocketChannel channel, NbdServer server, Resources resources) {
    this.channel = channel;
    this.server = server;
    this.resources = resources;
    this.handshakeDeadlineNanos = System.nanoTime() + resources.limits().handshake().toNanos();
  }

  /// Serves the client to the end, on a thread of its own.
  void start() {
    resources.readers().execute(this::run);
  }

  /// Who it serves, from the choice of an export to the end.
  Optional<NbdServer.Client> client() {
    return Optional.ofNullable(client);
  }

  @Override
  public void look(long nowNanos) {
    var serving = transmission;
    if (serving == null) {
      if (nowNanos - handshakeDeadlineNanos > 0) {
        LOG.log(Level.DEBUG, "A client takes too long to choose an export");
        closeChannel();
      }
    } else if (serving.isStalled(nowNanos)) {
      stalled = true;
      closeChannel();
    } else {
      serving.relieveReader(nowNanos);
    }
  }

  /// Finishes what is in flight, refuses what comes, and then ends. Returns when what was in flight
  /// is answered, or after `timeout`.
  void drain(Duration timeout) {
    draining = true;
    var serving = transmission;
    try {
      if (serving != null) {
        serving.drain();
        serving.awaitDrained(timeout);
      }
      channel.shutdownInput(); // the reader sees the end of the stream, and ends
    } catch (IOException | InterruptedException e) {
      LOG.log(Level.DEBUG, "A connection ends while it is shut down", e);
    }
  }

  /// Ends it whatever is in flight.
  void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "Closing a socket failed", e);
    }
  }

  private void run() {
    var session = handshake();
    if (session == null) {
      return;
    }
    var counters = server.counters(session.exportName());
    counters.opened();
    client = new NbdServer.Client(session.export(), address());
    Transmission next;
    try {
      next = new Transmission(channel, session, resources, counters, () -> end(session, counters));
    } catch (RuntimeException | Error e) {
      // Most likely no memory for its buffers: this client goes, its export is free again.
      LOG.log(Level.ERROR, "A connection cannot be served", e);
      end(session, counters);
      return;
    }
    transmission = next;
    if (draining) {
      next.drain();
    }
    next.run();
  }

  /// Returns null if it came to nothing and the connection is closed.
  private @Nullable Session handshake() {
    var outcome = Outcome.FAILED_HANDSHAKE;
    try {
      configure();
      var session = Handshake.run(channel, server.exports(), resources.limits(), () -> draining);
      if (session != null) {
        return session;
      }
      outcome = Outcome.ENDED;
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A handshake fails: {0}", e.toString());
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "A handshake fails", e);
    }
    closeChannel();
    server.ended(this, outcome);
    return null;
  }

  private void configure() throws IOException {
    channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
    channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
    if (channel.getLocalAddress() instanceof InetSocketAddress) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }
  }

  /// Where the client comes from. Those on a Unix socket have no address, but the kernel knows
  /// whose they are.
  private String address() {
    try {
      if (channel.getRemoteAddress() instanceof InetSocketAddress remote) {
        return SocketAddresses.toText(remote);
      }
      return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName()
          + " over the Unix socket";
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(Level.DEBUG, "A client is not known", e);
      return "a client that is not known";
    }
  }

  private void end(Session session, ExportCounters counters) {
    closeChannel();
    client = null;
    try {
      session.export().close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Closing export \"" + session.exportName() + "\" failed", e);
    }
    counters.closed();
    server.ended(this, stalled ? Outcome.STALLED : Outcome.ENDED);
  }
}
