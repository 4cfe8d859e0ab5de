package io.lumeo.rest;

import io.lumeo.block.StorageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What went wrong, as HTTP says it: RFC 9457, `application/problem+json`.
///
/// @param type `urn:lumeo:problem:<kind>`; the kind is what a program decides on
/// @param title the kind in words
/// @param status the HTTP status
/// @param detail one line: what happened, to what, why, what to do
public record Problem(String type, String title, int status, String detail) {
  static final String MEDIA_TYPE = "application/problem+json";
  private static final String TYPE_PREFIX = "urn:lumeo:problem:";

  /// The kinds of problem there are, with their HTTP status.
  public enum Kind {
    OUT_OF_RANGE(400, "Outside the device"),
    INVALID_ARGUMENT(400, "Not acceptable"),
    NOT_FOUND(404, "Not found"),
    ALREADY_EXISTS(409, "Exists already"),
    BUSY(409, "In use"),
    READ_ONLY(409, "Takes no writes"),
    UNSUPPORTED(422, "Not possible here"),
    OUT_OF_SPACE(507, "Out of space"),
    DAMAGED(500, "Damaged"),
    FAILED(503, "Failed or closed"),
    IO_ERROR(500, "Input or output failed"),
    INTERNAL(500, "A fault in Lumeo"),
    UNAUTHORIZED(401, "The token is missing or wrong"),
    FOREIGN_HOST(421, "Not our host name"),
    METHOD_NOT_ALLOWED(405, "Method not allowed"),
    UNSUPPORTED_MEDIA_TYPE(415, "Not JSON"),
    TOO_LARGE(413, "The body is too large"),
    BAD_REQUEST(400, "Not an HTTP request we understand");

    private final int status;
    private final String title;

    Kind(int status, String title) {
      this.status = status;
      this.title = title;
    }

    public int status() {
      return status;
    }
  }

  static Problem of(Kind kind, String detail) {
    return new Problem(TYPE_PREFIX + Records.word(kind), kind.title, kind.status, detail);
  }

  /// The problem a failure is to the caller. The text of failures that are ours is not shown: it
  /// belongs in the log.
  static Problem of(Throwable failure) {
    return switch (failure) {
      case StorageException known -> of(kind(known), line(known));
      case IOException e -> of(Kind.IO_ERROR, line(e));
      default -> of(Kind.INTERNAL, "the request failed unexpectedly; the server's log says how");
    };
  }

  /// The kind of a failure of storage: the one place that maps them to HTTP.
  public static Kind kind(StorageException failure) {
    return switch (failure) {
      case StorageException.OutOfRange _ -> Kind.OUT_OF_RANGE;
      case StorageException.OutOfSpace _ -> Kind.OUT_OF_SPACE;
      case StorageException.ReadOnly _ -> Kind.READ_ONLY;
      case StorageException.InvalidArgument _ -> Kind.INVALID_ARGUMENT;
      case StorageException.NotFound _ -> Kind.NOT_FOUND;
      case StorageException.AlreadyExists _ -> Kind.ALREADY_EXISTS;
      case StorageException.Busy _ -> Kind.BUSY;
      case StorageException.Damaged _ -> Kind.DAMAGED;
      case StorageException.Unsupported _ -> Kind.UNSUPPORTED;
      case StorageException.Failed _ -> Kind.FAILED;
    };
  }

  /// The failure again, at the client.
  IOException toException() {
    return switch (kindOrNull()) {
      case NOT_FOUND -> new StorageException.NotFound(detail);
      case ALREADY_EXISTS -> new StorageException.AlreadyExists(detail);
      case BUSY -> new StorageException.Busy(detail);
      case READ_ONLY -> new StorageException.ReadOnly(detail);
      case UNSUPPORTED -> new StorageException.Unsupported(detail);
      case OUT_OF_SPACE -> new StorageException.OutOfSpace(detail);
      case DAMAGED -> new StorageException.Damaged(detail);
      case FAILED -> new StorageException.Failed(detail);
      case OUT_OF_RANGE, INVALID_ARGUMENT -> new StorageException.InvalidArgument(detail);
      case IO_ERROR,
          INTERNAL,
          UNAUTHORIZED,
          FOREIGN_HOST,
          METHOD_NOT_ALLOWED,
          UNSUPPORTED_MEDIA_TYPE,
          TOO_LARGE,
          BAD_REQUEST ->
          new IOException(detail);
      case null -> new IOException("the server answered %d: %s".formatted(status, detail));
    };
  }

  private @Nullable Kind kindOrNull() {
    for (var kind : Kind.values()) {
      if (type.equals(TYPE_PREFIX + Records.word(kind))) {
        return kind;
      }
    }
    return null;
  }

  private static String line(IOException failure) {
    var message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
