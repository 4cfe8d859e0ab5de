package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.lumeo.block.StorageException;
import io.lumeo.cli.PoolFormat;
import io.lumeo.nbd.Export;
import io.lumeo.nbd.ExportInfo;
import io.lumeo.nbd.NbdClient;
import io.lumeo.pools.ExportView;
import io.lumeo.pools.LocalVolumes;
import io.lumeo.pools.Serving;
import io.lumeo.pools.SnapshotRequest;
import io.lumeo.pools.VolumeChange;
import io.lumeo.pools.VolumeRequest;
import io.lumeo.pools.VolumeView;
import io.lumeo.rest.RunningServer;
import io.lumeo.rest.ServedFrom;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolMode;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Progress;
import io.lumeo.thin.Volume;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(60)
class ServerTest {
  private static final Volumes.Format FORMAT =
      new Volumes.Format(64 << 10, 16 << 20, 0, PoolOptions.DEFAULT);

  @TempDir Path directory;

  private Server start() throws IOException {
    return Server.start(ServerOptions.onFreePorts(directory));
  }

  private static NbdClient connect(Server server, String volume) throws IOException {
    return NbdClient.connect(socket(server), volume);
  }

  private static UnixDomainSocketAddress socket(Server server) {
    return UnixDomainSocketAddress.of(server.nbdSocket().orElseThrow());
  }

  private static InetSocketAddress tcp(Server server) {
    return server.nbdAddress().orElseThrow();
  }

  private static void write(Server server, String volume, int value) throws IOException {
    try (var client = connect(server, volume);
        var arena = Arena.ofConfined()) {
      client.write(0, arena.allocate(65536).fill((byte) value));
      client.flush();
    }
  }

  private static int read(Server server, String volume) throws IOException {
    try (var client = connect(server, volume);
        var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(65536);
      client.read(0, buffer);
      return buffer.get(ValueLayout.JAVA_BYTE, 65535);
    }
  }

  @Test
  void aNewPoolBeginsWithAVolumeThatIsThereAgain() throws Exception {
    try (var server = start()) {
      assertThat(server.madePool()).isTrue();
      assertThat(server.volumes().list()).extracting(VolumeView::name).containsExactly("vol0");
      assertThat(server.volumes().get("vol0").sizeBytes()).isEqualTo(10L << 30);
      write(server, "vol0", 7);
    }
    try (var server = start()) {
      assertThat(server.madePool()).isFalse();
      assertThat(read(server, "vol0")).isEqualTo(7);
    }
  }

  @Test
  void theSameIsServedOnBothSockets() throws Exception {
    try (var server = start()) {
      assertThat(NbdClient.list(tcp(server)))
          .isEqualTo(NbdClient.list(socket(server)))
          .extracting(ExportInfo::name)
          .containsExactly("vol0");
    }
  }

  @Test
  void aVolumeMadeWhileItRunsIsExportedAtOnce() throws Exception {
    try (var server = start()) {
      server.volumes().create(VolumeRequest.empty("more", 1 << 20));

      assertThat(read(server, "more")).isZero();
      assertThat(server.volumes().exports()).hasSize(2);
    }
  }

  @Test
  void aSnapshotIsServedReadOnlyToThoseWhoNameIt() throws Exception {
    try (var server = start()) {
      write(server, "vol0", 1);
      server.volumes().snapshot(List.of(new SnapshotRequest("s", "vol0", List.of())));
      write(server, "vol0", 2);

      assertThat(NbdClient.list(tcp(server))).extracting(ExportInfo::name).containsExactly("vol0");
      assertThat(read(server, "s")).isEqualTo(1);
      try (var client = connect(server, "s")) {
        assertThat(client.isReadOnly()).isTrue();
      }
    }
  }

  @Test
  void theOnlyVolumeIsTheDefault() throws Exception {
    try (var server = start()) {
      assertThat(connectAndClose(server, "")).isEqualTo(10L << 30);
      server.volumes().create(VolumeRequest.empty("more", 1 << 20));
      assertThatThrownBy(() -> connectAndClose(server, ""))
          .hasMessageContaining("there are 2 volumes and no default");
    }
  }

