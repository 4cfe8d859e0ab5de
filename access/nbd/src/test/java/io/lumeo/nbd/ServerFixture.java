package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.MemoryDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/// A server of one export, "disk", on a TCP port.
final class ServerFixture implements AutoCloseable {
  static final int SIZE = 4 << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final BlockDevice device;
  final TestExports exports;
  final NbdServer server;

  private ServerFixture(
      BlockDevice device, Limits limits, IntFunction<Buffer> memory, Workers readers)
      throws IOException {
    this.device = device;
    this.exports = TestExports.of("disk", device);
    this.server =
        NbdServer.builder(exports)
            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .limits(limits)
            .memory(memory)
            .readers(readers)
            .start();
  }

  static ServerFixture ofMemory() throws IOException {
    return of(new MemoryDevice(SIZE));
  }

  static ServerFixture of(BlockDevice device) throws IOException {
    return of(device, Limits.DEFAULT);
  }

  static ServerFixture of(BlockDevice device, Limits limits) throws IOException {
    return new ServerFixture(device, limits, Buffer::new, Resources.unlimitedReaders());
  }

  static ServerFixture of(BlockDevice device, IntFunction<Buffer> memory, Workers readers)
      throws IOException {
    return new ServerFixture(device, Limits.DEFAULT, memory, readers);
  }

  SocketAddress address() {
    return server.addresses().getFirst();
  }

  RawClient simple() throws IOException {
    return RawClient.simple(address(), "disk");
  }

  RawClient structured() throws IOException {
    return RawClient.structured(address(), "disk");
  }

  /// Waits until the server counts what a test expects; a connection's last deeds are counted after
  /// the client sees its end.
  void await(Predicate<Statistics> expected) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!expected.test(server.statistics())) {
      assertThat(System.nanoTime()).as("%s", server.statistics()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
