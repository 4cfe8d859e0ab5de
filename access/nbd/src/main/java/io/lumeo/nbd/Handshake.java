package io.lumeo.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The server's handshake over a socket: moves bytes between the client and a [Negotiation].
final class Handshake {
  private static final int SKIP_BYTES = 8 << 10;

  private final SocketChannel channel;
  private final Negotiation negotiation;

  private Handshake(SocketChannel channel, Negotiation negotiation) {
    this.channel = channel;
    this.negotiation = negotiation;
  }

  /// Comes to terms with the client. Returns null if it ended the connection in order.
  ///
  /// @throws IOException if the client broke the protocol or went away
  static @Nullable Session run(
      SocketChannel channel, Exports exports, Limits limits, BooleanSupplier shuttingDown)
      throws IOException {
    try (var negotiation = new Negotiation(exports, limits, shuttingDown)) {
      return new Handshake(channel, negotiation).run();
    }
  }

  private @Nullable Session run() throws IOException {
    writeFully(Negotiation.greeting());
    int flags = read(Integer.BYTES).getInt();
    if (!negotiation.acceptClientFlags(flags)) {
      throw new IOException("the client sets unknown flags: 0x%08x".formatted(flags));
    }
    while (true) {
      var next = option();
      writeFully(negotiation.takeReplies());
      switch (next) {
        case OPTION -> {}
        case TRANSMISSION -> {
          return negotiation.takeSession();
        }
        case END -> {
          return null;
        }
      }
    }
  }

  private Negotiation.Next option() throws IOException {
    var header = read(Protocol.OPTION_HEADER_BYTES);
    long magic = header.getLong();
    if (magic != Protocol.IHAVEOPT) {
      throw new IOException("an option starts with 0x%016x".formatted(magic));
    }
    int option = header.getInt();
    long lengthBytes = Integer.toUnsignedLong(header.getInt());
    if (lengthBytes > negotiation.maxDataBytes(option)) {
      skip(lengthBytes);
      return negotiation.refuseTooLong(option);
    }
    return negotiation.answer(option, read((int) lengthBytes));
  }

  private void skip(long lengthBytes) throws IOException {
    for (long left = lengthBytes; left > 0; left -= Math.min(left, SKIP_BYTES)) {
      read((int) Math.min(left, SKIP_BYTES));
    }
  }

  private ByteBuffer read(int lengthBytes) throws IOException {
    var bytes = ByteBuffer.allocate(lengthBytes);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("the client hung up during the handshake");
      }
    }
    return bytes.flip();
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
