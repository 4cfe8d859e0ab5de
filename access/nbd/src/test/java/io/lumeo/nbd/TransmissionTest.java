package io.lumeo.nbd;

import static io.lumeo.nbd.Protocol.CMD_FLAG_DF;
import static io.lumeo.nbd.Protocol.CMD_FLAG_FAST_ZERO;
import static io.lumeo.nbd.Protocol.CMD_FLAG_FUA;
import static io.lumeo.nbd.Protocol.CMD_FLAG_NO_HOLE;
import static io.lumeo.nbd.Protocol.CMD_FLAG_REQ_ONE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.ExtentState;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.ReadOnlyDevice;
import io.lumeo.nbd.RawClient.SimpleReply;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TransmissionTest {
  private static final int SIZE = ServerFixture.SIZE;
  private static final int EPERM = 1;
  private static final int EINVAL = 22;
  private static final int ENOSPC = 28;
  private static final int ENOTSUP = 95;

  private ServerFixture server;

  @BeforeEach
  void start() throws IOException {
    server = ServerFixture.ofMemory();
    server.exports.with("frozen", new ReadOnlyDevice(new MemoryDevice(8192), "is frozen"));
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(server.exports.openCount()).as("exports left open").isZero();
    assertThat(server.server.statistics().bytesInFlight()).isZero();
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    byte[] bytes = random(5000);
    try (var client = server.simple()) {
      client.write(0, 1, 777, bytes);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
      client.request(Command.READ, 0, 2, 777, 5000);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
      assertThat(client.receive(5000).array()).isEqualTo(bytes);
    }
  }

  @Test
  void aStructuredReadIsOneChunkThatIsDone() throws IOException {
    byte[] bytes = random(3000);
    fill(100, bytes);
    try (var client = server.structured()) {
      client.request(Command.READ, 0, 9, 100, 3000);
      var chunk = client.chunk();
      assertThat(chunk.done()).isTrue();
      assertThat(chunk.type()).isEqualTo(Protocol.CHUNK_OFFSET_DATA);
      assertThat(chunk.cookie()).isEqualTo(9);
      assertThat(chunk.body().getLong()).isEqualTo(100);
      assertThat(chunk.data()).isEqualTo(bytes);
    }
  }

  @Test
  void aLargeReadTellsHolesInsteadOfSendingThem() throws IOException {
    byte[] bytes = random(8192);
    fill(65536, bytes);
    try (var client = server.structured()) {
      client.request(Command.READ, 0, 9, 0, 131072);
      var chunks = client.chunks();
      assertThat(chunks).extracting(RawClient.Chunk::type).containsExactly(2, 1, 2);
      assertThat(chunks.get(0).body()).isEqualTo(hole(0, 65536));
      assertThat(chunks.get(1).body().getLong()).isEqualTo(65536);
      assertThat(chunks.get(1).data()).isEqualTo(bytes);
      assertThat(chunks.get(2).body()).isEqualTo(hole(73728, 57344));
    }
  }

  @Test
  void aReadOfNothingButAHoleIsOneHoleChunk() throws IOException {
    try (var client = server.structured()) {
      client.request(Command.READ, 0, 9, 4096, 1 << 20);
      var chunk = client.chunk();
      assertThat(chunk.done()).isTrue();
      assertThat(chunk.body()).isEqualTo(hole(4096, 1 << 20));
    }
  }

  @Test
  void aReadThatMustNotBeFragmentedIsOneDataChunk() throws IOException {
    fill(65536, random(8192));
    try (var client = server.structured()) {
      client.request(Command.READ, CMD_FLAG_DF, 9, 0, 131072);
      var chunk = client.chunk();
      assertThat(chunk.done()).isTrue();
      assertThat(chunk.type()).isEqualTo(Protocol.CHUNK_OFFSET_DATA);
      assertThat(chunk.data()).hasSize(131072);
    }
  }

  @Test
  void dontFragmentNeedsStructuredReplies() throws IOException {
    try (var client = server.simple()) {
      client.request(Command.READ, CMD_FLAG_DF, 9, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 9));
    }
  }

  @Test
  void aStructuredReadErrorIsAChunkWithAMessage() throws IOException {
    try (var client = server.structured()) {
      client.request(Command.READ, 0, 9, SIZE - 10, 11);
      var chunk = client.chunk();
      assertThat(chunk.done()).isTrue();
      assertThat(chunk.error()).isEqualTo(EINVAL);
      assertThat(chunk.message()).contains("outside the export");
    }
  }

  @Test
  void aReadOfNothingSucceeds() throws IOException {
    try (var client = server.structured()) {
      client.request(Command.READ, 0, 9, 0, 0);
      assertThat(client.chunk().type()).isEqualTo(Protocol.CHUNK_NONE);
    }
    try (var client = server.simple()) {
      client.request(Command.READ, 0, 9, 0, 0);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 9));
    }
  }

  @Test
  void rangesBeyondTheEndAreRefusedAsTheProtocolSays() throws IOException {
    try (var client = server.simple()) {
      client.write(0, 1, SIZE - 2, new byte[3]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(ENOSPC, 1));
      client.request(Command.WRITE_ZEROES, 0, 2, SIZE, 1);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(ENOSPC, 2));
      client.request(Command.READ, 0, 3, SIZE, 1);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 3));
      client.request(Command.TRIM, 0, 4, SIZE - 1, 2);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 4));
      client.request(Command.CACHE, 0, 5, -1, 2);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 5));
      client.request(Command.READ, 0, 6, Long.MAX_VALUE, 0xffffff);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 6));
    }
  }

  @Test
  void aReadAboveTheMaximumPayloadIsRefused() throws IOException {
    try (var client = server.simple()) {
      client.request(Command.READ, 0, 6, 0, (32 << 20) + 1);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 6));
    }
  }

  @Test
  void aWriteAboveTheMaximumPayloadIsRefusedAndTheStreamStaysInStep() throws IOException {
    var limits = Limits.DEFAULT.withPayloadBytes(1 << 20);
    try (var small = ServerFixture.of(new MemoryDevice(SIZE), limits);
        var client = small.simple()) {
      client.write(0, 6, 0, new byte[(1 << 20) + 1]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 6));
      client.write(0, 7, 0, new byte[1 << 20]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 7));
    }
  }

  @Test
  void anUnknownCommandIsRefused() throws IOException {
    try (var client = server.simple()) {
      client.request(8, 0, 6, 0, 512, new byte[0]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 6));
      client.request(0xffff, 0, 7, 0, 512, new byte[0]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 7));
    }
  }

  @Test
  void aFlagThatTheCommandDoesNotTakeIsRefused() throws IOException {
    try (var client = server.simple()) {
      client.request(Command.READ, 1 << 15, 1, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 1));
      client.write(CMD_FLAG_NO_HOLE, 2, 0, new byte[512]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 2));
      client.request(Command.TRIM, CMD_FLAG_REQ_ONE, 3, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 3));
    }
  }

  @Test
  void fuaIsTakenWithEveryCommand() throws IOException {
    try (var client = server.structured()) {
      client.write(CMD_FLAG_FUA, 1, 0, new byte[512]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
      client.request(Command.READ, CMD_FLAG_FUA, 2, 0, 512);
      assertThat(client.chunk().type()).isEqualTo(Protocol.CHUNK_OFFSET_DATA);
      client.request(Command.FLUSH, CMD_FLAG_FUA, 3, 0, 0);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 3));
      client.request(Command.TRIM, CMD_FLAG_FUA, 4, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 4));
      client.request(Command.WRITE_ZEROES, CMD_FLAG_FUA, 5, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 5));
      client.request(Command.CACHE, CMD_FLAG_FUA, 6, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 6));
      client.request(Command.BLOCK_STATUS, CMD_FLAG_FUA, 7, 0, 512);
      assertThat(client.chunk().type()).isEqualTo(Protocol.CHUNK_BLOCK_STATUS);
    }
  }

  @Test
  void aReadOnlyExportRefusesEveryChange() throws IOException {
    try (var client = RawClient.simple(server.address(), "frozen")) {
      client.write(0, 1, 0, new byte[512]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EPERM, 1));
      client.request(Command.TRIM, 0, 2, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EPERM, 2));
      client.request(Command.WRITE_ZEROES, 0, 3, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EPERM, 3));
      client.request(Command.READ, 0, 4, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 4));
      assertThat(client.receive(512).array()).containsOnly(0);
    }
  }

  @Test
  void trimmedAndZeroedRangesReadAsZeroes() throws IOException {
    fill(0, random(32768));
    try (var client = server.simple()) {
      client.request(Command.TRIM, 0, 1, 0, 8192);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
      client.request(Command.WRITE_ZEROES, CMD_FLAG_NO_HOLE, 2, 8192, 8192);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
      client.request(Command.WRITE_ZEROES, CMD_FLAG_FAST_ZERO, 3, 16384, 16384);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 3));
      client.request(Command.READ, 0, 4, 0, 32768);
      client.simpleReply();
      assertThat(client.receive(32768).array()).containsOnly(0);
    }
  }

  @Test
  void zeroesThatCannotBeFastAreRefusedAndChangeNothing() throws IOException {
    byte[] bytes = random(4096);
    fill(0, bytes);
    try (var client = server.simple()) {
      client.request(Command.WRITE_ZEROES, CMD_FLAG_FAST_ZERO | CMD_FLAG_NO_HOLE, 1, 0, 4096);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(ENOTSUP, 1));
      client.request(Command.READ, 0, 2, 0, 4096);
      client.simpleReply();
      assertThat(client.receive(4096).array()).isEqualTo(bytes);
    }
  }

  @Test
  void blockStatusTellsHolesAndData() throws IOException {
    fill(65536, random(4096));
    try (var client = server.structured()) {
      client.request(Command.BLOCK_STATUS, 0, 7, 0, 131072);
      var chunk = client.chunk();
      assertThat(chunk.done()).isTrue();
      assertThat(chunk.type()).isEqualTo(Protocol.CHUNK_BLOCK_STATUS);
      assertThat(chunk.body()).isEqualTo(ints(1, 65536, 3, 4096, 0, 61440, 3));
      client.request(Command.BLOCK_STATUS, CMD_FLAG_REQ_ONE, 8, 0, 131072);
      assertThat(client.chunk().body()).isEqualTo(ints(1, 65536, 3));
    }
  }

  @Test
  void sharedBlocksAreToldAsHolesThatAreNotZero() throws IOException {
    var shared =
        new ForwardingDevice(new MemoryDevice(SIZE)) {
          @Override
          public void extents(long offset, long lengthBytes, io.lumeo.block.ExtentVisitor visitor)
              throws IOException {
            if (visitor.extent(offset, 4096, ExtentState.ZERO)) {
              visitor.extent(offset + 4096, lengthBytes - 4096, ExtentState.SHARED);
            }
          }
        };
    server.exports.with("shared", shared).with("frozen", new ReadOnlyDevice(shared, "is frozen"));
    try (var client = RawClient.structured(server.address(), "shared")) {
      client.request(Command.BLOCK_STATUS, 0, 7, 0, 8192);
      assertThat(client.chunk().body()).isEqualTo(ints(1, 4096, 2, 4096, 1));
    }
    try (var client = RawClient.structured(server.address(), "frozen")) {
      client.request(Command.BLOCK_STATUS, 0, 7, 0, 8192);
      assertThat(client.chunk().body()).isEqualTo(ints(1, 4096, 2, 4096, 0));
    }
  }

  @Test
  void blockStatusNeedsAContextAndARange() throws IOException {
    try (var client = server.simple()) {
      client.request(Command.BLOCK_STATUS, 0, 7, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 7));
    }
    try (var client = server.structured()) {
      client.request(Command.BLOCK_STATUS, 0, 7, 0, 0);
      assertThat(client.chunk().error()).isEqualTo(EINVAL);
      client.request(Command.BLOCK_STATUS, 0, 8, SIZE - 1, 2);
      assertThat(client.chunk().error()).isEqualTo(EINVAL);
    }
  }

  @Test
  void flushHasNoRange() throws IOException {
    try (var client = server.simple()) {
      client.request(Command.FLUSH, 0, 7, 0, 512);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 7));
    }
  }

  @Test
  void aDisconnectHasNoReply() throws IOException {
    try (var client = server.simple()) {
      client.request(Command.DISCONNECT, 0, 7, 0, 0);
      client.assertHungUp();
    }
  }

  @Test
  void aWrongRequestMagicEndsTheConnection() throws IOException {
    try (var client = server.simple()) {
      client.send(ByteBuffer.allocate(28).putInt(0x25609514).position(28));
      client.assertHungUp();
    }
  }

  @Test
  void manyRequestsInOneMessageAreAllAnswered() throws IOException {
    int many = 200;
    try (var client = server.simple()) {
      var all = ByteBuffer.allocate(1 << 20);
      for (int i = 0; i < many; i++) {
        all.put(RawClient.requestBytes(1, 0, i, i * 4096L, 4096, block(i)).flip());
      }
      client.send(all);
      Set<Long> answered = new HashSet<>(); // in whatever order
      for (int i = 0; i < many; i++) {
        var reply = client.simpleReply();
        assertThat(reply.error()).isZero();
        answered.add(reply.cookie());
      }
      assertThat(answered).hasSize(many);
      all.clear();
      for (int i = 0; i < many; i++) {
        all.put(RawClient.requestBytes(0, 0, i, i * 4096L, 4096).flip());
      }
      client.send(all);
      for (int i = 0; i < many; i++) {
        var reply = client.simpleReply();
        assertThat(reply.error()).isZero();
        assertThat(client.receive(4096).array()).isEqualTo(block((int) reply.cookie()));
        answered.remove(reply.cookie());
      }
      assertThat(answered).isEmpty();
    }
  }

  @Test
  void aRequestThatComesByteByByteIsAnswered() throws IOException {
    try (var client = server.simple()) {
      for (byte b :
          RawClient.requestBytes(1, 0, 3, 10, 4, (byte) 1, (byte) 2, (byte) 3, (byte) 4).array()) {
        client.send(ByteBuffer.allocate(1).put(b));
      }
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 3));
    }
  }

  @Test
  void payloadsOfAllSizesArrive() throws IOException {
    int[] sizes = {1, 511, 4096, 32767, 65536, 262144, 524259, 524288, 524289, 1 << 20, 3 << 20};
    try (var client = server.simple()) {
      for (int size : sizes) {
        byte[] bytes = random(size);
        client.write(0, size, 5, bytes);
        assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, size));
        client.request(Command.READ, 0, size, 5, size);
        assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, size));
        assertThat(client.receive(size).array()).isEqualTo(bytes);
        client.write(CMD_FLAG_FUA, size, 4, bytes);
        assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, size));
      }
    }
  }

  @Test
  void statisticsCountRequestsErrorsAndBytes() throws IOException {
    try (var client = server.simple()) {
      client.write(0, 1, 0, new byte[1000]);
      client.simpleReply();
      client.write(0, 1, SIZE, new byte[1000]);
      client.simpleReply();
      client.request(Command.READ, 0, 1, 0, 512);
      client.simpleReply();
      var disk = requireNonNull(server.server.statistics().exports().get("disk"));
      assertThat(disk.connections()).isEqualTo(1);
      assertThat(disk.commands().get(Command.WRITE)).isEqualTo(new CommandStatistics(2, 1, 1000));
      assertThat(disk.commands().get(Command.READ)).isEqualTo(new CommandStatistics(1, 0, 512));
      assertThat(disk.commands()).doesNotContainKey(Command.DISCONNECT);
    }
  }

  private void fill(long offset, byte[] bytes) throws IOException {
    server.device.write(offset, MemorySegment.ofArray(bytes));
  }

  private static ByteBuffer hole(long offset, int lengthBytes) {
    return ByteBuffer.allocate(12).putLong(offset).putInt(lengthBytes).flip();
  }

  private static ByteBuffer ints(int... values) {
    var bytes = ByteBuffer.allocate(4 * values.length);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.flip();
  }

  private static byte[] block(int value) {
    byte[] block = new byte[4096];
    Arrays.fill(block, (byte) value);
    return block;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
