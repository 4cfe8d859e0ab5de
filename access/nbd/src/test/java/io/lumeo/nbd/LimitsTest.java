package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.nbd.RawClient.SimpleReply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LimitsTest {
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final int MIB = 1 << 20;

  @Test
  void aConnectionTooManyIsClosed() throws IOException {
    var limits = Limits.DEFAULT.withConnections(2);
    try (var server = ServerFixture.of(new MemoryDevice(4096), limits);
        var first = server.simple();
        var second = RawClient.greeted(server.address())) {
      try (var third = new RawClient(server.address())) {
        third.assertHungUp();
      }
      second.go("disk");
      first.request(Command.FLUSH, 0, 1, 0, 0);
      assertThat(first.simpleReply().error()).isZero();
      server.await(statistics -> statistics.refused() == 1);
    }
  }

  @Test
  void aClientThatLeavesAPayloadUnfinishedIsDropped() throws IOException {
    var limits = Limits.DEFAULT.withStall(SHORT);
    try (var server = ServerFixture.of(new MemoryDevice(8 * MIB), limits)) {
      for (int sent : new int[] {0, 100}) {
        for (int announced : new int[] {4096, 4 * MIB}) {
          try (var client = server.simple()) {
            client.request(1, 0, 1, 0, announced, new byte[sent]);
            client.assertHungUp();
          }
        }
      }
      try (var client = server.simple()) {
        client.send(ByteBuffer.allocate(3).put(new byte[3])); // not even a header
        client.assertHungUp();
      }
      server.await(statistics -> statistics.stalled() == 5);
      assertThat(server.server.statistics().bytesInFlight()).isZero();
    }
  }

  @Test
  void aClientThatDoesNotTakeItsRepliesIsDropped() throws IOException {
    var limits = Limits.DEFAULT.withStall(SHORT);
    try (var server = ServerFixture.of(new MemoryDevice(32 * MIB), limits);
        var greedy = server.simple()) {
      for (int i = 0; i < 4; i++) {
        greedy.request(Command.READ, 0, i, 0, 32 * MIB);
      }
      assertThatThrownBy(() -> receiveLate(server, greedy, 4L * 32 * MIB))
          .isInstanceOf(IOException.class);
      assertThat(server.server.statistics().stalled()).isEqualTo(1);
    }
  }

  /// Takes nothing until the server has lost its patience.
  private static void receiveLate(ServerFixture server, RawClient client, long bytes)
      throws IOException {
    server.await(statistics -> statistics.connections() == 0);
    for (long left = bytes; left > 0; left -= MIB) {
      client.receive(MIB);
    }
  }

  @Test
  void noMoreRequestsAreReadThanMayBeInFlight() throws Exception {
    var device = new GatedDevice(new MemoryDevice(ServerFixture.SIZE));
    var limits = Limits.DEFAULT.withInFlight(4, 64 * MIB, 128L * MIB);
    try (var server = ServerFixture.of(device, limits);
        var client = server.simple();
        var other = server.simple()) {
      for (int i = 0; i < 10; i++) {
        client.request(Command.READ, 0, i, 0, 1);
      }
      device.awaitWaiting(4);
      other.request(Command.READ, 0, 1, 8192, 1);
      assertThat(other.simpleReply()).as("others are served").isEqualTo(new SimpleReply(0, 1));
      device.release(10);
      Set<Long> cookies = new HashSet<>();
      for (int i = 0; i < 10; i++) {
        cookies.add(client.simpleReply().cookie());
        client.receive(1);
      }
      assertThat(cookies).hasSize(10);
    }
  }

  @Test
  void writesInPlaceKeepToTheLimitToo() throws Exception {
    var device = new GatedDevice(new MemoryDevice(ServerFixture.SIZE));
    var limits = Limits.DEFAULT.withInFlight(2, 64 * MIB, 128L * MIB);
    try (var server = ServerFixture.of(device, limits);
        var client = server.simple()) {
      for (int i = 0; i < 10; i++) {
        client.write(0, i, 0, (byte) 1);
      }
      device.awaitWaiting(3); // two were relieved, and the reader waits itself
      device.release(10);
      for (int i = 0; i < 10; i++) {
        assertThat(client.simpleReply().error()).isZero();
      }
    }
  }

  /// The reader waits with a write and cannot be relieved, which takes a buffer.
  @Test
  void repliesAreSentWhenMemoryIsTooShortForAnotherReader() throws Exception {
    var device = new GatedDevice(new MemoryDevice(ServerFixture.SIZE));
    int all = BufferPool.sizeBytes(MIB);
    var limits = Limits.DEFAULT.withPayloadBytes(MIB).withInFlight(100, all, all);
    try (var server = ServerFixture.of(device, limits);
        var greedy = server.simple();
        var client = server.simple()) {
      greedy.request(Command.READ, 0, 1, 0, MIB);
      device.awaitWaiting(1);
      var done = RawClient.requestBytes(Command.READ.type(), 0, 2, 8192, 0);
      var waits = RawClient.requestBytes(Command.WRITE.type(), 0, 3, 0, 1, (byte) 1);
      client.send(
          ByteBuffer.allocate(done.position() + waits.position())
              .put(done.flip())
              .put(waits.flip()));
      device.awaitWaiting(1);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
      device.release(2);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 3));
      assertThat(greedy.simpleReply().error()).isZero();
      greedy.receive(MIB);
    }
  }

  @Test
  void aRequestWaitsForBytesThatOthersHold() throws Exception {
    var device = new GatedDevice(new MemoryDevice(ServerFixture.SIZE));
    int two = 2 * BufferPool.sizeBytes(MIB);
    var limits = Limits.DEFAULT.withPayloadBytes(MIB).withInFlight(100, two, two);
    try (var server = ServerFixture.of(device, limits);
        var first = server.simple();
        var second = server.simple()) {
      first.request(Command.READ, 0, 1, 0, MIB);
      first.request(Command.READ, 0, 2, 0, MIB);
      device.awaitWaiting(2);
      assertThat(server.server.statistics().bytesInFlight()).isEqualTo(two);
      second.request(Command.READ, 0, 3, 0, MIB);
      device.release(3);
      assertThat(first.simpleReply().error()).isZero();
      first.receive(MIB);
      assertThat(first.simpleReply().error()).isZero();
      first.receive(MIB);
      assertThat(second.simpleReply()).isEqualTo(new SimpleReply(0, 3));
      second.receive(MIB);
    }
  }

  /// A little more than a power of two is what a buffer is largest for.
  @Test
  void whatRequestsHoldOfTheMemoryIsWhatIsCountedWhateverTheirSizes() throws Exception {
    int length = MIB / 2 + 8192;
    int held = BufferPool.sizeBytes(length + 32);
    var device = new GatedDevice(new MemoryDevice(ServerFixture.SIZE));
    long budget = 8L * MIB;
    var limits = Limits.DEFAULT.withPayloadBytes(MIB).withInFlight(100, 4 * MIB, budget);
    try (var server = ServerFixture.of(device, limits)) {
      var clients = new ArrayList<RawClient>();
      for (int i = 0; i < 5; i++) {
        var client = server.structured();
        clients.add(client);
        for (int cookie = 0; cookie < 4; cookie++) {
          client.request(Command.READ, Protocol.CMD_FLAG_DF, cookie, 0, length);
        }
      }
      int fitting = (int) (budget / held);
      device.awaitWaiting(fitting);
      server.await(statistics -> statistics.bytesInFlight() == (long) fitting * held);
      assertThat(server.server.statistics().bufferBytes())
          .as("the buffers of five connections, and what was counted")
          .isEqualTo(5 * 2 * large() + (long) fitting * held);
      device.release(20);
      for (var client : clients) {
        for (int i = 0; i < 4; i++) {
          client.chunk();
        }
        client.close();
      }
      server.await(statistics -> statistics.bufferBytes() == 0);
      assertThat(server.server.statistics().bytesInFlight()).isZero();
    }
  }

  @Test
  void veryManyConnectionsHoldSmallBuffersAndWorkAllTheSame() throws Exception {
    int count = 100;
    long firstOnes = Resources.LARGE_STREAMS_BYTES / (2 * large());
    try (var server = ServerFixture.of(new MemoryDevice(4 * MIB))) {
      var clients = new ArrayList<RawClient>();
      for (int i = 0; i < count; i++) {
        clients.add(server.simple());
      }
      long small = BufferPool.sizeBytes(Resources.SMALL_STREAM_BYTES);
      server.await(statistics ->
          statistics.bufferBytes() == firstOnes * 2 * large() + (count - firstOnes) * 2 * small);
      for (int length : new int[] {512, 65536, 70_000, MIB}) {
        var last = clients.getLast();
        last.request(Command.WRITE.type(), 0, 1, 0, length, new byte[length]);
        assertThat(last.simpleReply()).isEqualTo(new SimpleReply(0, 1));
        last.request(Command.READ, 0, 2, 0, length);
        assertThat(last.simpleReply()).isEqualTo(new SimpleReply(0, 2));
        last.receive(length);
      }
      for (var client : clients) {
        client.close();
      }
      server.await(statistics -> statistics.bufferBytes() == 0);
    }
  }

  private static long large() {
    return BufferPool.sizeBytes(Resources.LARGE_STREAM_BYTES);
  }

  @Test
  void unreasonableLimitsAreRefused() {
    assertThatThrownBy(() -> Limits.DEFAULT.withConnections(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("connections must be positive, not 0");
    assertThatThrownBy(() -> Limits.DEFAULT.withPayloadBytes(4096))
        .hasMessageContaining("at least 1 MiB");
    assertThatThrownBy(() -> Limits.DEFAULT.withInFlight(1, 4096, 4096))
        .hasMessageContaining("payloadBytes");
    assertThatThrownBy(() -> Limits.DEFAULT.withStall(Duration.ZERO)).hasMessageContaining("stall");
    assertThatThrownBy(() -> Limits.DEFAULT.withHandshake(Duration.ZERO))
        .hasMessageContaining("handshake");
    assertThatThrownBy(() -> Limits.DEFAULT.withShutdown(Duration.ofNanos(-1)))
        .hasMessageContaining("shutdown");
  }
}
