package io.lumeo.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.ReadOnlyDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HandshakeTest {
  private static final int WRITABLE =
      Protocol.FLAG_HAS_FLAGS
          | Protocol.FLAG_SEND_FLUSH
          | Protocol.FLAG_SEND_FUA
          | Protocol.FLAG_SEND_TRIM
          | Protocol.FLAG_SEND_WRITE_ZEROES
          | Protocol.FLAG_CAN_MULTI_CONN
          | Protocol.FLAG_SEND_CACHE
          | Protocol.FLAG_SEND_FAST_ZERO;

  private ServerFixture server;

  @BeforeEach
  void start() throws IOException {
    server = ServerFixture.ofMemory();
    server.exports.with("frozen", new ReadOnlyDevice(new MemoryDevice(1000), "is frozen"));
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(server.exports.openCount()).as("exports left open").isZero();
  }

  @Test
  void theServerSpeaksFirstAndOffersFixedNewstyle() throws IOException {
    try (var client = new RawClient(server.address())) {
      var greeting = client.greet(3);
      assertThat(greeting.getLong()).isEqualTo(0x4e42444d41474943L);
      assertThat(greeting.getLong()).isEqualTo(0x49484156454F5054L);
      assertThat(greeting.getShort()).isEqualTo((short) 3);
    }
  }

  @Test
  void unknownClientFlagsEndTheConnection() throws IOException {
    try (var client = new RawClient(server.address())) {
      client.greet(7);
      client.assertHungUp();
    }
  }

  @Test
  void exportNameIsAnsweredWithZeroesUnlessTheyAreDeclined() throws IOException {
    try (var client = new RawClient(server.address())) {
      client.greet(1);
      client.sendOption(Protocol.OPT_EXPORT_NAME, "disk".getBytes(UTF_8));
      var answer = client.receive(8 + 2 + 124);
      assertThat(answer.getLong()).isEqualTo(ServerFixture.SIZE);
      assertThat(Short.toUnsignedInt(answer.getShort())).isEqualTo(WRITABLE);
      assertThat(answer.slice()).isEqualTo(ByteBuffer.allocate(124));
      client.request(Command.FLUSH, 0, 5, 0, 0);
      assertThat(client.simpleReply()).isEqualTo(new RawClient.SimpleReply(0, 5));
    }
  }

  @Test
  void exportNameWithoutZeroesIsTenBytes() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      client.sendOption(Protocol.OPT_EXPORT_NAME, "disk".getBytes(UTF_8));
      client.receive(10);
      client.request(Command.FLUSH, 0, 5, 0, 0);
      assertThat(client.simpleReply()).isEqualTo(new RawClient.SimpleReply(0, 5));
    }
  }

  @Test
  void aClientThatIsNotFixedMayOnlyChooseAnExport() throws IOException {
    try (var client = new RawClient(server.address())) {
      client.greet(0);
      client.sendOption(Protocol.OPT_EXPORT_NAME, "disk".getBytes(UTF_8));
      client.receive(8 + 2 + 124);
    }
    try (var client = new RawClient(server.address())) {
      client.greet(0);
      client.sendOption(Protocol.OPT_LIST);
      client.assertHungUp();
    }
  }

  @Test
  void anUnknownExportNameEndsTheConnection() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      client.sendOption(Protocol.OPT_EXPORT_NAME, "nothing".getBytes(UTF_8));
      client.assertHungUp();
    }
  }

  @Test
  void anOverlongExportNameEndsTheConnection() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      client.sendOption(Protocol.OPT_EXPORT_NAME, new byte[4097]);
      client.assertHungUp();
    }
  }

  @Test
  void aWrongOptionMagicEndsTheConnection() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      client.send(ByteBuffer.allocate(16).putLong(Protocol.IHAVEOPT + 1).putInt(3).putInt(0));
      client.assertHungUp();
    }
  }

  @Test
  void goTellsSizeFlagsAndBlockSizes() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      var replies = client.go("disk");
      assertThat(replies).hasSize(3);
      var export = replies.get(0).data();
      assertThat(export.getShort()).isEqualTo((short) Protocol.INFO_EXPORT);
      assertThat(export.getLong()).isEqualTo(ServerFixture.SIZE);
      assertThat(Short.toUnsignedInt(export.getShort())).isEqualTo(WRITABLE);
      var sizes = replies.get(1).data();
      assertThat(sizes.getShort()).isEqualTo((short) Protocol.INFO_BLOCK_SIZE);
      assertThat(sizes.getInt()).isEqualTo(1);
      assertThat(sizes.getInt()).isEqualTo(4096);
      assertThat(sizes.getInt()).isEqualTo(32 << 20);
    }
  }

  @Test
  void anExportIsOpenedOnceForAConnectionThatAsksFirst() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      client.option(Protocol.OPT_INFO, RawClient.info("disk"));
      client.option(Protocol.OPT_STRUCTURED_REPLY);
      client.option(
          Protocol.OPT_SET_META_CONTEXT, RawClient.contexts("disk", Protocol.BASE_ALLOCATION));
      client.go("disk");
      assertThat(server.exports.openedCount()).isEqualTo(1);
    }
  }

  @Test
  void abortIsAcknowledgedAndEndsTheConnection() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      assertThat(client.option(Protocol.OPT_ABORT).getLast().type()).isEqualTo(Protocol.REP_ACK);
      client.assertHungUp();
    }
  }

  @Test
  void anUnknownOptionIsSkippedAndTheNextOneAnswered() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      var replies = client.option(0x1234, new byte[1000]);
      assertThat(replies.getLast().option()).isEqualTo(0x1234);
      assertThat(replies.getLast().type()).isEqualTo(Protocol.REP_ERR_UNSUP);
      client.go("disk");
    }
  }

  @Test
  void anOptionOfTooMuchDataIsSkippedAndRefused() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      var replies = client.option(Protocol.OPT_GO, new byte[(64 << 10) + 1]);
      assertThat(replies.getLast().type()).isEqualTo(Protocol.REP_ERR_TOO_BIG);
      client.go("disk");
    }
  }

  @Test
  void aHandshakeThatTakesTooLongIsCutOff() throws IOException {
    var limits = Limits.DEFAULT.withHandshake(Duration.ofSeconds(1));
    try (var hasty = ServerFixture.of(new MemoryDevice(4096), limits);
        var client = RawClient.greeted(hasty.address())) {
      client.assertHungUp();
    }
  }

  @Test
  void theHandshakeDeadlineDoesNotEndAnIdleConnection() throws IOException {
    var limits = Limits.DEFAULT.withHandshake(Duration.ofSeconds(2));
    try (var hasty = ServerFixture.of(new MemoryDevice(4096), limits);
        var client = hasty.simple();
        var slow = RawClient.greeted(hasty.address())) {
      slow.assertHungUp(); // a later deadline than the other's has passed
      client.request(Command.FLUSH, 0, 1, 0, 0);
      assertThat(client.simpleReply().error()).isZero();
    }
  }

  @Test
  void aReadOnlyExportSaysSo() throws IOException {
    try (var client = RawClient.greeted(server.address())) {
      var export = client.go("frozen").getFirst().data();
      int flags = Short.toUnsignedInt(export.getShort(10));
      assertThat(flags & Protocol.FLAG_READ_ONLY).isNotZero();
      assertThat(flags & Protocol.FLAG_SEND_TRIM).isZero();
      assertThat(flags & Protocol.FLAG_CAN_MULTI_CONN).isNotZero();
    }
  }
}
