package io.lumeo.nbd;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;

/// Serves block devices to NBD clients, over TCP and Unix sockets.
///
/// ```java
/// var server = NbdServer.builder(exports).listen(new InetSocketAddress("127.0.0.1", 10809)).start();
/// ```
///
/// Offers fixed newstyle negotiation, structured replies, `base:allocation`, several connections to
/// one export, and all commands but RESIZE. Requests of a connection are answered in the order in
/// which they are done. Safe for use by many threads.
public final class NbdServer implements Closeable {
  /// The port that is registered for NBD.
  public static final int DEFAULT_PORT = 10809;

  private static final System.Logger LOG = System.getLogger(NbdServer.class.getName());

  private final Exports exports;
  private final Resources resources;
  private final List<Listener> listeners = new ArrayList<>();
  private final Map<String, ExportCounters> counters = new ConcurrentHashMap<>();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final LongAdder accepted = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder failedHandshakes = new LongAdder();
  private final LongAdder stalled = new LongAdder();
  private boolean closed; // guarded by connections

  private NbdServer(Exports exports, Resources resources) {
    this.exports = exports;
    this.resources = resources;
  }

  /// Starts to describe a server of `exports`.
  public static Builder builder(Exports exports) {
    return new Builder(exports);
  }

  /// What a server is to be: where it listens and what it grants.
  public static final class Builder {
    private final Exports exports;
    private final List<SocketAddress> addresses = new ArrayList<>();
    private Limits limits = Limits.DEFAULT;
    private IntFunction<Buffer> memory = Buffer::new;
    private Workers readers = Resources.unlimitedReaders();

    private Builder(Exports exports) {
      this.exports = exports;
    }

    /// Listens on a TCP port; port 0 is any that is free. May be called several times.
    public Builder listen(InetSocketAddress address) {
      addresses.add(address);
      return this;
    }

    /// Listens on a Unix socket, which is made, and removed in the end. One left behind by a dead
    /// server is replaced. May be called several times.
    public Builder listen(UnixDomainSocketAddress address) {
      addresses.add(address);
      return this;
    }

    /// Grants clients this much instead of [Limits#DEFAULT].
    public Builder limits(Limits granted) {
      limits = granted;
      return this;
    }

    /// Takes the memory for buffers from there.
    Builder memory(IntFunction<Buffer> source) {
      memory = source;
      return this;
    }

    /// Takes the threads that read connections from there.
    Builder readers(Workers source) {
      readers = source;
      return this;
    }

    /// Starts to serve.
    ///
    /// @throws IOException if it cannot listen on one of the addresses
    public NbdServer start() throws IOException {
      var server = new NbdServer(exports, Resources.within(limits, memory, readers));
      try {
        for (var address : addresses) {
          server.listeners.add(Listener.open(address));
        }
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
      server.listeners.forEach(listener -> listener.start(server::accept));
      return server;
    }
  }

  /// Where it listens, in the order asked for, with the ports that were chosen.
  public List<SocketAddress> addresses() {
    return listeners.stream().map(Listener::address).toList();
  }

  /// What happened since the start.
  public Statistics statistics() {
    var byName = new TreeMap<String, ExportStatistics>();
    counters.forEach((name, counts) -> byName.put(name, counts.statistics()));
    return new Statistics(
        connections.size(),
        accepted.sum(),
        refused.sum(),
        failedHandshakes.sum(),
        stalled.sum(),
        resources.budget().taken(),
        resources.pool().heldBytes(),
        byName);
  }

  /// Who has an export open now, in the order of their addresses. A client that is still
  /// negotiating is not among them.
  public List<Client> clients() {
    return connections.stream()
        .map(Connection::client)
        .flatMap(Optional::stream)
        .sorted(Comparator.comparing(Client::address))
        .toList();
  }

  /// One connection of a client.
  ///
  /// @param export what [Exports#open] answered for it
  /// @param address where it comes from, for people: `127.0.0.1:40312`, or `root over the Unix
  ///   socket`
  public record Client(Export export, String address) {}

  /// Stops gracefully: no new connections; requests in flight are finished and answered, new ones
  /// get ESHUTDOWN; then the connections close. What is not finished within [Limits#shutdown] is
  /// cut off. Returns when all connections are closed or cut off.
  @Override
  public void close() {
    synchronized (connections) {
      closed = true;
    }
    listeners.forEach(Listener::close);
    var timeout = resources.limits().shutdown();
    for (var connection : connections) {
      Thread.ofVirtual().start(() -> connection.drain(timeout));
    }
    if (!awaitNoConnections(timeout)) {
      LOG.log(Level.WARNING, "{0} connections are cut off", connections.size());
      connections.forEach(Connection::closeChannel);
    }
    resources.close();
  }

  Exports exports() {
    return exports;
  }

  ExportCounters counters(String exportName) {
    return counters.computeIfAbsent(exportName, _ -> new ExportCounters());
  }

  private void accept(SocketChannel channel) {
    accepted.increment();
    Connection connection;
    synchronized (connections) {
      if (closed || connections.size() >= resources.limits().connections()) {
        refuse(channel);
        return;
      }
      connection = new Connection(channel, this, resources);
      connections.add(connection);
    }
    resources.watch().add(connection);
    connection.start();
  }

  private void refuse(SocketChannel channel) {
    refused.increment();
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "Closing a refused connection failed", e);
    }
  }

  /// Called by a connection when it is closed.
  void ended(Connection connection, Connection.Outcome outcome) {
    switch (outcome) {
      case ENDED -> {}
      case FAILED_HANDSHAKE -> failedHandshakes.increment();
      case STALLED -> stalled.increment();
    }
    resources.watch().remove(connection);
    synchronized (connections) {
      connections.remove(connection);
      connections.notifyAll();
    }
  }

  private boolean awaitNoConnections(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (connections) {
      while (!connections.isEmpty()) {
        long millis = Math.ceilDiv(deadline - System.nanoTime(), 1_000_000L);
        if (millis <= 0) {
          return false;
        }
        try {
          connections.wait(millis);
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
          return false; // whoever closes is in a hurry
        }
      }
      return true;
    }
  }
}
