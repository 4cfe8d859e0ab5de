package io.lumeo.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lumeo.block.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The client's side of the handshake.
final class ClientHandshake {
  private static final int MAX_REPLY_BYTES = 1 << 20;
  private static final int DEFAULT_PREFERRED_BYTES = 4096;
  private static final int DEFAULT_PAYLOAD_BYTES = 32 << 20;

  private final SocketChannel channel;

  private ClientHandshake(SocketChannel channel) {
    this.channel = channel;
  }

  /// Chooses an export, with all that the server offers.
  static Agreement choose(SocketChannel channel, String exportName) throws IOException {
    var handshake = new ClientHandshake(channel);
    handshake.greet();
    return handshake.choose(exportName);
  }

  /// Asks for the list of exports, and ends the negotiation.
  static List<ExportInfo> list(SocketChannel channel) throws IOException {
    var handshake = new ClientHandshake(channel);
    handshake.greet();
    var exports = new ArrayList<ExportInfo>();
    handshake.ask(
        Protocol.OPT_LIST,
        new byte[0],
        reply -> {
          if (reply.type == Protocol.REP_SERVER) {
            exports.add(exportInfo(reply.data));
          }
        });
    handshake.send(Protocol.OPT_ABORT, new byte[0]);
    return exports;
  }

  private record Reply(int type, ByteBuffer data) {
    boolean isFinal() {
      return type == Protocol.REP_ACK || type < 0;
    }

    boolean isError() {
      return type < 0;
    }
  }

  private void greet() throws IOException {
    var greeting = read(2 * Long.BYTES + Short.BYTES);
    if (greeting.getLong() != Protocol.NBDMAGIC || greeting.getLong() != Protocol.IHAVEOPT) {
      throw new IOException("%s is no NBD server".formatted(channel.getRemoteAddress()));
    }
    int flags = Short.toUnsignedInt(greeting.getShort());
    if ((flags & Protocol.FLAG_FIXED_NEWSTYLE) == 0) {
      throw new StorageException.Unsupported(
          "%s is an NBD server too old to negotiate".formatted(channel.getRemoteAddress()));
    }
    write(ByteBuffer.allocate(Integer.BYTES).putInt(flags & 3).flip());
  }

  private Agreement choose(String exportName) throws IOException {
    boolean structured = isTaken(Protocol.OPT_STRUCTURED_REPLY, new byte[0]);
    boolean allocation = structured && selectAllocation(exportName);
    var facts = new ExportFacts();
    var last = ask(Protocol.OPT_GO, info(exportName), facts);
    if (last.isError()) {
      throw refused(exportName, last);
    }
    if (facts.minimumBytes != 1) {
      throw new StorageException.Unsupported(
          "export \"%s\" takes only whole blocks of %d bytes; export it with blocks of 1"
              .formatted(exportName, facts.minimumBytes));
    }
    return new Agreement(
        facts.sizeBytes,
        facts.flags,
        facts.preferredBytes,
        facts.maxPayloadBytes,
        structured,
        allocation);
  }

  private boolean selectAllocation(String exportName) throws IOException {
    byte[] name = exportName.getBytes(UTF_8);
    byte[] query = Protocol.BASE_ALLOCATION.getBytes(UTF_8);
    byte[] data =
        ByteBuffer.allocate(3 * Integer.BYTES + name.length + query.length)
            .putInt(name.length)
            .put(name)
            .putInt(1)
            .putInt(query.length)
            .put(query)
            .array();
    var selected = new ArrayList<Reply>();
    var last = ask(Protocol.OPT_SET_META_CONTEXT, data, selected::add);
    return !last.isError() && selected.size() > 1; // one context, and the acknowledgement
  }

  /// GO, asking for the block sizes: a server may insist on some only with who asks.
  private static byte[] info(String exportName) {
    byte[] name = exportName.getBytes(UTF_8);
    return ByteBuffer.allocate(Integer.BYTES + name.length + 2 * Short.BYTES)
        .putInt(name.length)
        .put(name)
        .putShort((short) 1)
        .putShort((short) Protocol.INFO_BLOCK_SIZE)
        .array();
  }

