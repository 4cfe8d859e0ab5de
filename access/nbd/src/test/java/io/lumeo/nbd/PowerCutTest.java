package io.lumeo.nbd;

import static io.lumeo.nbd.Protocol.CMD_FLAG_FUA;
import static io.lumeo.nbd.Protocol.CMD_FLAG_NO_HOLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.nbd.RawClient.SimpleReply;
import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.SimulatedClock;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolClock;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.ThinId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The power goes away right after a reply: what the reply promised is on the disks, whatever they
/// did with the rest. A thin pool on two crashing disks is served, as a user's pool is.
@Timeout(60)
class PowerCutTest {
  private static final int SIZE = 4 << 20;
  private static final int BLOCK = 64 << 10;
  private static final int CRASHES = 40;
  private static final ThinId VOLUME = new ThinId(0);

  /// A request that changes bytes. None starts or ends at a data block's border.
  enum Request {
    SMALL_WRITE(Command.WRITE, 0, 4096),
    WRITE_OVER_A_BORDER(Command.WRITE, 0, BLOCK),
    LARGE_WRITE(Command.WRITE, 0, 2 << 20),
    TRIM(Command.TRIM, 0, 1 << 20),
    WRITE_ZEROES(Command.WRITE_ZEROES, 0, 1 << 20),
    WRITE_ZEROES_WITHOUT_HOLES(Command.WRITE_ZEROES, CMD_FLAG_NO_HOLE, 1 << 20);

    private static final int OFFSET = 3 * BLOCK + 512;

    private final Command command;
    private final int flags;
    private final int lengthBytes;

    Request(Command command, int flags, int lengthBytes) {
      this.command = command;
      this.flags = flags;
      this.lengthBytes = lengthBytes;
    }

    /// What is there when it is done.
    private byte[] bytes() {
      var bytes = new byte[lengthBytes];
      if (command == Command.WRITE) {
        new Random(lengthBytes).nextBytes(bytes);
      }
      return bytes;
    }

    /// Has it done, with these flags too, and waits for the reply.
    void send(RawClient client, int moreFlags) throws IOException {
      if (command == Command.WRITE) {
        client.write(flags | moreFlags, 1, OFFSET, bytes());
      } else {
        client.request(command, flags | moreFlags, 1, OFFSET, lengthBytes);
      }
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
    }

    byte[] appliedTo(byte[] content) {
      byte[] changed = content.clone();
      ByteBuffer.wrap(changed).put(OFFSET, bytes());
      return changed;
    }
  }

  private final Random random = new Random(20);
  private final CrashingDisk metadata = new CrashingDisk(1 << 20);
  private final CrashingDisk data = new CrashingDisk(4 * SIZE);
  private final byte[] old = new byte[SIZE];
  private Pool pool;
  private ServerFixture server;

  @BeforeEach
  void serveAPool() throws IOException {
    Pool.format(metadata, data, BLOCK);
    pool = Pool.open(metadata, data, PoolOptions.DEFAULT, new StandingClock());
    pool.createThin(VOLUME);
    pool.commit();
    server = ServerFixture.of(pool.openDevice(VOLUME, SIZE, false, null));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    pool.close();
  }

  @ParameterizedTest
  @EnumSource
  void whatWasDoneWithFuaSurvivesWhereNothingWas(Request request) throws IOException {
    sendAlone(request, CMD_FLAG_FUA);

    assertEveryCrashLeaves(request.appliedTo(old));
  }

  @ParameterizedTest
  @EnumSource
  void whatWasDoneWithFuaSurvivesInBlocksThatWereMapped(Request request) throws IOException {
    fill();

    sendAlone(request, CMD_FLAG_FUA);

    assertEveryCrashLeaves(request.appliedTo(old));
  }

  @ParameterizedTest
  @EnumSource
  void whatWasDoneWithFuaSurvivesInBlocksThatASnapshotShares(Request request) throws IOException {
    fill();
    var snapshot = new ThinId(1);
    pool.createSnapshot(snapshot, VOLUME);
    pool.commit();

    sendAlone(request, CMD_FLAG_FUA);

    assertEveryCrashLeaves(request.appliedTo(old));
    for (int i = 0; i < CRASHES; i++) {
      assertThat(Arrays.equals(afterACrash(snapshot), old)).as("the snapshot").isTrue();
    }
  }

  /// So the tests above would notice a server that forgets the flag.
  @ParameterizedTest
  @EnumSource
  void whatWasDoneWithoutFuaMayBeLost(Request request) throws IOException {
    fill();

    sendAlone(request, 0);

    assertSomeCrashLoses(request.appliedTo(old));
  }

  /// What "multi-conn" promises: a flush covers what was answered on any connection.
  @ParameterizedTest
  @EnumSource
  void whatOneConnectionDidAndAnotherFlushedSurvives(Request request) throws IOException {
    fill();
    try (var one = server.simple();
        var other = server.simple()) {
      request.send(one, 0);
      assertSomeCrashLoses(request.appliedTo(old));

      other.request(Command.FLUSH, 0, 2, 0, 0);
      assertThat(other.simpleReply()).isEqualTo(new SimpleReply(0, 2));

      assertEveryCrashLeaves(request.appliedTo(old));
    }
  }

  @Test
  void whatOneConnectionDidIsDurableByAnothersFua() throws IOException {
    fill();
    try (var one = server.simple();
        var other = server.simple()) {
      Request.SMALL_WRITE.send(one, 0);
      Request.SMALL_WRITE.send(other, CMD_FLAG_FUA);

      assertEveryCrashLeaves(Request.SMALL_WRITE.appliedTo(old));
    }
  }

  /// Maps the whole volume, durably.
  private void fill() throws IOException {
    random.nextBytes(old);
    server.device.write(0, MemorySegment.ofArray(old));
    server.device.flush();
  }

  private void sendAlone(Request request, int flags) throws IOException {
    try (var client = server.simple()) {
      request.send(client, flags);
    }
  }

  private void assertEveryCrashLeaves(byte[] expected) throws IOException {
    for (int i = 0; i < CRASHES; i++) {
      assertThat(Arrays.mismatch(afterACrash(VOLUME), expected))
          .as("first difference")
          .isNegative();
    }
  }

  private void assertSomeCrashLoses(byte[] expected) throws IOException {
    boolean lost = false;
    for (int i = 0; i < CRASHES && !lost; i++) {
      lost = !Arrays.equals(afterACrash(VOLUME), expected);
    }
    assertThat(lost).as("a crash that loses what was not flushed").isTrue();
  }

  /// What a device holds in a pool opened on what a power cut now would leave of the disks.
  private byte[] afterACrash(ThinId id) throws IOException {
    byte[] found = new byte[SIZE];
    try (var reopened =
            Pool.open(
                metadata.crash(random),
                data.crash(random),
                PoolOptions.DEFAULT,
                new StandingClock());
        var device = reopened.openDevice(id, SIZE, true, null)) {
      device.read(0, MemorySegment.ofArray(found));
    }
    return found;
  }

  /// A pool that lives in this time commits nothing by itself.
  private record StandingClock(SimulatedClock time) implements PoolClock {
    StandingClock() {
      this(new SimulatedClock());
    }

    @Override
    public Instant now() {
      return time.now();
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable action) {
      var scheduled = time.schedule(delay, action);
      return scheduled::cancel;
    }
  }
}
