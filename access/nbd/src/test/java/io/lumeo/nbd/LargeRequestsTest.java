package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.ExtentState;
import io.lumeo.nbd.RawClient.SimpleReply;
import io.lumeo.testing.CrashingDisk;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolClock;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.ThinId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests as long as the wire can say, which as signed numbers are negative: the whole range is
/// meant, and nothing but it. On a thin volume of 8 GiB.
@Timeout(120)
class LargeRequestsTest {
  private static final long SIZE = 8L << 30;
  private static final int BLOCK = 64 << 10;
  private static final long LONGEST = 0xffff_ffffL;
  private static final int MAX_DESCRIPTORS = 8192;
  private static final int EINVAL = 22;
  private static final ThinId VOLUME = new ThinId(0);

  private Pool pool;
  private ServerFixture server;

  @BeforeEach
  void serveAPool() throws IOException {
    var metadata = new CrashingDisk(16 << 20);
    var data = new CrashingDisk(2L << 30);
    Pool.format(metadata, data, BLOCK);
    pool = Pool.open(metadata, data, PoolOptions.DEFAULT, PoolClock.system());
    pool.createThin(VOLUME);
    server = ServerFixture.of(pool.openDevice(VOLUME, SIZE, false, null));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    pool.close();
  }

  /// One extent as told: the offset where it begins, its length and its flags.
  private record Told(long offset, long lengthBytes, int flags) {
    boolean isHole() {
      return (flags & Protocol.STATE_HOLE) != 0;
    }
  }

