package io.lumeo.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A client driven by hand, byte by byte: it does what a test says, right or wrong.
final class RawClient implements AutoCloseable {
  static final int FIXED_NO_ZEROES = 3;

  private final SocketChannel channel;

  record OptionReply(int option, int type, ByteBuffer data) {
    String text() {
      return StandardCharsets.UTF_8.decode(data.duplicate()).toString();
    }
  }

  /// A simple reply, without the bytes that follow one to a READ.
  record SimpleReply(int error, long cookie) {}

  record Chunk(int flags, int type, long cookie, ByteBuffer payload) {
    boolean done() {
      return (flags & 1) != 0;
    }

    ByteBuffer body() {
      return payload.duplicate();
    }

    /// The data of a data chunk.
    byte[] data() {
      byte[] data = new byte[payload.remaining() - 8];
      payload.get(8, data);
      return data;
    }

    /// The error of an error chunk.
    int error() {
      assertThat(type & 0x8000).as("chunk type %x is an error", type).isNotZero();
      return body().getInt();
    }

    String message() {
      return StandardCharsets.UTF_8.decode(payload.slice(6, payload.getShort(4))).toString();
    }
  }

  RawClient(SocketAddress address) throws IOException {
    this.channel = SocketChannel.open(address);
  }

  /// Connects and gets through the first exchange as a modern client.
  static RawClient greeted(SocketAddress address) throws IOException {
    var client = new RawClient(address);
    client.greet(FIXED_NO_ZEROES);
    return client;
  }

  /// Connects and chooses an export, without extensions.
  static RawClient simple(SocketAddress address, String export) throws IOException {
    var client = greeted(address);
    client.go(export);
    return client;
  }

  /// Connects and chooses an export, with structured replies and `base:allocation`.
  static RawClient structured(SocketAddress address, String export) throws IOException {
    var client = greeted(address);
    client.option(Protocol.OPT_STRUCTURED_REPLY);
    client.option(Protocol.OPT_SET_META_CONTEXT, contexts(export, Protocol.BASE_ALLOCATION));
    client.go(export);
    return client;
  }

  ByteBuffer greet(int clientFlags) throws IOException {
    var greeting = receive(18);
    send(ByteBuffer.allocate(4).putInt(clientFlags));
    return greeting;
  }

  List<OptionReply> go(String export) throws IOException {
    var replies = option(Protocol.OPT_GO, info(export));
    assertThat(replies.getLast().type()).isEqualTo(Protocol.REP_ACK);
    return replies;
  }

  /// Sends an option and returns all its replies.
  List<OptionReply> option(int option, byte... data) throws IOException {
    sendOption(option, data);
    var replies = new ArrayList<OptionReply>();
    do {
      replies.add(optionReply());
    } while (replies.getLast().type() > Protocol.REP_ACK);
    return replies;
  }

  void sendOption(int option, byte... data) throws IOException {
    send(
        ByteBuffer.allocate(16 + data.length)
            .putLong(Protocol.IHAVEOPT)
            .putInt(option)
            .putInt(data.length)
            .put(data));
  }

  OptionReply optionReply() throws IOException {
    var header = receive(20);
    assertThat(header.getLong()).isEqualTo(Protocol.OPTION_REPLY_MAGIC);
    int option = header.getInt();
    int type = header.getInt();
    return new OptionReply(option, type, receive(header.getInt()));
  }

  void request(Command command, int flags, long cookie, long offset, long lengthBytes)
      throws IOException {
    request(command.type(), flags, cookie, offset, lengthBytes, new byte[0]);
  }

  void write(int flags, long cookie, long offset, byte... payload) throws IOException {
    request(1, flags, cookie, offset, payload.length, payload);
  }

  void request(int type, int flags, long cookie, long offset, long lengthBytes, byte[] payload)
      throws IOException {
    send(requestBytes(type, flags, cookie, offset, lengthBytes, payload));
  }

  static ByteBuffer requestBytes(
      int type, int flags, long cookie, long offset, long lengthBytes, byte... payload) {
    return ByteBuffer.allocate(28 + payload.length)
        .putInt(0x25609513)
        .putShort((short) flags)
        .putShort((short) type)
        .putLong(cookie)
        .putLong(offset)
        .putInt((int) lengthBytes)
        .put(payload);
  }

  SimpleReply simpleReply() throws IOException {
    var bytes = receive(16);
    assertThat(bytes.getInt()).isEqualTo(0x67446698);
    return new SimpleReply(bytes.getInt(), bytes.getLong());
  }

  Chunk chunk() throws IOException {
    var bytes = receive(20);
    assertThat(bytes.getInt()).isEqualTo(0x668e33ef);
    int flags = Short.toUnsignedInt(bytes.getShort());
    int type = Short.toUnsignedInt(bytes.getShort());
    long cookie = bytes.getLong();
    return new Chunk(flags, type, cookie, receive(bytes.getInt()));
  }

  /// Chunks up to and with the last of a reply.
  List<Chunk> chunks() throws IOException {
    var chunks = new ArrayList<Chunk>();
    do {
      chunks.add(chunk());
    } while (!chunks.getLast().done());
    return chunks;
  }

  void send(ByteBuffer bytes) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  ByteBuffer receive(int lengthBytes) throws IOException {
    var bytes = ByteBuffer.allocate(lengthBytes);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("the server hung up after %d bytes".formatted(bytes.position()));
      }
    }
    return bytes.flip();
  }

  /// Asserts that the server sends nothing more and closes the connection.
  void assertHungUp() throws IOException {
    try {
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  /// Tells the server that nothing more will be sent.
  void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /// The data of INFO and GO.
  static byte[] info(String export, int... wishes) {
    byte[] name = export.getBytes(StandardCharsets.UTF_8);
    var data = ByteBuffer.allocate(4 + name.length + 2 + 2 * wishes.length);
    data.putInt(name.length).put(name).putShort((short) wishes.length);
    for (int wish : wishes) {
      data.putShort((short) wish);
    }
    return data.array();
  }

  /// The data of LIST_META_CONTEXT and SET_META_CONTEXT.
  static byte[] contexts(String export, String... queries) {
    byte[] name = export.getBytes(StandardCharsets.UTF_8);
    var data = ByteBuffer.allocate(8 + name.length + 4096);
    data.putInt(name.length).put(name).putInt(queries.length);
    for (var query : queries) {
      byte[] text = query.getBytes(StandardCharsets.UTF_8);
      data.putInt(text.length).put(text);
    }
    byte[] bytes = new byte[data.position()];
    data.flip().get(bytes);
    return bytes;
  }
}
