package io.lumeo.nbd;

import io.lumeo.block.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The server's side of option haggling, without the socket: options in, replies out.
///
/// What is agreed on lives here until an export is chosen: structured replies, the metadata context
/// (selected for one export name; choosing another name leaves it unselected), and the export that
/// INFO or SET_META_CONTEXT opened, so that a connection opens each export once.
///
/// Used by one thread.
final class Negotiation implements Closeable {
  /// What comes after an option.
  enum Next {
    /// Another option.
    OPTION,
    /// The transmission phase, once the replies are sent.
    TRANSMISSION,
    /// The end of the connection, once the replies are sent.
    END
  }

  private static final int SMALLEST_PREFERRED_BYTES = 512;

  private final Exports exports;
  private final Limits limits;
  private final BooleanSupplier shuttingDown;
  private final OptionReplies replies = new OptionReplies();

  private boolean fixedNewstyle;
  private boolean zeroes = true;
  private boolean structuredReplies;
  private @Nullable String allocationSelectedFor;
  private @Nullable Opened opened;

  private record Opened(String name, Export export) {}

  Negotiation(Exports exports, Limits limits, BooleanSupplier shuttingDown) {
    this.exports = exports;
    this.limits = limits;
    this.shuttingDown = shuttingDown;
  }

  /// What the server says first.
  static ByteBuffer greeting() {
    return ByteBuffer.allocate(2 * Long.BYTES + Short.BYTES)
        .putLong(Protocol.NBDMAGIC)
        .putLong(Protocol.IHAVEOPT)
        .putShort((short) (Protocol.FLAG_FIXED_NEWSTYLE | Protocol.FLAG_NO_ZEROES))
        .flip();
  }

  /// Takes the client's flags. Returns false if the connection must be dropped because of them.
  boolean acceptClientFlags(int flags) {
    fixedNewstyle = (flags & Protocol.FLAG_FIXED_NEWSTYLE) != 0;
    zeroes = (flags & Protocol.FLAG_NO_ZEROES) == 0;
    return (flags & ~(Protocol.FLAG_FIXED_NEWSTYLE | Protocol.FLAG_NO_ZEROES)) == 0;
  }

  /// The longest data of `option` that [#answer] takes; what is longer goes to [#refuseTooLong].
  int maxDataBytes(int option) {
    return option == Protocol.OPT_EXPORT_NAME ? Protocol.MAX_STRING_BYTES : limits.optionBytes();
  }

  /// Answers an option whose data was longer than [#maxDataBytes] and has been skipped.
  Next refuseTooLong(int option) {
    if (option == Protocol.OPT_EXPORT_NAME || !fixedNewstyle) {
      return Next.END;
    }
    return refuse(option, Protocol.REP_ERR_TOO_BIG, "The option's data is too long");
  }

  /// Answers one option. The replies are in [#takeReplies].
  Next answer(int option, ByteBuffer data) {
    if (!fixedNewstyle && option != Protocol.OPT_EXPORT_NAME) {
      return Next.END;
    }
    if (shuttingDown.getAsBoolean() && option != Protocol.OPT_ABORT) {
      return option == Protocol.OPT_EXPORT_NAME
          ? Next.END
          : refuse(option, Protocol.REP_ERR_SHUTDOWN, "The server is shutting down");
    }
    return switch (option) {
      case Protocol.OPT_EXPORT_NAME -> exportName(data);
      case Protocol.OPT_ABORT -> abort();
      case Protocol.OPT_LIST -> list(data);
      case Protocol.OPT_INFO -> info(option, data, Next.OPTION);
      case Protocol.OPT_GO -> info(option, data, Next.TRANSMISSION);
      case Protocol.OPT_STRUCTURED_REPLY -> structuredReply(data);
      case Protocol.OPT_LIST_META_CONTEXT, Protocol.OPT_SET_META_CONTEXT ->
          metaContext(option, data);
      default -> refuse(option, Protocol.REP_ERR_UNSUP, "The option is not supported");
    };
  }

