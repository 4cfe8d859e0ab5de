package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import org.jspecify.annotations.Nullable;

/// Decides which requests of a session are refused before its device is asked: what the protocol
/// forbids, what was not agreed on, what is outside the export.
final class Admission {
  private final BlockDevice device;
  private final boolean readOnly;
  private final boolean structuredReplies;
  private final boolean allocation;
  private final int maxPayloadBytes;

  Admission(Session session, int maxPayloadBytes) {
    this.device = session.export().device();
    this.readOnly = session.export().readOnly();
    this.structuredReplies = session.structuredReplies();
    this.allocation = session.allocation();
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /// Why the request is refused, or null if it is not.
  @Nullable Refusal refusal(Command command, int flags, long offset, long lengthBytes) {
    if (!command.accepts(flags)) {
      return invalid("The command does not take these flags");
    }
    if (readOnly && command.changes()) {
      return new Refusal(NbdError.EPERM, "The export is read-only");
    }
    return switch (command) {
      case FLUSH ->
          offset == 0 && lengthBytes == 0 ? null : invalid("FLUSH has no offset and no length");
      case READ, WRITE -> payloadRefusal(command, flags, offset, lengthBytes);
      case WRITE_ZEROES -> writeZeroesRefusal(flags, offset, lengthBytes);
      case BLOCK_STATUS -> blockStatusRefusal(offset, lengthBytes);
      case TRIM, CACHE, DISCONNECT -> rangeRefusal(command, offset, lengthBytes);
    };
  }

  private @Nullable Refusal payloadRefusal(
      Command command, int flags, long offset, long lengthBytes) {
    if ((flags & Protocol.CMD_FLAG_DF) != 0 && !structuredReplies) {
      return invalid("DF needs structured replies");
    }
    if (lengthBytes > maxPayloadBytes) {
      return invalid("The length is above the maximum payload");
    }
    return rangeRefusal(command, offset, lengthBytes);
  }

  /// FAST_ZERO wants to be told at once when zeroing would be no faster than writing. Punching is
  /// always faster; filling with allocated zeroes is not known to be.
  private @Nullable Refusal writeZeroesRefusal(int flags, long offset, long lengthBytes) {
    int slow = Protocol.CMD_FLAG_FAST_ZERO | Protocol.CMD_FLAG_NO_HOLE;
    if ((flags & slow) == slow) {
      return new Refusal(NbdError.ENOTSUP, "Zeroes that stay allocated are not fast");
    }
    return rangeRefusal(Command.WRITE_ZEROES, offset, lengthBytes);
  }

  private @Nullable Refusal blockStatusRefusal(long offset, long lengthBytes) {
    if (!allocation) {
      return invalid("No metadata context is selected");
    }
    if (lengthBytes == 0) {
      return invalid("The status of nothing was asked for");
    }
    return rangeRefusal(Command.BLOCK_STATUS, offset, lengthBytes);
  }

  private @Nullable Refusal rangeRefusal(Command command, long offset, long lengthBytes) {
    long sizeBytes = device.sizeBytes();
    if (offset >= 0 && offset <= sizeBytes - lengthBytes) {
      return null;
    }
    return new Refusal(
        NbdError.outOfRange(command),
        "The range %s+%d is outside the export of %d bytes"
            .formatted(Long.toUnsignedString(offset), lengthBytes, sizeBytes));
  }

  private static Refusal invalid(String message) {
    return new Refusal(NbdError.EINVAL, message);
  }
}
