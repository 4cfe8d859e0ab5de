package io.lumeo.server;

import io.lumeo.block.StorageException;
import io.lumeo.cli.Version;
import io.lumeo.nbd.ExportStatistics;
import io.lumeo.nbd.NbdServer;
import io.lumeo.rest.ExportView;
import io.lumeo.rest.LocalVolumes;
import io.lumeo.rest.RestServer;
import io.lumeo.rest.RunningServer;
import io.lumeo.rest.Token;
import io.lumeo.rest.VolumeService;
import io.lumeo.thin.PoolEvent;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// A pool with its doors open: NBD on a Unix socket and on TCP, REST on TCP.
///
/// Started in the order in which one part needs another, and closed in the opposite one: REST
/// first, so that nothing new is asked for; then NBD, which finishes what is in flight; then the
/// pool, which commits and gives up its locks.
public final class Server implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Server.class.getName());

  private final ServerOptions options;
  private final Volumes volumes;
  private final boolean madePool;
  private final NbdServer nbd;
  private final LocalVolumes service;
  private final RestServer rest;
  private final RunningServer self;

  /// Takes over a pool that is open; the caller closes it if this fails.
  private Server(ServerOptions options, Volumes volumes, boolean madePool) throws IOException {
    this.options = options;
    this.volumes = volumes;
    this.madePool = madePool;
    volumes.listen(Server::log);
    this.nbd = startNbd();
    this.service = new LocalVolumes(volumes, this::exports);
    try {
      var instance = UUID.randomUUID().toString();
      var token = Token.in(options.directory());
      this.rest = RestServer.start(service, token, options.rest(), instance, Version.current());
      this.self = describe(instance);
      self.write(options.directory());
    } catch (IOException e) {
      nbd.close();
      throw e;
    }
  }

  /// Opens or makes the pool and starts to serve it.
  ///
  /// @throws StorageException.Busy if the pool is open elsewhere or a port is taken
  public static Server start(ServerOptions options) throws IOException {
    options.check();
    var files = PoolFiles.in(options.directory());
    var isNew = Files.notExists(files.metadata()) && Files.notExists(files.data());
    var volumes = isNew ? create(options, files) : Volumes.open(files, null);
    try {
      return new Server(options, volumes, isNew);
    } catch (IOException | RuntimeException e) {
      try {
        volumes.close();
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private static Volumes create(ServerOptions options, PoolFiles files) throws IOException {
    Files.createDirectories(options.directory());
    var volumes = Volumes.create(files, options.format().format(files.data()));
    volumes.createVolume(options.firstVolume(), options.firstVolumeBytes(), Set.of(), null, null);
    return volumes;
  }

  private NbdServer startNbd() throws IOException {
    try {
      return NbdServer.builder(new PoolExports(volumes))
          .listen(UnixDomainSocketAddress.of(options.nbdSocket()))
          .listen(options.nbd())
          .start();
    } catch (IOException e) {
      if (!(e instanceof BindException) && !(e.getCause() instanceof BindException)) {
        throw e;
      }
      throw new StorageException.Busy(
          "NBD: %s; stop what listens there or choose another place with --nbd or --socket"
              .formatted(e.getMessage()));
    }
  }

  private RunningServer describe(String instance) {
    return new RunningServer(
        instance,
        ProcessHandle.current().pid(),
        restAddress().getAddress().getHostAddress(),
        restAddress().getPort(),
        nbdSocket().toString(),
        nbdAddress().getAddress().getHostAddress(),
        nbdAddress().getPort(),
        Version.current(),
        Instant.now());
  }

  private static void log(PoolEvent event) {
    switch (event) {
      case PoolEvent.DataLow(long free, long lowWater) ->
          LOG.log(
              Level.WARNING,
              "data is low: {0} blocks free, the low-water mark is {1}; extend the pool",
              free,
              lowWater);
      case PoolEvent.MetadataLow(long free, long lowWater) ->
          LOG.log(
              Level.WARNING,
              "metadata is low: {0} blocks free, the low-water mark is {1}; extend it",
              free,
              lowWater);
      case PoolEvent.ModeChanged(var from, var to, var reason) ->
          LOG.log(Level.WARNING, "the pool went from {0} to {1}: {2}", from, to, reason);
      case PoolEvent.DataExtended(long from, long to) ->
          LOG.log(Level.INFO, "data grew from {0} to {1} blocks", from, to);
      case PoolEvent.MetadataExtended(long from, long to) ->
          LOG.log(Level.INFO, "metadata grew from {0} to {1} blocks", from, to);
      case PoolEvent.ExtensionFailed(var reason) ->
          LOG.log(Level.ERROR, "the pool could not grow: {0}", reason);
    }
  }

  private List<ExportView> exports() {
    var statistics = nbd.statistics().exports();
    return volumes.list().stream()
        .filter(volume -> !volume.isSnapshot() || statistics.containsKey(volume.name()))
        .map(volume ->
            new ExportView(
                volume.name(),
                socketUri(volume.name()),
                tcpUri(volume.name()),
                volume.sizeBytes(),
                volume.isSnapshot(),
                connections(statistics.get(volume.name()))))
        .toList();
  }

  private static int connections(@org.jspecify.annotations.Nullable ExportStatistics statistics) {
    return statistics == null ? 0 : statistics.connections();
  }

  /// Where a volume can be reached over the Unix socket.
  public String socketUri(String volume) {
    return "nbd+unix:///%s?socket=%s".formatted(encode(volume), nbdSocket());
  }

  /// Where a volume can be reached over TCP.
  public String tcpUri(String volume) {
    return "nbd://%s:%d/%s"
        .formatted(
            nbdAddress().getAddress().getHostAddress(), nbdAddress().getPort(), encode(volume));
  }

  private static String encode(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// The directory it serves.
  public Path directory() {
    return options.directory();
  }

  /// Whether the pool was made by this start.
  public boolean madePool() {
    return madePool;
  }

  /// The pool, as the commands and resources see it.
  public VolumeService volumes() {
    return service;
  }

  /// Where NBD listens on a Unix socket.
  public Path nbdSocket() {
    return options.nbdSocket().toAbsolutePath();
  }

  /// Where NBD listens on TCP.
  public InetSocketAddress nbdAddress() {
    return nbd.addresses().stream()
        .filter(InetSocketAddress.class::isInstance)
        .map(InetSocketAddress.class::cast)
        .findFirst()
        .orElseThrow();
  }

  /// Where REST listens.
  public InetSocketAddress restAddress() {
    return rest.address();
  }

  /// Finishes what is under way, commits, and gives up the pool. What comes later is done even if
  /// something before it fails.
  @Override
  public void close() throws IOException {
    try (volumes;
        var _ = (java.io.Closeable) () -> self.remove(options.directory())) {
      // A write that waits for space would be waited for.
      volumes.refuseWaiting();
      rest.close();
      nbd.close();
    }
  }
}