  ByteBuffer takeReplies() {
    return replies.take();
  }

  /// What was agreed on, once [Next#TRANSMISSION] was the answer. The caller now owns the export.
  Session takeSession() {
    var chosen = opened;
    if (chosen == null) {
      throw new IllegalStateException("no export was chosen");
    }
    opened = null;
    return new Session(
        chosen.name, chosen.export, structuredReplies, chosen.name.equals(allocationSelectedFor));
  }

  /// Closes the export of a negotiation that came to nothing.
  @Override
  public void close() throws IOException {
    if (opened != null) {
      var last = opened;
      opened = null;
      last.export.close();
    }
  }

  private Next exportName(ByteBuffer data) {
    var name = Utf8.decode(data);
    if (name == null) {
      return Next.END;
    }
    try {
      var export = open(name);
      replies.exportName(export.device().sizeBytes(), transmissionFlags(export), zeroes);
      return Next.TRANSMISSION;
    } catch (IOException _) {
      return Next.END; // this option has no error reply: to hang up is the answer
    }
  }

  private Next abort() {
    replies.ack(Protocol.OPT_ABORT);
    return Next.END;
  }

  private Next list(ByteBuffer data) {
    int option = Protocol.OPT_LIST;
    if (data.hasRemaining()) {
      return refuse(option, Protocol.REP_ERR_INVALID, "LIST takes no data");
    }
    try {
      for (var export : exports.list()) {
        replies.server(option, export);
      }
      return acknowledge(option);
    } catch (IOException e) {
      return refuse(option, e);
    }
  }

  private Next structuredReply(ByteBuffer data) {
    int option = Protocol.OPT_STRUCTURED_REPLY;
    if (data.hasRemaining()) {
      return refuse(option, Protocol.REP_ERR_INVALID, "STRUCTURED_REPLY takes no data");
    }
    structuredReplies = true;
    return acknowledge(option);
  }

  /// INFO and GO: the name, a count, and the numbers of what the client would like to know.
  private Next info(int option, ByteBuffer data, Next afterwards) {
    try {
      var name = string(data);
      int count = Short.toUnsignedInt(data.getShort());
      if (name == null || data.remaining() != count * Short.BYTES) {
        return refuse(option, Protocol.REP_ERR_INVALID, "The option's data is malformed");
      }
      var export = open(name);
      replies.infoExport(option, export.device().sizeBytes(), transmissionFlags(export));
      replies.infoBlockSize(option, 1, preferredBytes(export), limits.payloadBytes());
      while (data.hasRemaining()) {
        switch (Short.toUnsignedInt(data.getShort())) {
          case Protocol.INFO_NAME -> replies.infoText(option, Protocol.INFO_NAME, name);
          case Protocol.INFO_DESCRIPTION ->
              replies.infoText(option, Protocol.INFO_DESCRIPTION, export.description());
          default -> {} // sent already, or unknown, which a server ignores
        }
      }
      replies.ack(option);
      return afterwards;
    } catch (BufferUnderflowException _) {
      return refuse(option, Protocol.REP_ERR_INVALID, "The option's data is too short");
    } catch (IOException e) {
      return refuse(option, e);
    }
  }

  /// LIST_META_CONTEXT and SET_META_CONTEXT: the export's name, a count, and the queries.
  private Next metaContext(int option, ByteBuffer data) {
    boolean selects = option == Protocol.OPT_SET_META_CONTEXT;
    if (selects) {
      allocationSelectedFor = null; // a new set replaces the old one even when it is refused
    }
    if (!structuredReplies) {
      return refuse(option, Protocol.REP_ERR_INVALID, "Metadata needs structured replies first");
    }
    try {
      var name = string(data);
      var queries = strings(data);
      if (name == null || queries == null || data.hasRemaining()) {
        return refuse(option, Protocol.REP_ERR_INVALID, "The option's data is malformed");
      }
      open(name);
      return selects ? setMetaContext(name, queries) : listMetaContext(queries);
    } catch (BufferUnderflowException _) {
      return refuse(option, Protocol.REP_ERR_INVALID, "The option's data is too short");
    } catch (IOException e) {
      return refuse(option, e);
    }
  }

