package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lumeo.block.StorageException;
import io.lumeo.cli.PoolFormat;
import io.lumeo.nbd.ExportInfo;
import io.lumeo.nbd.NbdClient;
import io.lumeo.rest.RunningServer;
import io.lumeo.rest.SnapshotRequest;
import io.lumeo.rest.VolumeChange;
import io.lumeo.rest.VolumeRequest;
import io.lumeo.rest.VolumeView;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Progress;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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

      var refusal =
          exports.undisturbed(
              "v",
              _ -> List.of(),
              () -> catchThrowableOfType(IOException.class, () -> exports.open("v")));

      assertThat(refusal)
          .isInstanceOf(StorageException.Busy.class)
          .hasMessage("'v' is being changed; connect again in a moment");
      exports.open("v").close();
      assertThat(exports.<String>undisturbed("v", _ -> List.of(), () -> "done")).isEqualTo("done");
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
      assertThat(volumes.mappedBytes()).containsEntry("vol0", 65536L);
    }
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
          .hasMessageContaining("127.0.0.1:" + tcp(first).getPort())
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
