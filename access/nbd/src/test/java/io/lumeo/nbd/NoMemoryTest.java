package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.nbd.RawClient.SimpleReply;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// There is no memory for a buffer or a thread: one request fails, nothing stays counted, and the
/// connection lives.
@Timeout(60)
class NoMemoryTest {
  private static final int MIB = 1 << 20;

  private final ScarceMemory memory = new ScarceMemory();
  private final ScarceThreads threads = new ScarceThreads();
  private final GatedDevice device = new GatedDevice(new MemoryDevice(ServerFixture.SIZE));
  private ServerFixture fixture;

  /// Memory that can run out.
  private static final class ScarceMemory implements IntFunction<Buffer> {
    final AtomicInteger refusals = new AtomicInteger();
    final Queue<Integer> grants = new ConcurrentLinkedQueue<>();
    volatile boolean isOut;

    @Override
    public Buffer apply(int sizeBytes) {
      if (isOut) {
        refusals.incrementAndGet();
        throw new OutOfMemoryError("none left for the test");
      }
      grants.add(sizeBytes);
      return new Buffer(sizeBytes);
    }
  }

  /// Threads that can run out, virtual ones too.
  private static final class ScarceThreads extends Workers {
    final AtomicInteger refusals = new AtomicInteger();
    volatile boolean isOut;

    ScarceThreads() {
      super("scarce", Integer.MAX_VALUE);
    }

    @Override
    void execute(Runnable work) {
      if (isOut) {
        refusals.incrementAndGet();
        throw new OutOfMemoryError("unable to create a thread for the test");
      }
      super.execute(work);
    }
  }

  @BeforeEach
  void start() throws IOException {
    fixture = ServerFixture.of(device, memory, threads);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  /// A client whose connection has its buffers, as its first reply shows.
  private RawClient served() throws IOException {
    var client = fixture.simple();
    client.request(Command.READ, 0, 0, MIB, 1);
    assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 0));
    client.receive(1);
    return client;
  }

  private void assertNothingIsInFlight() {
    fixture.await(statistics -> statistics.bytesInFlight() == 0);
  }

  @Test
  void aLargeWriteFailsAloneAndItsPayloadIsPassedOver() throws IOException {
    try (var client = served()) {
      memory.isOut = true;
      client.write(0, 1, MIB, new byte[2 * MIB]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(NbdError.ENOMEM.code(), 1));
      assertNothingIsInFlight();

      memory.isOut = false;
      client.write(0, 2, MIB, new byte[2 * MIB]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
    }
    fixture.await(statistics -> statistics.connections() == 0);
  }

  @Test
  void aWriteThroughFailsAlone() throws IOException {
    try (var client = served()) {
      memory.isOut = true;
      client.write(Protocol.CMD_FLAG_FUA, 1, MIB, new byte[4096]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(NbdError.ENOMEM.code(), 1));
      assertNothingIsInFlight();

      memory.isOut = false;
      client.write(Protocol.CMD_FLAG_FUA, 2, MIB, new byte[4096]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
    }
    fixture.await(statistics -> statistics.connections() == 0);
  }

  @Test
  void aReaderThatCannotBeRelievedGoesOnItself() throws Exception {
    try (var client = served()) {
      memory.isOut = true;
      client.write(0, 1, 0, new byte[4096]);
      device.awaitWaiting(1);
      fixture.await(_ -> memory.refusals.get() > 1);
      device.release(1);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
      assertNothingIsInFlight();
    }
    fixture.await(statistics -> statistics.connections() == 0);
  }

  @Test
  void aReaderForWhomNoThreadComesGoesOnItself() throws Exception {
    try (var client = served()) {
      threads.isOut = true;
      client.write(0, 1, 0, new byte[4096]);
      device.awaitWaiting(1);
      fixture.await(_ -> threads.refusals.get() > 1);
      device.release(1);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
      assertNothingIsInFlight();

      client.write(0, 2, MIB, new byte[4096]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
    }
    fixture.await(statistics -> statistics.connections() == 0);
  }

  @Test
  void aReaderIsRelievedAsSoonAsThereIsAThread() throws Exception {
    try (var client = served()) {
      threads.isOut = true;
      client.write(0, 1, 0, new byte[4096]);
      device.awaitWaiting(1);
      fixture.await(_ -> threads.refusals.get() > 1);

      threads.isOut = false;
      client.write(0, 2, MIB, new byte[4096]);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 2));
      device.release(1);
      assertThat(client.simpleReply()).isEqualTo(new SimpleReply(0, 1));
      assertNothingIsInFlight();
    }
    fixture.await(statistics -> statistics.connections() == 0);
  }

  /// One that was turned away would otherwise have taken the place of a large buffer for good.
  @Test
  void connectionsThatFoundNoMemoryTakeNoneFromLaterOnes() throws IOException {
    memory.isOut = true;
    for (long i = 0; i < Resources.LARGE_STREAMS_BYTES / Resources.LARGE_STREAM_BYTES; i++) {
      try (var client = RawClient.greeted(fixture.address())) {
        client.go("disk");
        client.assertHungUp();
      }
    }
    memory.isOut = false;
    try (var client = fixture.simple()) {
      client.write(0, 1, MIB, new byte[4096]);
      assertThat(client.simpleReply().error()).isZero();
      assertThat(memory.grants).contains(BufferPool.sizeBytes(Resources.LARGE_STREAM_BYTES));
      assertThat(fixture.exports.openCount()).isEqualTo(1);
    }
  }
}
