package io.lumeo.server;

import io.lumeo.block.StorageException;
import io.lumeo.cli.Version;
import io.lumeo.nbd.NbdServer;
import io.lumeo.nbd.SocketAddresses;
import io.lumeo.pools.ExportView;
import io.lumeo.pools.LocalVolumes;
import io.lumeo.pools.Serving;
import io.lumeo.pools.VolumeService;
import io.lumeo.rest.Records;
import io.lumeo.rest.RestServer;
import io.lumeo.rest.RunningServer;
import io.lumeo.rest.ServedFrom;
import io.lumeo.rest.Token;
import io.lumeo.thin.PoolEvent;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.ThinId;
import io.lumeo.thin.Volume;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// A pool with its doors open: NBD on a Unix socket and on TCP as wanted, REST on TCP.
///
/// Started in the order in which one part needs another, and closed in the opposite one: REST
/// first, so that nothing new is asked for; then NBD, which finishes what is in flight; then the
/// pool, which commits and gives up its locks.
public final class Server implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Server.class.getName());

  private final ServerOptions options;
  private final Volumes volumes;
  private final PoolExports exports;
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
    this.exports = new PoolExports(volumes);
    this.service = new LocalVolumes(volumes, new Doors());
    var instance = UUID.randomUUID().toString();
    this.nbd = startNbd();
    try {
      this.rest = startRest(instance);
    } catch (IOException | RuntimeException e) {
      nbd.close();
      throw e;
    }
    this.self = describe(instance);
    try {
      self.write(options.directory());
      noteElsewhere();
    } catch (IOException | RuntimeException e) {
      rest.close();
      nbd.close();
      throw e;
    }
  }

  /// Opens or makes the pool and starts to serve it.
  ///
  /// @throws StorageException.Busy if the pool is open elsewhere or a port is taken
  public static Server start(ServerOptions options) throws IOException {
    options.check();
    var files = options.files();
    var isNew = Files.notExists(files.metadata()) && Files.notExists(files.data());
    var volumes = isNew ? create(options) : open(options);
    try {
      if (isNew) {
        volumes.createVolume(
            options.firstVolume(), options.firstVolumeBytes(), Set.of(), null, null);
      }
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

  private static Volumes create(ServerOptions options) throws IOException {
    var files = options.files();
    if (options.format().isReadOnly()) {
      throw new StorageException.NotFound(
          "there is no pool in %s to be read; leave out --read-only to make one"
              .formatted(files.metadata().toAbsolutePath().getParent()));
    }
    Files.createDirectories(options.directory());
    return Volumes.create(files, options.format().format(files.data()));
  }

  private static Volumes open(ServerOptions options) throws IOException {
    Files.createDirectories(options.directory());
    return options.format().isReadOnly()
        ? Volumes.openReadOnly(options.files())
        : Volumes.open(options.files(), null);
  }

  private NbdServer startNbd() throws IOException {
    var builder = NbdServer.builder(exports);
    if (options.nbd().socket() != null) {
      builder.listen(UnixDomainSocketAddress.of(options.nbd().socket()));
    }
    if (options.nbd().address() != null) {
      builder.listen(options.nbd().address());
    }
    try {
      return builder.start();
    } catch (IOException e) {
      if (!(e instanceof BindException) && !(e.getCause() instanceof BindException)) {
        throw e;
      }
      throw new StorageException.Busy(
          "NBD: %s; stop what listens there or choose another place with --nbd or --socket"
              .formatted(e.getMessage()));
    }
  }

  private RestServer startRest(String instance) throws IOException {
    var token = Token.in(options.directory());
    return RestServer.start(service, token, options.rest(), instance, Version.current());
  }

  private RunningServer describe(String instance) {
    var socket = nbdSocket();
    var tcp = nbdAddress();
    return new RunningServer(
        instance,
        ProcessHandle.current().pid(),
        restAddress().getAddress().getHostAddress(),
        restAddress().getPort(),
        socket.map(Path::toString).orElse(null),
        tcp.map(address -> address.getAddress().getHostAddress()).orElse(null),
        tcp.map(InetSocketAddress::getPort).orElse(null),
        Version.current(),
        Instant.now());
  }

  private boolean isPoolElsewhere() {
    return !options.files().equals(PoolFiles.in(options.directory()));
  }

  /// Without the note, who names the pool by its files is told less; it is served all the same.
  private void noteElsewhere() {
    if (!isPoolElsewhere()) {
      return;
    }
    try {
      ServedFrom.write(options.files(), options.directory(), self);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "no note can be left beside the pool''s files: {0}", e.toString());
    }
  }

  private void removeNote() throws IOException {
    if (isPoolElsewhere()) {
      ServedFrom.remove(options.files());
    }
  }

  private static void log(PoolEvent event) {
    switch (event) {
      case PoolEvent.DataLow(long free, long lowWater) ->
          LOG.log(
              Level.WARNING,
              "data is low: {0} blocks free, the low-water mark is {1}; extend the pool",
              free,
              lowWater);
      case PoolEvent.MetadataLow(long left, long lowWater) ->
          LOG.log(
              Level.WARNING,
              "metadata is low: {0} blocks left for changes, the low-water mark is {1}; extend it",
              left,
              lowWater);
      case PoolEvent.ModeChanged(var from, var to, var reason) ->
          LOG.log(
              Level.WARNING,
              "the pool went from {0} to {1}: {2}",
              Records.word(from),
              Records.word(to),
              reason);
      case PoolEvent.DataExtended(long from, long to) ->
          LOG.log(Level.INFO, "data grew from {0} to {1} blocks", from, to);
      case PoolEvent.MetadataExtended(long from, long to) ->
          LOG.log(Level.INFO, "metadata grew from {0} to {1} blocks", from, to);
      case PoolEvent.ExtensionFailed(var reason) ->
          LOG.log(Level.ERROR, "the pool could not grow: {0}", reason);
    }
  }

  /// What is served to whom, as the resources and commands see it.
  private final class Doors implements Serving {
    @Override
    public List<ExportView> exports() {
      var clients = clients();
      return volumes.list().stream()
          .filter(volume -> !volume.isSnapshot() || clients.containsKey(volume.id()))
          .map(volume -> view(volume, clients.getOrDefault(volume.id(), List.of())))
          .toList();
    }

    @Override
    public <T> T undisturbed(Volume volume, Change<T> change) throws IOException {
      return exports.undisturbed(volume, id -> clients().getOrDefault(id, List.of()), change);
    }
  }

  /// Who has which device open.
  private Map<ThinId, List<String>> clients() {
    return nbd.clients().stream()
        .collect(
            Collectors.groupingBy(
                client -> ((PoolExports.VolumeExport) client.export()).id(),
                Collectors.mapping(NbdServer.Client::address, Collectors.toList())));
  }

  private ExportView view(Volume volume, List<String> clients) {
    return new ExportView(
        volume.name(),
        socketUri(volume.name()).orElse(null),
        tcpUri(volume.name()).orElse(null),
        volume.sizeBytes(),
        volume.isSnapshot() || volumes.options().readOnly(),
        clients.size(),
        clients);
  }

  /// Where a volume can be reached over the Unix socket, if there is one.
  public Optional<String> socketUri(String volume) {
    return nbdSocket().map(socket -> "nbd+unix:///%s?socket=%s".formatted(encode(volume), socket));
  }

  /// Where a volume can be reached over TCP, if it can.
  public Optional<String> tcpUri(String volume) {
    return nbdAddress()
        .map(address -> "nbd://%s/%s".formatted(SocketAddresses.toText(address), encode(volume)));
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

  /// Where its pool lies.
  public PoolFiles files() {
    return options.files();
  }

  /// Where NBD listens on a Unix socket, if it does.
  public Optional<Path> nbdSocket() {
    return Optional.ofNullable(options.nbd().socket()).map(Path::toAbsolutePath);
  }

  /// Where NBD listens on TCP, if it does.
  public Optional<InetSocketAddress> nbdAddress() {
    return nbd.addresses().stream()
        .filter(InetSocketAddress.class::isInstance)
        .map(InetSocketAddress.class::cast)
        .findFirst();
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
        var _ = (java.io.Closeable) this::removeNote;
        var _ = (java.io.Closeable) () -> self.remove(options.directory())) {
      // A write that waits for space would be waited for.
      volumes.refuseWaiting();
      rest.close();
      nbd.close();
    }
  }
}
