package io.lumeo.pools;

import io.lumeo.block.StorageException;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Busy;
import io.lumeo.storage.StorageFailure.Cancelled;
import io.lumeo.storage.StorageFailure.CommandFailed;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.Unreachable;
import io.lumeo.storage.StorageFailure.Unsupported;
import java.io.IOException;
import java.io.InterruptedIOException;

/// What a pool's failures are to whoever looks after storage: the one place that maps them.
final class PoolFailures {
  private PoolFailures() {}

  /// @param what could not be done: `take snapshot 'day'`
  static StorageFailure of(String what, IOException failure) {
    var text = "could not %s: %s".formatted(what, line(failure));
    return switch (failure) {
      case StorageException known -> of(text, known);
      case InterruptedIOException _ -> new Cancelled(text);
      default -> new CommandFailed(text, failure);
    };
  }

  private static StorageFailure of(String text, StorageException failure) {
    return switch (failure) {
      case StorageException.NotFound _ -> new NotFound(text);
      case StorageException.Busy _ -> new Busy(text);
      case StorageException.OutOfSpace _ -> new OutOfSpace(text, 0);
      case StorageException.Unsupported _ -> new Unsupported(text);
      case StorageException.AlreadyExists _,
          StorageException.InvalidArgument _,
          StorageException.OutOfRange _,
          StorageException.ReadOnly _ ->
          new Refused(text);
      case StorageException.Damaged _ -> new CommandFailed(text, failure);
      case StorageException.Failed _ -> new Unreachable(text, failure);
    };
  }

  private static String line(IOException failure) {
    var message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