  private Next setMetaContext(String name, List<String> queries) {
    int option = Protocol.OPT_SET_META_CONTEXT;
    if (queries.contains(Protocol.BASE_ALLOCATION)) {
      allocationSelectedFor = name;
      replies.metaContext(option, Allocation.CONTEXT_ID, Protocol.BASE_ALLOCATION);
    }
    return acknowledge(option);
  }

  /// No query asks for everything, and a bare namespace for everything in it.
  private Next listMetaContext(List<String> queries) {
    int option = Protocol.OPT_LIST_META_CONTEXT;
    if (queries.isEmpty()
        || queries.contains(Protocol.BASE_ALLOCATION)
        || queries.contains("base:")) {
      replies.metaContext(option, 0, Protocol.BASE_ALLOCATION);
    }
    return acknowledge(option);
  }

  private Export open(String name) throws IOException {
    if (opened != null && opened.name.equals(name)) {
      return opened.export;
    }
    var export = exports.open(name);
    try {
      close();
    } finally {
      opened = new Opened(name, export);
    }
    return export;
  }

  private int transmissionFlags(Export export) {
    int flags =
        Protocol.FLAG_HAS_FLAGS
            | Protocol.FLAG_SEND_FLUSH
            | Protocol.FLAG_SEND_FUA
            | Protocol.FLAG_SEND_CACHE
            // All connections share one device, whose flush covers what any of them completed.
            | Protocol.FLAG_CAN_MULTI_CONN;
    flags |=
        export.readOnly()
            ? Protocol.FLAG_READ_ONLY
            : Protocol.FLAG_SEND_TRIM
                | Protocol.FLAG_SEND_WRITE_ZEROES
                | Protocol.FLAG_SEND_FAST_ZERO;
    return structuredReplies ? flags | Protocol.FLAG_SEND_DF : flags;
  }

  /// The device's wish as the protocol wants it: a power of two, within bounds.
  private int preferredBytes(Export export) {
    long wished = Math.max(export.device().preferredBlockBytes(), SMALLEST_PREFERRED_BYTES);
    return (int) Math.min(Long.highestOneBit(wished), Integer.highestOneBit(limits.payloadBytes()));
  }

  private Next acknowledge(int option) {
    replies.ack(option);
    return Next.OPTION;
  }

  private Next refuse(int option, int error, String message) {
    replies.error(option, error, message);
    return Next.OPTION;
  }

  private Next refuse(int option, IOException failure) {
    int error =
        switch (failure) {
          case StorageException.NotFound _ -> Protocol.REP_ERR_UNKNOWN;
          case StorageException.InvalidArgument _ -> Protocol.REP_ERR_UNKNOWN;
          case StorageException _ -> Protocol.REP_ERR_POLICY;
          default -> Protocol.REP_ERR_PLATFORM;
        };
    var message = failure.getMessage();
    return refuse(option, error, message == null ? failure.toString() : message);
  }

  private @Nullable List<String> strings(ByteBuffer data) {
    int count = data.getInt();
    var strings = new ArrayList<String>();
    for (int i = 0; Integer.compareUnsigned(i, count) < 0; i++) {
      var string = string(data);
      if (string == null) {
        return null;
      }
      strings.add(string);
    }
    return strings;
  }

  /// The next string: its length, then its bytes. Null if it is not one.
  private static @Nullable String string(ByteBuffer data) {
    int lengthBytes = data.getInt();
    if (lengthBytes < 0 || lengthBytes > data.remaining()) {
      return null;
    }
    var text = Utf8.decode(data.slice(data.position(), lengthBytes));
    data.position(data.position() + lengthBytes);
    return text;
  }
}