  /// Collects what the server tells of an export.
  private static final class ExportFacts implements Consumer<Reply> {
    private long sizeBytes;
    private int flags;
    private int minimumBytes = 1;
    private int preferredBytes = DEFAULT_PREFERRED_BYTES;
    private int maxPayloadBytes = DEFAULT_PAYLOAD_BYTES;

    @Override
    public void accept(Reply reply) {
      if (reply.type != Protocol.REP_INFO) {
        return;
      }
      switch (Short.toUnsignedInt(reply.data.getShort())) {
        case Protocol.INFO_EXPORT -> {
          sizeBytes = reply.data.getLong();
          flags = Short.toUnsignedInt(reply.data.getShort());
        }
        case Protocol.INFO_BLOCK_SIZE -> {
          minimumBytes = reply.data.getInt();
          preferredBytes = reply.data.getInt();
          long max = Integer.toUnsignedLong(reply.data.getInt());
          maxPayloadBytes = (int) Math.min(max, DEFAULT_PAYLOAD_BYTES);
        }
        default -> {} // a client ignores what it does not know
      }
    }
  }

  private boolean isTaken(int option, byte[] data) throws IOException {
    return !ask(option, data, _ -> {}).isError();
  }

  /// Sends an option and shows all replies to `each`. Returns the last.
  private Reply ask(int option, byte[] data, Consumer<Reply> each) throws IOException {
    send(option, data);
    while (true) {
      var reply = reply(option);
      if (reply.type == Protocol.REP_ERR_SHUTDOWN) {
        throw new StorageException.Failed("the NBD server is shutting down; try again later");
      }
      try {
        each.accept(reply);
      } catch (BufferUnderflowException e) {
        throw new IOException("the NBD server sends a reply that is too short", e);
      }
      if (reply.isFinal()) {
        return reply;
      }
    }
  }

  private void send(int option, byte[] data) throws IOException {
    write(
        ByteBuffer.allocate(Protocol.OPTION_HEADER_BYTES + data.length)
            .putLong(Protocol.IHAVEOPT)
            .putInt(option)
            .putInt(data.length)
            .put(data)
            .flip());
  }

  private Reply reply(int option) throws IOException {
    var header = read(Protocol.OPTION_REPLY_HEADER_BYTES);
    long magic = header.getLong();
    int answered = header.getInt();
    int type = header.getInt();
    int lengthBytes = header.getInt();
    if (magic != Protocol.OPTION_REPLY_MAGIC || answered != option) {
      throw new IOException(
          "the NBD server answers option %d with 0x%016x for option %d"
              .formatted(option, magic, answered));
    }
    if (lengthBytes < 0 || lengthBytes > MAX_REPLY_BYTES) {
      throw new IOException(
          "the NBD server sends an option reply of %d bytes"
              .formatted(Integer.toUnsignedLong(lengthBytes)));
    }
    return new Reply(type, read(lengthBytes));
  }

  private static IOException refused(String exportName, Reply reply) {
    var message =
        "the NBD server refuses export \"%s\": %s"
            .formatted(exportName, UTF_8.decode(reply.data.duplicate()));
    return switch (reply.type) {
      case Protocol.REP_ERR_UNKNOWN -> new StorageException.NotFound(message);
      case Protocol.REP_ERR_UNSUP -> new StorageException.Unsupported(message);
      default -> new IOException(message);
    };
  }

  private static ExportInfo exportInfo(ByteBuffer data) {
    int nameBytes = data.getInt();
    if (nameBytes < 0 || nameBytes > data.remaining()) {
      throw new BufferUnderflowException();
    }
    var name = UTF_8.decode(data.slice(data.position(), nameBytes)).toString();
    var description = UTF_8.decode(data.position(data.position() + nameBytes)).toString();
    return new ExportInfo(name, description);
  }

  private ByteBuffer read(int lengthBytes) throws IOException {
    var bytes = ByteBuffer.allocate(lengthBytes);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("the NBD server hung up during the handshake");
      }
    }
    return bytes.flip();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
