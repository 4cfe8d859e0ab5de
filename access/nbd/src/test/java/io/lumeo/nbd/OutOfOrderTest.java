package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.nbd.RawClient.SimpleReply;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A request that waits for the device holds up no other of its connection, whichever it is.
@Timeout(60)
class OutOfOrderTest {
  private final GatedDevice device = new GatedDevice(new MemoryDevice(ServerFixture.SIZE));
  private ServerFixture server;
  private RawClient client;

  @BeforeEach
  void start() throws IOException {
    server = ServerFixture.of(device);
    client = server.simple();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
    assertThat(server.exports.openCount()).as("exports left open").isZero();
    assertThat(server.server.statistics().bytesInFlight()).isZero();
  }

  @Test
  void aReadThatWaitsIsOvertaken() throws Exception {
    client.request(Command.READ, 0, 1, 0, 512);
    device.awaitWaiting(1);
    overtake();
    device.release(1);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
    client.receive(512);
  }

  @Test
  void aFlushThatWaitsIsOvertaken() throws Exception {
    client.request(Command.FLUSH, 0, 1, 0, 0);
    device.awaitWaiting(1);
    overtake();
    device.release(1);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
  }

  @Test
  void aWriteThatWaitsIsOvertakenAndKeepsItsPayload() throws Exception {
    byte[] payload = {1, 2, 3, 4, 5};
    client.write(0, 1, 7, payload);
    device.awaitWaiting(1);
    overtake();
    device.release(2);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
    client.request(Command.READ, 0, 2, 7, 5);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
    assertThat(client.receive(5).array()).isEqualTo(payload);
  }

  @Test
  void aWriteThatFillsTheBufferAndWaitsIsOvertaken() throws Exception {
    client.write(0, 1, 7, new byte[1 << 20]);
    device.awaitWaiting(1);
    overtake();
    device.release(1);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
  }

  @Test
  void manyWritesThatWaitAreAllOvertaken() throws Exception {
    int many = 20;
    for (int i = 0; i < many; i++) {
      client.write(0, i, i, (byte) i);
    }
    device.awaitWaiting(many);
    overtake();
    device.release(many);
    Set<Long> cookies = new HashSet<>();
    for (int i = 0; i < many; i++) {
      cookies.add(client.simpleReply().cookie());
    }
    assertThat(cookies).hasSize(many);
    device.release(1);
    client.request(Command.READ, 0, 99, 0, many);
    client.simpleReply();
    byte[] bytes = client.receive(many).array();
    for (int i = 0; i < many; i++) {
      assertThat(bytes[i]).isEqualTo((byte) i);
    }
  }

  @Test
  void whatCameWithAWriteThatWaitsIsServed() throws Exception {
    var both = java.nio.ByteBuffer.allocate(1000);
    both.put(RawClient.requestBytes(1, 0, 1, 0, 3, (byte) 1, (byte) 2, (byte) 3).flip());
    both.put(RawClient.requestBytes(1, 0, 2, 8192, 2, (byte) 4, (byte) 5).flip());
    client.send(both);
    device.awaitWaiting(1);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
    device.release(1);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
  }

  @Test
  void aFailureOfAWriteThatWasOvertakenIsTold() throws Exception {
    client.request(Command.TRIM, 0, 1, 0, 512);
    device.awaitWaiting(1);
    overtake();
    device.close(); // what waits will fail
    device.release(1);
    assertThat(client.simpleReply().error()).isNotZero();
  }

  @Test
  void whateverADeviceThrowsTheConnectionLives() throws Exception {
    var thrower =
        new ForwardingDevice(new MemoryDevice(8192)) {
          @Override
          public boolean tryRead(long offset, MemorySegment into) {
            throw new IllegalStateException("a mistake in a device, on purpose");
          }

          @Override
          public void write(long offset, MemorySegment source) {
            throw offset == 0
                ? new AssertionError("a mistake in a device, on purpose")
                : new OutOfMemoryError("none left, on purpose");
          }

          @Override
          public void flush() {
            throw new UnsupportedOperationException("a mistake in a device, on purpose");
          }
        };
    server.exports.with("thrower", thrower);
    try (var unlucky = RawClient.structured(server.address(), "thrower")) {
      unlucky.request(Command.READ, 0, 1, 0, 512);
      assertThat(unlucky.chunk().error()).isEqualTo(NbdError.EIO.code());
      unlucky.write(0, 2, 0, (byte) 1);
      assertThat(unlucky.chunk().error()).isEqualTo(NbdError.EIO.code());
      unlucky.write(0, 3, 1, (byte) 1);
      assertThat(unlucky.chunk().error()).isEqualTo(NbdError.ENOMEM.code());
      unlucky.request(Command.FLUSH, 0, 4, 0, 0);
      assertThat(unlucky.chunk().error()).isEqualTo(NbdError.EIO.code());
      unlucky.request(Command.WRITE_ZEROES, 0, 5, 0, 8192);
      assertThat(unlucky.simpleReply()).isEqualTo(new SimpleReply(0, 5));
    }
  }

  @Test
  void aClientThatLeavesDoesNotStopWhatIsInFlight() throws Exception {
    byte[] payload = {9, 8, 7};
    client.write(0, 1, 0, payload);
    device.awaitWaiting(1);
    client.close();
    device.release(2);
    try (var other = server.simple()) {
      other.request(Command.READ, 0, 1, 0, 3);
      other.simpleReply();
      other.receive(3);
    }
  }

  @Test
  void whatIsInFlightIsAnsweredBeforeADisconnect() throws Exception {
    client.write(0, 1, 0, new byte[3]);
    client.request(Command.FLUSH, 0, 2, 0, 0);
    client.request(Command.DISCONNECT, 0, 3, 0, 0);
    device.awaitWaiting(2);
    device.release(2);
    long first = client.simpleReply().cookie();
    long second = client.simpleReply().cookie();
    assertThat(Set.of(first, second)).containsExactlyInAnyOrder(1L, 2L);
    client.assertHungUp();
  }

  private void overtake() throws IOException {
    client.request(Command.READ, 0, 42, 8192, 16);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 42));
    client.receive(16);
  }
}
