package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.ExtentState;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.ReadOnlyDevice;
import io.lumeo.block.StorageException;
import io.lumeo.block.ZeroMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NbdClientTest {
  private static final int SIZE = ServerFixture.SIZE;

  private ServerFixture server;
  private NbdClient client;

  @BeforeEach
  void start() throws IOException {
    server = ServerFixture.ofMemory();
    client = NbdClient.connect(server.address(), "disk");
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
    assertThat(server.exports.openCount()).as("exports left open").isZero();
  }

  @Test
  void aClientIsADeviceLikeTheOneServed() throws IOException {
    assertThat(client.sizeBytes()).isEqualTo(SIZE);
    assertThat(client.isReadOnly()).isFalse();
    assertThat(client.preferredBlockBytes()).isEqualTo(4096);
    byte[] bytes = random(70_000);
    client.write(123, MemorySegment.ofArray(bytes));
    client.flush();
    assertThat(read(client, 123, 70_000)).isEqualTo(bytes);
    assertThat(read(server.device, 123, 70_000)).isEqualTo(bytes);
  }

  @Test
  void discardsAndZeroesReachTheDevice() throws IOException {
    client.writeThrough(0, MemorySegment.ofArray(random(32_768)));
    client.discard(0, 16_384);
    client.writeZeroes(16_384, 8192, ZeroMode.KEEP_ALLOCATED);
    client.writeZeroes(24_576, 8192, ZeroMode.MAY_PUNCH);
    assertThat(read(server.device, 0, 32_768)).containsOnly(0);
  }

  @Test
  void extentsAreThoseOfTheDevice() throws IOException {
    client.write(65_536, MemorySegment.ofArray(random(4096)));
    var seen = new ArrayList<String>();
    client.extents(
        4096,
        131_072,
        (offset, bytes, state) -> {
          seen.add(offset + "+" + bytes + " " + state);
          return true;
        });
    assertThat(seen).containsExactly("4096+61440 HOLE", "65536+4096 DATA", "69632+65536 HOLE");
  }

  @Test
  void aVisitorMayStop() throws IOException {
    client.write(65_536, MemorySegment.ofArray(random(4096)));
    var seen = new ArrayList<ExtentState>();
    client.extents(
        0,
        SIZE,
        (_, _, state) -> {
          seen.add(state);
          return false;
        });
    assertThat(seen).containsExactly(ExtentState.HOLE);
  }

  @Test
  void rangesLongerThanAPayloadGoInPieces() throws IOException {
    var limits = Limits.DEFAULT.withPayloadBytes(1 << 20);
    try (var small = ServerFixture.of(new MemoryDevice(SIZE), limits);
        var narrow = NbdClient.connect(small.address(), "disk")) {
      byte[] bytes = random(3_000_000);
      narrow.write(17, MemorySegment.ofArray(bytes));
      assertThat(read(narrow, 17, bytes.length)).isEqualTo(bytes);
      narrow.writeThrough(18, MemorySegment.ofArray(bytes));
      assertThat(read(narrow, 18, bytes.length)).isEqualTo(bytes);
    }
  }

  @Test
  void aSegmentOfOneThreadCanBeReadInto() throws IOException {
    byte[] bytes = random(5000);
    client.write(0, MemorySegment.ofArray(bytes));
    try (var arena = Arena.ofConfined()) {
      var target = arena.allocate(5000);
      client.read(0, target);
      assertThat(target.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
      client.write(5000, target);
      assertThat(read(client, 5000, 5000)).isEqualTo(bytes);
    }
  }

  @Test
  void rangesOutsideTheDeviceAreRefused() {
    assertThatThrownBy(() -> read(client, SIZE - 1, 2))
        .isInstanceOf(StorageException.OutOfRange.class);
    assertThatThrownBy(() -> client.write(-1, MemorySegment.ofArray(new byte[1])))
        .isInstanceOf(StorageException.OutOfRange.class);
    assertThatThrownBy(() -> client.discard(0, SIZE + 1L))
        .isInstanceOf(StorageException.OutOfRange.class);
  }

  @Test
  void aReadOnlyExportIsAReadOnlyDevice() throws IOException {
    server.exports.with("frozen", new ReadOnlyDevice(new MemoryDevice(8192), "is frozen"));
    try (var frozen = NbdClient.connect(server.address(), "frozen")) {
      assertThat(frozen.isReadOnly()).isTrue();
      assertThat(read(frozen, 0, 8192)).containsOnly(0);
      assertThatThrownBy(() -> frozen.write(0, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(StorageException.ReadOnly.class);
    }
  }

  @Test
  void theListTellsNamesAndDescriptions() throws IOException {
    server.exports.with("another", new MemoryDevice(1));
    assertThat(NbdClient.list(server.address()))
        .containsExactly(
            new ExportInfo("another", "about another"), new ExportInfo("disk", "about disk"));
  }

  @Test
  void aNameThatIsNotExportedIsNotFound() {
    assertThatThrownBy(() -> NbdClient.connect(server.address(), "nothing"))
        .isInstanceOf(StorageException.NotFound.class)
        .hasMessageContaining("There is no export \"nothing\"");
  }

  @Test
  void aHostThatDoesNotExistIsNotFound() {
    var nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", NbdServer.DEFAULT_PORT);
    assertThatThrownBy(() -> NbdClient.connect(nowhere, "disk"))
        .isInstanceOf(StorageException.NotFound.class)
        .hasMessageContaining("nowhere.invalid");
  }

  @Test
  void failuresOfTheDeviceKeepTheirKindAndMessage() throws IOException {
    failsAs(new StorageException.OutOfSpace("the pool is full"), StorageException.OutOfSpace.class);
    failsAs(new StorageException.ReadOnly("the pool is frozen"), StorageException.ReadOnly.class);
    failsAs(new StorageException.Unsupported("not here"), StorageException.Unsupported.class);
    failsAs(new StorageException.InvalidArgument("not so"), StorageException.InvalidArgument.class);
    failsAs(new StorageException.Failed("the pool has failed"), IOException.class);
    failsAs(new StorageException.Damaged("a block is damaged"), IOException.class);
    failsAs(new StorageException.Busy("in use"), IOException.class);
    failsAs(new StorageException.OutOfRange(1, 2, 0), StorageException.OutOfSpace.class);
    failsAs(new IOException("the disk is broken"), IOException.class);
  }

  private void failsAs(IOException failure, Class<? extends IOException> type) throws IOException {
    server.exports.with(
        "failing",
        new ForwardingDevice(new MemoryDevice(8192)) {
          @Override
          public boolean tryWrite(long offset, MemorySegment source) {
            return false;
          }

          @Override
          public void write(long offset, MemorySegment source) throws IOException {
            throw failure;
          }
        });
    try (var failing = NbdClient.connect(server.address(), "failing")) {
      assertThatThrownBy(() -> failing.write(0, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(type)
          .hasMessageContaining(failure.getMessage());
      assertThat(read(failing, 0, 1)).as("the connection lives on").containsOnly(0);
    }
  }

  @Test
  void aLostConnectionFailsEveryCall() throws Exception {
    server.close();
    assertThatThrownBy(() -> read(client, 0, 1))
        .isInstanceOf(StorageException.Failed.class)
        .hasMessageContaining("connect again");
    assertThatThrownBy(client::flush).isInstanceOf(StorageException.Failed.class);
  }

  @Test
  void aClosedClientFailsEveryCall() throws Exception {
    client.close();
    client.close();
    assertThatThrownBy(() -> read(client, 0, 1))
        .isInstanceOf(StorageException.Failed.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void anInterruptedThreadStillGetsItsAnswer() throws IOException {
    Thread.currentThread().interrupt();
    boolean interrupted;
    try {
      assertThat(read(client, 0, 100)).containsOnly(0);
    } finally {
      interrupted = Thread.interrupted();
    }
    assertThat(interrupted).as("still interrupted").isTrue();
  }

  @Test
  void manyThreadsShareAConnection() throws Exception {
    int pieceBytes = 32_768;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < SIZE / pieceBytes; i++) {
        int piece = i;
        all.add(threads.submit(() -> writeAndReadBack(piece, pieceBytes)));
      }
      for (var one : all) {
        finish(one);
      }
    }
  }

  private Void writeAndReadBack(int piece, int pieceBytes) throws IOException {
    byte[] bytes = random(pieceBytes - piece);
    long offset = (long) piece * pieceBytes;
    client.write(offset, MemorySegment.ofArray(bytes));
    assertThat(read(client, offset, bytes.length)).isEqualTo(bytes);
    return null;
  }

  private static void finish(Future<?> one) throws InterruptedException, ExecutionException {
    one.get();
  }

  @Test
  void aUnixSocketServesAsWell(@TempDir Path directory) throws IOException {
    var address = UnixDomainSocketAddress.of(directory.resolve("nbd.sock"));
    var exports = TestExports.of("", new MemoryDevice(4096));
    try (var local = NbdServer.builder(exports).listen(address).start();
        var near = NbdClient.connect(local.addresses().getFirst(), "")) {
      assertThat(read(near, 0, 4096)).containsOnly(0);
    }
    assertThat(directory).isEmptyDirectory();
  }

  private static byte[] read(BlockDevice device, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    device.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