  private static long connectAndClose(Server server, String volume) throws IOException {
    try (var client = connect(server, volume)) {
      return client.sizeBytes();
    }
  }

  @Test
  void aVolumeWithClientsIsNotDeleted() throws Exception {
    try (var server = start()) {
      try (var client = connect(server, "vol0")) {
        client.flush(); // answered, so the server has counted the connection
        assertThat(server.volumes().exports().getFirst().connectionCount()).isEqualTo(1);
        assertThatThrownBy(() -> server.volumes().delete("vol0", Progress.NONE))
            .isInstanceOf(StorageException.Busy.class);
      }
    }
    try (var server = start()) {
      server.volumes().delete("vol0", Progress.NONE);
      assertThatThrownBy(() -> connectAndClose(server, "vol0")).hasMessageContaining("vol0");
    }
  }

  @Test
  void aVolumeWithClientsIsNeitherRolledBackNorCutShort() throws Exception {
    try (var server = start()) {
      write(server, "vol0", 1);
      server.volumes().snapshot(List.of(new SnapshotRequest("s", "vol0", List.of())));
      write(server, "vol0", 2);
      try (var client = NbdClient.connect(tcp(server), "vol0");
          var byDefault = connect(server, "vol0")) {
        client.flush(); // answered, so the server has counted the connection
        byDefault.flush();
        assertBusy(() -> server.volumes().rollback("vol0", "s", Progress.NONE));
        assertBusy(() -> server.volumes().change("vol0", VolumeChange.size(1 << 20)));
        server.volumes().change("vol0", VolumeChange.size(11L << 30));
        assertThat(server.volumes().exports().getFirst().clients())
            .hasSize(2)
            .anyMatch(address -> address.startsWith("127.0.0.1:"));
      }
      assertThat(read(server, "vol0")).isEqualTo(2);
      server.volumes().rollback("vol0", "s", Progress.NONE);
      assertThat(read(server, "vol0")).isEqualTo(1);
    }
  }

  private static void assertBusy(ThrowingCallable change) {
    assertThatThrownBy(change)
        .isInstanceOf(StorageException.Busy.class)
        .hasMessageContaining("'vol0' is in use by 127.0.0.1:")
        .hasMessageContaining(System.getProperty("user.name") + " over the Unix socket")
        .hasMessageEndingWith("; disconnect (or unmount) and try again");
  }

  @Test
  void nobodyConnectsToAVolumeWhileItIsChanged() throws Exception {
    try (var volumes = Volumes.create(PoolFiles.in(directory), FORMAT)) {
      volumes.createVolume("v", 1 << 20, Set.of(), null, null);
      var exports = new PoolExports(volumes);

      var volume = volumes.get("v");
      var refusal =
          exports.undisturbed(
              volume,
              _ -> List.of(),
              () -> catchThrowableOfType(IOException.class, () -> exports.open("v")));

      assertThat(refusal)
          .isInstanceOf(StorageException.Busy.class)
          .hasMessage("'v' is being changed; connect again in a moment");
      exports.open("v").close();
      assertThat(exports.<String>undisturbed(volume, _ -> List.of(), () -> "done"))
          .isEqualTo("done");
    }
  }

  @Test
  void whoConnectsGetsTheVolumeThatHadTheNameWhateverIsRenamedMeanwhile() throws Exception {
    try (var volumes = Volumes.create(PoolFiles.in(directory), FORMAT)) {
      volumes.createVolume("v", 1 << 20, Set.of(), null, null);
      volumes.createVolume("other", 2 << 20, Set.of(), null, null);
      var exports = new PoolExports(volumes);
      var opened = new CompletableFuture<Export>();
      synchronized (exports) { // where it is counted who has a volume open
        var connecting =
            Thread.ofPlatform()
                .start(
                    () -> opened.completeAsync(() -> openUnchecked(exports, "v"), Runnable::run));
        while (connecting.getState() != Thread.State.BLOCKED) {
          Thread.onSpinWait();
        }
        volumes.rename("v", "old");
        volumes.rename("other", "v");
      }
      try (var export = opened.get()) {
        assertThat(export.device().sizeBytes()).isEqualTo(1 << 20);
        assertThatThrownBy(() ->
                exports.undisturbed(volumes.get("old"), _ -> List.of("a client"), () -> "deleted"))
            .isInstanceOf(StorageException.Busy.class);
      }
    }
  }

