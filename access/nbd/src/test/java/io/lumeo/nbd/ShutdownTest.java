package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.nbd.RawClient.SimpleReply;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShutdownTest {
  private final GatedDevice device = new GatedDevice(new MemoryDevice(ServerFixture.SIZE));

  @Test
  void whatIsInFlightIsFinishedAndWhatComesIsRefused() throws Exception {
    var server = ServerFixture.of(device);
    try (var client = server.simple()) {
      client.write(0, 1, 0, new byte[] {1, 2, 3});
      client.request(Command.FLUSH, 0, 2, 0, 0);
      device.awaitWaiting(2);
      var closing = Thread.ofVirtual().start(server::close);
      assertThat(firstErrorOfAReadAsked(client)).isEqualTo(NbdError.ESHUTDOWN.code());
      device.release(2);
      Set<SimpleReply> finished = new HashSet<>();
      finished.add(client.simpleReply());
      finished.add(client.simpleReply());
      assertThat(finished).containsExactlyInAnyOrder(new SimpleReply(0, 1), new SimpleReply(0, 2));
      client.assertHungUp();
      closing.join();
    }
    assertThat(server.exports.openCount()).isZero();
  }

  /// Asks until the server has noticed that it closes.
  private static int firstErrorOfAReadAsked(RawClient client) throws IOException {
    while (true) {
      client.request(Command.READ, 0, 3, 8192, 1);
      int error = client.simpleReply().error();
      if (error != 0) {
        return error;
      }
      client.receive(1);
    }
  }

  @Test
  void anIdleConnectionIsClosedAtOnce() throws IOException {
    var server = ServerFixture.of(device);
    try (var client = server.simple();
        var negotiating = RawClient.greeted(server.address())) {
      server.close();
      client.assertHungUp();
      negotiating.assertHungUp();
    }
    assertThat(server.server.statistics().connections()).isZero();
  }

  @Test
  void nobodyConnectsAfterwards() throws IOException {
    var server = ServerFixture.of(device);
    server.close();
    // Refused, or, when the kernel had it in the queue of a socket that is going, hung up on.
    assertThatThrownBy(server::simple).isInstanceOf(IOException.class);
  }

  @Test
  void closingTwiceIsAllowed() throws IOException {
    var server = ServerFixture.of(device);
    server.close();
    server.close();
  }

  @Test
  void whatDoesNotFinishInTimeIsCutOff() throws Exception {
    var limits = Limits.DEFAULT.withShutdown(Duration.ofMillis(50));
    var server = ServerFixture.of(device, limits);
    try (var client = server.simple()) {
      client.request(Command.FLUSH, 0, 2, 0, 0);
      device.awaitWaiting(1);
      server.close();
      client.assertHungUp();
    } finally {
      device.release(1);
    }
  }

  @Test
  void anInterruptEndsTheWaitForConnections() throws Exception {
    var server = ServerFixture.of(device);
    try (var client = server.simple()) {
      client.request(Command.FLUSH, 0, 2, 0, 0);
      device.awaitWaiting(1);
      Thread.currentThread().interrupt();
      server.close();
      assertThat(Thread.interrupted()).isTrue();
      client.assertHungUp();
    } finally {
      device.release(1);
    }
  }

  @Test
  void aSocketLeftBehindIsReplacedAndOneInUseIsNot(@TempDir Path directory) throws IOException {
    var path = directory.resolve("nbd.sock");
    var address = UnixDomainSocketAddress.of(path);
    var exports = TestExports.of("disk", device);
    try (var dead =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      dead.bind(address);
    }
    assertThat(path).exists();
    try (var first = NbdServer.builder(exports).listen(address).start()) {
      assertThat(first.addresses()).hasSize(1);
      var second = NbdServer.builder(exports).listen(address);
      assertThatThrownBy(second::start).isInstanceOf(StorageException.Busy.class);
      try (var client = RawClient.simple(address, "disk")) {
        client.request(Command.READ, 0, 1, 8192, 1);
        assertThat(client.simpleReply().error()).isZero();
      }
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void aFileInTheWayIsNotReplaced(@TempDir Path directory) throws IOException {
    var path = Files.createFile(directory.resolve("precious"));
    var builder =
        NbdServer.builder(TestExports.of("disk", device)).listen(UnixDomainSocketAddress.of(path));
    assertThatThrownBy(builder::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Cannot listen on");
    assertThat(path).exists();
  }
}
