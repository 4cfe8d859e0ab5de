package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.MemoryDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// A server of one export, "disk", on a TCP port.
final class ServerFixture implements AutoCloseable {
  static final int SIZE = 4 << 20;

  final BlockDevice device;
  final TestExports exports;
  final NbdServer server;

  private ServerFixture(BlockDevice device, Limits limits) throws IOException {
    this.device = device;
    this.exports = TestExports.of("disk", device);
    this.server =
        NbdServer.builder(exports)
            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .limits(limits)
            .start();
  }

  static ServerFixture ofMemory() throws IOException {
    return of(new MemoryDevice(SIZE));
  }

  static ServerFixture of(BlockDevice device) throws IOException {
    return of(device, Limits.DEFAULT);
  }

  static ServerFixture of(BlockDevice device, Limits limits) throws IOException {
    return new ServerFixture(device, limits);
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

  @Override
  public void close() {
    server.close();
  }
}