  private static Export openUnchecked(PoolExports exports, String name) {
    try {
      return exports.open(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aChangeActsOnTheVolumeThatHadTheNameWhateverIsRenamedMeanwhile() throws Exception {
    var volumes = Volumes.create(PoolFiles.in(directory), FORMAT);
    try (var service = new LocalVolumes(volumes, new RenamingServing(volumes))) {
      service.create(VolumeRequest.empty("v", 1 << 20));
      service.create(VolumeRequest.empty("other", 4 << 20));
      service.snapshot(List.of(new SnapshotRequest("s", "v", List.of())));

      service.change("v", VolumeChange.size(512 << 10));
      assertThat(service.get("v-renamed").sizeBytes()).isEqualTo(512 << 10);
      service.rollback("v-renamed", "s", Progress.NONE);
      assertThat(service.get("v-renamed-renamed").sizeBytes()).isEqualTo(1 << 20);
      service.delete("v-renamed-renamed", Progress.NONE);
      assertThat(service.list())
          .filteredOn(volume -> !volume.isSnapshot())
          .extracting(VolumeView::name, VolumeView::sizeBytes)
          .containsExactly(tuple("v-renamed-renamed", 4L << 20));
    }
  }

  /// Gives the volume's name to another one just before it is changed.
  private record RenamingServing(Volumes volumes) implements Serving {
    @Override
    public List<ExportView> exports() {
      return List.of();
    }

    @Override
    public <T> T undisturbed(Volume volume, Change<T> change) throws IOException {
      var other =
          volumes.list().stream()
              .filter(each -> !each.isSnapshot() && !each.id().equals(volume.id()))
              .findFirst()
              .orElseThrow();
      volumes.rename(volume.name(), volume.name() + "-renamed");
      volumes.rename(other.name(), volume.name());
      return change.make();
    }
  }

  @Test
  void aPoolOfTwoFilesIsServedFromADirectory(@TempDir Path elsewhere) throws Exception {
    var files = PoolFiles.of(elsewhere.resolve("m"), elsewhere.resolve("d"));
    try (var server = Server.start(options(files, new PoolFormat()))) {
      write(server, "vol0", 3);
      assertThat(new Welcome(server, directory, "lumeo").text())
          .contains(" in " + files.metadata() + " and " + files.data() + ".");
      assertThat(RunningServer.find(directory)).isPresent();
    }
    assertThat(directory.resolve("pool.meta")).doesNotExist();
    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.details().get("vol0").mappedBlocks()).isOne();
    }
    assertThat(elsewhere).isDirectoryNotContaining("glob:**.served");
  }

  @Test
  void whoNamesAServedPoolByItsFilesIsToldItsDirectory(@TempDir Path elsewhere) throws Exception {
    var files = PoolFiles.of(elsewhere.resolve("m"), elsewhere.resolve("d"));
    var commands = List.of("volume list", "pool check", "pool dump", "volume create v 1G");
    try (var _ = Server.start(options(files, new PoolFormat()))) {
      for (var command : commands) {
        assertToldTheDirectory(command, files);
      }
    }
    try (var _ = start()) {
      assertToldTheDirectory("volume list", PoolFiles.in(directory));
    }
    assertThat(LumeoProcess.run(named("volume list", files)).output()).contains("vol0");
  }

  /// As a server that was killed leaves it, whose directory has another pool's server by now.
  @Test
  void anOldNoteSendsNobodyToAnotherPool(@TempDir Path elsewhere) throws Exception {
    var files = PoolFiles.of(elsewhere.resolve("m"), elsewhere.resolve("d"));
    var note = elsewhere.resolve("m.catalogue.served");
    byte[] left;
    try (var _ = Server.start(options(files, new PoolFormat()))) {
      left = Files.readAllBytes(note);
    }
    try (var _ = start()) {
      for (var content : List.of(left, new byte[0], new byte[left.length])) {
        Files.write(note, content);
        assertThat(ServedFrom.find(files)).isEmpty();
      }
    }
  }

  private void assertToldTheDirectory(String command, PoolFiles files) throws Exception {
    var outcome = LumeoProcess.run(named(command, files));
    assertThat(outcome.output())
        .as(command)
        .isEqualTo(
            "lumeo: the pool in %s and %s is served from %s; name it with --dir %s in place of its files%n"
                .formatted(files.metadata(), files.data(), directory, directory));
    assertThat(outcome.exitCode()).isEqualTo(5);
  }

  private static String[] named(String command, PoolFiles files) {
    return "%s --meta %s --data %s --catalogue %s"
        .formatted(command, files.metadata(), files.data(), files.catalogue())
        .split(" ");
  }

  @Test
  void aPoolServedReadOnlyTakesNoWritesAndIsAsItWas() throws Exception {
    start().close();
    try (var server = Server.start(options(PoolFiles.in(directory), readOnly()));
        var client = connect(server, "vol0")) {
      assertThat(client.isReadOnly()).isTrue();
      assertThat(server.volumes().pool().readOnly()).isTrue();
      assertThatThrownBy(() -> server.volumes().create(VolumeRequest.empty("v", 1 << 20)))
          .isInstanceOf(StorageException.ReadOnly.class);
      assertThat(new Welcome(server, directory, "lumeo").text()).contains("served read-only");
    }
    try (var server = start()) {
      assertThat(server.volumes().pool().readOnly()).isFalse();
      write(server, "vol0", 1);
    }
  }

  @Test
  void thereIsNothingToReadWhereThereIsNoPool() {
    assertThatThrownBy(() -> Server.start(options(PoolFiles.in(directory), readOnly())))
        .isInstanceOf(StorageException.NotFound.class)
        .hasMessageContaining("leave out --read-only to make one");
    assertThat(directory).isEmptyDirectory();
  }

  private static PoolFormat readOnly() {
    return CommandLine.populateCommand(new PoolFormat(), "--read-only");
  }

  private ServerOptions options(PoolFiles files, PoolFormat format) {
    var free = ServerOptions.onFreePorts(directory);
    return new ServerOptions(directory, files, format, "vol0", 1 << 20, free.nbd(), free.rest());
  }

  /// A file system without permissions is a failure that nobody foresaw.
  @Test
  void whatFailsUnforeseenLeavesNoDoorOpen(@TempDir Path elsewhere) throws Exception {
    var socket = elsewhere.resolve("s");
    try (var archive =
        FileSystems.newFileSystem(elsewhere.resolve("a.zip"), Map.of("create", "true"))) {
      Files.createFile(archive.getPath("/token"));
      assertThatThrownBy(() -> Server.start(in(archive.getPath("/"), socket, freePort())))
          .isInstanceOf(UnsupportedOperationException.class);
    }
    assertThat(socket).doesNotExist();
    Volumes.open(PoolFiles.in(directory), null).close();
  }

  @Test
  void aServerThatCannotBeFoundLeavesNoDoorOpen(@TempDir Path elsewhere) throws Exception {
    var socket = elsewhere.resolve("s");
    Files.createDirectory(directory.resolve("server.json.new"));
    var rest = freePort();

    assertThatThrownBy(() -> Server.start(in(directory, socket, rest)))
        .isInstanceOf(IOException.class);

    assertThat(socket).doesNotExist();
    try (var again = new ServerSocket()) {
      again.bind(rest);
    }
    Volumes.open(PoolFiles.in(directory), null).close();
  }

  private static InetSocketAddress freePort() throws IOException {
    try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) probe.getLocalSocketAddress();
    }
  }

  /// Serves the pool of the test's directory, with token and description elsewhere.
  private ServerOptions in(Path served, Path socket, InetSocketAddress rest) {
    return new ServerOptions(
        served,
        PoolFiles.in(directory),
        new PoolFormat(),
        "vol0",
        1 << 20,
        new NbdDoors(socket, null),
        rest);
  }

  @Test
  void anAddressOfVersionSixIsGivenBackAsPeopleWriteIt() throws Exception {
    var free = ServerOptions.address("[::1]:0");
    try (var server = Server.start(options(directory, free, free))) {
      assertThat(server.tcpUri("vol0").orElseThrow())
          .isEqualTo("nbd://[::1]:%d/vol0".formatted(tcp(server).getPort()));
      assertThat(new Welcome(server, directory, "lumeo").text())
          .contains("REST   http://[::1]:%d/api/v1/".formatted(server.restAddress().getPort()));
      assertThat(RunningServer.find(directory)).isPresent();
    }
  }

  @ParameterizedTest
  @CsvSource({"none, false, false", "unix, true, false", "0, true, true"})
  void nbdIsLetInWhereItIsWanted(String where, boolean unix, boolean tcp) throws Exception {
    var free = ServerOptions.onFreePorts(directory);
    var options =
        new ServerOptions(
            directory,
            free.files(),
            free.format(),
            "vol0",
            1 << 20,
            NbdDoors.of(where, directory.resolve("nbd.sock")),
            free.rest());
    try (var server = Server.start(options)) {
      assertThat(server.nbdSocket().isPresent()).isEqualTo(unix);
      assertThat(server.nbdAddress().isPresent()).isEqualTo(tcp);
      assertThat(Files.exists(directory.resolve("nbd.sock"))).isEqualTo(unix);
      var export = server.volumes().exports().getFirst();
      assertThat(export.uri() != null).isEqualTo(unix);
      assertThat(export.tcpUri() != null).isEqualTo(tcp);
      var text = new Welcome(server, directory, "lumeo").text();
      assertThat(text.contains("every user of this machine can use it")).isEqualTo(tcp);
      assertThat(text.contains("volume mount")).isEqualTo(unix);
      assertThat(text.contains("NBD    not served (--nbd none)")).isEqualTo(!unix && !tcp);
      var running = RunningServer.find(directory).orElseThrow();
      assertThat(running.nbdSocket() != null).isEqualTo(unix);
      assertThat(running.nbdPort() != null).isEqualTo(tcp);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vol0, 0, --volume-size",
    "vol0, 513, --volume-size",
    "a/b, 512, is not a volume name"
  })
  void aFirstVolumeThatCannotBeIsRefusedBeforeThereIsAPool(
      String name, long sizeBytes, String message) {
    var free = ServerOptions.onFreePorts(directory);
    assertThatThrownBy(() ->
            Server.start(
                new ServerOptions(
                    directory,
                    free.files(),
                    free.format(),
                    name,
                    sizeBytes,
                    free.nbd(),
                    free.rest())))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining(message);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aSecondServerOfAPoolIsToldOfTheFirst() throws Exception {
    try (var _ = start()) {
      assertThatThrownBy(this::start)
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
      assertThat(RunningServer.find(directory)).isPresent();
    }
  }

  @Test
  void aTakenPortIsSaidAndThePoolIsLetGo(@TempDir Path other) throws Exception {
    try (var first = start()) {
      var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      assertThatThrownBy(() -> Server.start(options(other, tcp(first), free)))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageStartingWith("NBD: Cannot listen on 127.0.0.1:%d: ", tcp(first).getPort())
          .hasMessageEndingWith("choose another place with --nbd or --socket");
      assertThatThrownBy(() -> Server.start(options(other, free, first.restAddress())))
          .isInstanceOf(StorageException.Busy.class)
          .hasMessageContaining("REST cannot listen on 127.0.0.1:");
      assertThat(other.resolve("server.json")).doesNotExist();
      Volumes.open(PoolFiles.in(other), null).close();
    }
  }

  private static ServerOptions options(
      Path directory, InetSocketAddress nbd, InetSocketAddress rest) {
    return new ServerOptions(
        directory,
        PoolFiles.in(directory),
        new PoolFormat(),
        "vol0",
        1 << 20,
        new NbdDoors(directory.resolve("s"), nbd),
        rest);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          0.0.0.0:9000    | is not served on 0.0.0.0: beyond this machine
          [::]:9000       | beyond this machine
          192.0.2.1:9000  | is not served on 192.0.2.1
          127.0.0.1:70000 | is not an address; write it as
          nonsense        | is not an address; write it as
          127.0.0.1:      | is not an address; write it as
          no.such.host.invalid:1 | the host is not known
          """)
  void onlyAddressesOfThisMachineAreServed(String text, String message) {
    assertThatThrownBy(
            () -> {
              var address = ServerOptions.address(text);
              options(directory, address, address).check();
            })
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(message);
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"9000", "127.0.0.1:9000", "localhost:9000", "[::1]:9000"})
  void addressesAreReadAsPeopleWriteThem(String text) throws Exception {
    var address = ServerOptions.address(text);

    assertThat(address.getPort()).isEqualTo(9000);
    options(directory, address, address).check();
  }

  @Test
  void aSocketPathThatDoesNotFitIsRefused() {
    var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var options = options(directory.resolve("d".repeat(120)), free, free);

    assertThatThrownBy(() -> Server.start(options))
        .isInstanceOf(StorageException.InvalidArgument.class)
        .hasMessageContaining("longer than 107 bytes; choose a shorter one with --socket");
  }

  /// With the time-out of 0 it would wait for ever.
  @Test
  void aWriteThatWaitsForSpaceDoesNotKeepItFromStopping() throws Exception {
    var files = PoolFiles.in(directory);
    var patient = PoolOptions.DEFAULT.withNoSpaceTimeout(Duration.ZERO);
    try (var volumes = Volumes.create(files, new Volumes.Format(64 << 10, 4 << 20, 0, patient))) {
      volumes.createVolume("vol0", 8 << 20, Set.of(), null, null);
    }
    var server = start();
    try (var client = connect(server, "vol0");
        var waiting = connect(server, "vol0");
        var arena = Arena.ofShared()) {
      client.write(0, arena.allocate(4 << 20).fill((byte) 7));
      client.flush();
      var block = arena.allocate(65536).fill((byte) 8);
      var write = CompletableFuture.runAsync(unchecked(() -> waiting.write(4 << 20, block)));
      while (server.volumes().pool().mode() != PoolMode.OUT_OF_DATA_SPACE) {
        Thread.onSpinWait();
      }
      assertThat(write).isNotDone();

      server.close();

      assertThat(write)
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableThat()
          .havingRootCause()
          .isInstanceOf(StorageException.OutOfSpace.class);
    } finally {
      server.close();
    }
    assertThat(Volumes.check(files, Progress.NONE).isSound()).isTrue();
    try (var again = start()) {
      assertThat(read(again, "vol0")).isEqualTo(7);
    }
  }

  private interface Request {
    void send() throws IOException;
  }

  private static Runnable unchecked(Request request) {
    return () -> {
      try {
        request.send();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  @Test
  void nothingOfTheServerStaysBehind() throws Exception {
    start().close();

    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("pool.meta", "pool.data", "pool.catalogue", "token");
    }
  }

  @Test
  void theWelcomeHasCommandsThatCanBeCopied() throws Exception {
    try (var server = start()) {
      var text = new Welcome(server, directory, "bin/lumeo").text();

      assertThat(text)
          .contains("Made a pool of ")
          .contains("nbdinfo '" + server.socketUri("vol0").orElseThrow() + "'")
          .contains("bin/lumeo snapshot create vol0 before --dir " + directory)
          .contains("http://127.0.0.1:" + server.restAddress().getPort() + "/api/v1/volumes");
    }
  }
}
