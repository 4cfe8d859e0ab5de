package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/// Bytes from strangers, in both phases: whatever they send, the server lives, gives back what it
/// held for them, and another client notices nothing.
@Timeout(120)
class NbdFuzzTest {
  private static final int STRANGERS = 20;
  private static final int[] OPTIONS = {1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 4, 77, -1};

  private ServerFixture server;
  private RawClient friend;

  @BeforeEach
  void start() throws IOException {
    var limits = Limits.DEFAULT.withStall(Duration.ofSeconds(20));
    server = ServerFixture.of(new MemoryDevice(ServerFixture.SIZE), limits);
    server.exports.with("fuzzed", new MemoryDevice(1 << 20));
    friend = server.structured();
    friend.write(0, 1, 0, pattern());
    assertThat(friend.simpleReply().error()).isZero();
  }

  @AfterEach
  void stop() throws IOException {
    friend.request(Command.READ, 0, 7, 0, 4096);
    assertThat(friend.chunk().data()).isEqualTo(pattern());
    friend.close();
    server.close();
    assertThat(server.exports.openCount()).as("exports left open").isZero();
    assertThat(server.server.statistics().bytesInFlight()).isZero();
    assertThat(server.server.statistics().connections()).isZero();
  }

  @SeededTest
  void garbageAfterTheGreeting(Random random) throws IOException {
    for (int i = 0; i < STRANGERS; i++) {
      byte[] garbage = new byte[random.nextInt(3000)];
      random.nextBytes(garbage);
      try (var stranger = stranger()) {
        sendAndHangUp(stranger, ByteBuffer.wrap(garbage));
      }
    }
  }

  @SeededTest
  void mutatedOptions(Random random) throws IOException {
    for (int i = 0; i < STRANGERS; i++) {
      var bytes = ByteBuffer.allocate(200_000);
      bytes.putInt(random.nextInt(10) == 0 ? random.nextInt() : 3);
      int count = random.nextInt(8);
      for (int j = 0; j < count; j++) {
        byte[] data = optionData(random);
        bytes.putLong(Protocol.IHAVEOPT);
        bytes.putInt(OPTIONS[random.nextInt(OPTIONS.length)]);
        bytes.putInt(random.nextInt(10) == 0 ? random.nextInt() : data.length);
        bytes.put(data);
      }
      mutate(bytes, random, 4);
      try (var stranger = stranger()) {
        sendAndHangUp(stranger, bytes.flip());
      }
    }
  }

  @SeededTest
  void mutatedRequests(Random random) throws IOException {
    for (int i = 0; i < STRANGERS; i++) {
      var bytes = ByteBuffer.allocate(400_000);
      int count = random.nextInt(40);
      for (int j = 0; j < count; j++) {
        putRequest(bytes, random);
      }
      if (random.nextBoolean()) {
        mutate(bytes, random, 0);
      }
      try (var stranger = stranger()) {
        stranger.read(ByteBuffer.allocate(18));
        send(stranger, negotiation(random));
        sendAndHangUp(stranger, bytes.flip());
      }
    }
  }

  private static ByteBuffer negotiation(Random random) {
    byte[] go = RawClient.info("fuzzed");
    byte[] contexts = RawClient.contexts("fuzzed", Protocol.BASE_ALLOCATION);
    var bytes = ByteBuffer.allocate(300).putInt(3);
    if (random.nextBoolean()) {
      bytes.putLong(Protocol.IHAVEOPT).putInt(Protocol.OPT_STRUCTURED_REPLY).putInt(0);
      bytes.putLong(Protocol.IHAVEOPT).putInt(Protocol.OPT_SET_META_CONTEXT);
      bytes.putInt(contexts.length).put(contexts);
    }
    return bytes
        .putLong(Protocol.IHAVEOPT)
        .putInt(Protocol.OPT_GO)
        .putInt(go.length)
        .put(go)
        .flip();
  }

  private static void putRequest(ByteBuffer bytes, Random random) {
    int type = random.nextInt(20) == 0 ? random.nextInt(1 << 16) : random.nextInt(8);
    if (type == Command.DISCONNECT.type() && random.nextInt(10) != 0) {
      return;
    }
    int flags = random.nextInt(3) == 0 ? random.nextInt(64) : 0;
    long offset = random.nextInt(20) == 0 ? random.nextLong() : random.nextInt(1 << 20);
    int length = random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(8000);
    byte[] payload = new byte[type == 1 ? length & 0x1fff : 0];
    bytes.put(
        RawClient.requestBytes(type, flags, random.nextLong(), offset, length, payload).flip());
  }

  private static byte[] optionData(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> RawClient.info("fuzzed", random.nextInt(5), random.nextInt(5));
      case 1 -> RawClient.contexts("fuzzed", Protocol.BASE_ALLOCATION, "base:");
      case 2 -> new byte[random.nextInt(10_000)];
      default -> new byte[0];
    };
  }

  private static void mutate(ByteBuffer bytes, Random random, int from) {
    int size = bytes.position() - from;
    for (int i = random.nextInt(6); i > 0 && size > 0; i--) {
      bytes.put(from + random.nextInt(size), (byte) random.nextInt());
    }
  }

  private SocketChannel stranger() throws IOException {
    return SocketChannel.open(server.address());
  }

  /// Sends, and leaves at once or reads for a while what the server has to say.
  private static void sendAndHangUp(SocketChannel stranger, ByteBuffer bytes) throws IOException {
    try {
      send(stranger, bytes);
      stranger.shutdownOutput();
      var ignored = ByteBuffer.allocate(1 << 16);
      while (stranger.read(ignored) >= 0) {
        ignored.clear();
      }
    } catch (IOException e) {
      // The server may hang up on garbage at any time.
      assertThat(e.getMessage()).containsAnyOf("reset", "Broken pipe");
    }
  }

  private static void send(SocketChannel stranger, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      stranger.write(bytes);
    }
  }

  private static byte[] pattern() {
    byte[] pattern = new byte[4096];
    Arrays.fill(pattern, (byte) 0x5a);
    return pattern;
  }
}
