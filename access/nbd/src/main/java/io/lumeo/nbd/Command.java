package io.lumeo.nbd;

import static io.lumeo.nbd.Protocol.CMD_FLAG_DF;
import static io.lumeo.nbd.Protocol.CMD_FLAG_FAST_ZERO;
import static io.lumeo.nbd.Protocol.CMD_FLAG_FUA;
import static io.lumeo.nbd.Protocol.CMD_FLAG_NO_HOLE;
import static io.lumeo.nbd.Protocol.CMD_FLAG_REQ_ONE;

import org.jspecify.annotations.Nullable;

/// What a request asks for. FUA is valid with every command, and ignored where nothing is written.
public enum Command {
  READ(0, CMD_FLAG_DF),
  WRITE(1, 0),
  DISCONNECT(2, 0),
  FLUSH(3, 0),
  TRIM(4, 0),
  CACHE(5, 0),
  WRITE_ZEROES(6, CMD_FLAG_NO_HOLE | CMD_FLAG_FAST_ZERO),
  BLOCK_STATUS(7, CMD_FLAG_REQ_ONE);

  private static final Command[] BY_TYPE = values();

  private final int type;
  private final int validFlags;

  Command(int type, int furtherFlags) {
    this.type = type;
    this.validFlags = CMD_FLAG_FUA | furtherFlags;
  }

  /// The command with this number on the wire, or null if there is none.
  static @Nullable Command of(int type) {
    return type < BY_TYPE.length ? BY_TYPE[type] : null;
  }

  int type() {
    return type;
  }

  boolean accepts(int flags) {
    return (flags & ~validFlags) == 0;
  }

  /// Whether a read-only export refuses it.
  boolean changes() {
    return this == WRITE || this == TRIM || this == WRITE_ZEROES;
  }
}