  /// The most that clients are told they may send, to the byte.
  @Test
  void aWriteOfAllThatIsAnnouncedIsTaken() throws IOException {
    var payload = new byte[32 << 20];
    new Random(1).nextBytes(payload);
    try (var client = server.simple()) {
      client.write(0, 1, 7, payload);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
      client.request(Command.READ, 0, 2, 7, payload.length);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
      assertThat(Arrays.equals(client.receive(payload.length).array(), payload)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Integer.MAX_VALUE, 1L << 31, (1L << 31) + 1, LONGEST - 511, LONGEST})
  void trimFreesTheWholeRangeAndNothingBeyond(long lengthBytes) throws IOException {
    clears(Command.TRIM, lengthBytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {Integer.MAX_VALUE, 1L << 31, (1L << 31) + 1, LONGEST - 511, LONGEST})
  void writeZeroesClearsTheWholeRangeAndNothingBeyond(long lengthBytes) throws IOException {
    clears(Command.WRITE_ZEROES, lengthBytes);
  }

  private void clears(Command command, long lengthBytes) throws IOException {
    long offset = 3L * BLOCK + 100;
    long end = offset + lengthBytes;
    long[] whole = {10L * BLOCK, (1L << 31) - BLOCK, (end / BLOCK - 1) * BLOCK};
    long beyond = (end / BLOCK + 1) * BLOCK;
    for (long block : whole) {
      mark(block);
    }
    mark(offset / BLOCK * BLOCK);
    mark(end / BLOCK * BLOCK);
    mark(beyond);

    try (var client = server.structured()) {
      client.request(command, 0, 1, offset, lengthBytes);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
    }

    for (long block : whole) {
      assertThat(read(block, BLOCK)).as("the block at %d", block).containsOnly(0);
    }
    assertThat(read(offset - 100, 100)).as("before the range").containsOnly(1);
    assertThat(read(offset, BLOCK - 100)).as("from its first byte").containsOnly(0);
    int inLast = (int) (end % BLOCK);
    assertThat(read(end - inLast, inLast)).as("up to its last byte").containsOnly(0);
    assertThat(read(end, BLOCK - inLast)).as("after the range").containsOnly(1);
    assertThat(read(beyond, BLOCK)).as("the block after").containsOnly(1);
    assertThat(pool.details(VOLUME).mappedBlocks()).as("blocks that are left").isEqualTo(3);
  }

  @Test
  void theStatusOfTheLongestRangeIsTold() throws IOException {
    mark(1L << 30);
    mark(LONGEST / BLOCK * BLOCK);
    mark(6L << 30);
    try (var client = server.structured()) {
      assertThat(status(client, 0, LONGEST, 0))
          .containsExactly(
              new Told(0, 1L << 30, 3),
              new Told(1L << 30, BLOCK, 0),
              new Told((1L << 30) + BLOCK, (3L << 30) - 2 * BLOCK, 3),
              new Told((4L << 30) - BLOCK, BLOCK - 1, 0));
      assertThat(status(client, (2L << 30) + 1, LONGEST, Protocol.CMD_FLAG_REQ_ONE))
          .containsExactly(new Told((2L << 30) + 1, (2L << 30) - BLOCK - 1, 3));
    }
  }

  @Test
  void theStatusOfOneHoleOfTheLongestRangeIsOneExtent() throws IOException {
    try (var client = server.structured()) {
      assertThat(status(client, 1, LONGEST, 0)).containsExactly(new Told(1, LONGEST, 3));
      assertThat(status(client, SIZE - LONGEST, LONGEST, 0))
          .containsExactly(new Told(SIZE - LONGEST, LONGEST, 3));
    }
  }

  /// The answer is as long as answers may be, and the client asks on from where it ends.
  @Test
  void theStatusOfMoreExtentsThanAnAnswerHoldsIsToldInSeveral() throws IOException {
    int marks = 10_000;
    for (int i = 0; i < marks; i++) {
      server.device.write(2L * i * BLOCK, MemorySegment.ofArray(new byte[] {1}));
    }
    var told = new ArrayList<Told>();
    try (var client = server.structured()) {
      var first = status(client, 0, LONGEST, 0);
      assertThat(first).hasSize(MAX_DESCRIPTORS);
      told.addAll(first);
      for (long at = end(first); at < LONGEST; at = end(told)) {
        told.addAll(status(client, at, LONGEST - at, 0));
      }
    }
    assertThat(told).hasSize(2 * marks);
    for (int i = 0; i < marks; i++) {
      assertThat(told.get(2 * i)).isEqualTo(new Told(2L * i * BLOCK, BLOCK, 0));
      assertThat(told.get(2 * i + 1).isHole()).isTrue();
    }

    var data = new ArrayList<Long>();
    try (var client = NbdClient.connect(server.address(), "disk")) {
      client.extents(
          0,
          SIZE,
          (offset, _, state) -> {
            if (state == ExtentState.DATA) {
              data.add(offset);
            }
            return true;
          });
    }
    assertThat(data).hasSize(marks).startsWith(0L).endsWith(2L * (marks - 1) * BLOCK);
  }

  @Test
  void whatIsLongerThanTheVolumeHasLeftIsRefusedAndDoesNothing() throws IOException {
    mark(SIZE - BLOCK);
    long offset = SIZE - LONGEST + 1;
    try (var client = server.simple()) {
      client.request(Command.TRIM, 0, 1, offset, LONGEST);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 1));
      client.request(Command.WRITE_ZEROES, 0, 2, offset, LONGEST);
      assertThat(client.simpleReply().error()).isNotZero();
      client.request(Command.READ, 0, 3, 0, 1L << 31);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 3));
      client.request(Command.READ, 0, 4, 0, LONGEST);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(EINVAL, 4));
    }
    assertThat(read(SIZE - BLOCK, BLOCK)).containsOnly(1);
  }

  /// Fills the block at `offset` with ones.
  private void mark(long offset) throws IOException {
    byte[] ones = new byte[BLOCK];
    Arrays.fill(ones, (byte) 1);
    server.device.write(offset, MemorySegment.ofArray(ones));
  }

  private byte[] read(long offset, int lengthBytes) throws IOException {
    byte[] bytes = new byte[lengthBytes];
    server.device.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static List<Told> status(RawClient client, long offset, long lengthBytes, int flags)
      throws IOException {
    client.request(Command.BLOCK_STATUS, flags, 9, offset, lengthBytes);
    var chunk = client.chunk();
    assertThat(chunk.type()).isEqualTo(Protocol.CHUNK_BLOCK_STATUS);
    assertThat(chunk.done()).isTrue();
    ByteBuffer body = chunk.body();
    assertThat(body.getInt()).isEqualTo(Allocation.CONTEXT_ID);
    var told = new ArrayList<Told>();
    long at = offset;
    while (body.hasRemaining()) {
      long bytes = Integer.toUnsignedLong(body.getInt());
      told.add(new Told(at, bytes, body.getInt()));
      at += bytes;
    }
    assertThat(at).as("the end of what is told").isLessThanOrEqualTo(offset + lengthBytes);
    return told;
  }

  private static long end(List<Told> told) {
    return told.getLast().offset() + told.getLast().lengthBytes();
  }
}
