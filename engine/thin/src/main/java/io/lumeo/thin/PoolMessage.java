package io.lumeo.thin;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One of the kernel's messages to a `thin-pool` target, as `dmsetup message` sends them.
sealed interface PoolMessage {
  record CreateThin(ThinId id) implements PoolMessage {}

  record CreateSnapshot(ThinId id, ThinId origin) implements PoolMessage {}

  record Delete(ThinId id) implements PoolMessage {}

  /// Its numbers are of 64 bits without a sign, as in the kernel.
  record SetTransactionId(long current, long next) implements PoolMessage {}

  record ReserveMetadataSnapshot() implements PoolMessage {}

  record ReleaseMetadataSnapshot() implements PoolMessage {}

  /// Reads a message.
  ///
  /// @throws StorageException.InvalidArgument if it is none of them, or has the wrong number of
  ///   arguments or a bad one
  static PoolMessage parse(String message) throws StorageException {
    var words = List.of(message.strip().split("\\s+"));
    return switch (words.getFirst()) {
      case "create_thin" -> new CreateThin(id(words, 1, 1));
      case "create_snap" -> new CreateSnapshot(id(words, 1, 2), id(words, 2, 2));
      case "delete" -> new Delete(id(words, 1, 1));
      case "set_transaction_id" ->
          new SetTransactionId(unsigned(words, 1, 2), unsigned(words, 2, 2));
      case "reserve_metadata_snap" -> {
        checkCount(words, 0);
        yield new ReserveMetadataSnapshot();
      }
      case "release_metadata_snap" -> {
        checkCount(words, 0);
        yield new ReleaseMetadataSnapshot();
      }
      default ->
          throw new StorageException.InvalidArgument(
              "'%s' is not a pool message; send create_thin, create_snap, delete, set_transaction_id, reserve_metadata_snap or release_metadata_snap"
                  .formatted(words.getFirst()));
    };
  }

  /// Does it; not durable before the next commit.
  default void applyTo(Pool pool) throws IOException {
    switch (this) {
      case CreateThin(var id) -> pool.createThin(id);
      case CreateSnapshot(var id, var origin) -> pool.createSnapshot(id, origin);
      case Delete(var id) -> pool.delete(id);
      case SetTransactionId(var current, var next) -> pool.setTransactionId(current, next);
      case ReserveMetadataSnapshot() -> pool.reserveMetadataSnapshot();
      case ReleaseMetadataSnapshot() -> pool.releaseMetadataSnapshot();
    }
  }

  private static ThinId id(List<String> words, int index, int count) throws StorageException {
    return ThinId.of(number(words, index, count));
  }

  private static long number(List<String> words, int index, int count) throws StorageException {
    checkCount(words, count);
    try {
      long number = Long.parseLong(words.get(index));
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      throw badNumber(words, index, notANumber);
    }
    throw badNumber(words, index, null);
  }

  private static long unsigned(List<String> words, int index, int count) throws StorageException {
    checkCount(words, count);
    try {
      return Long.parseUnsignedLong(words.get(index));
    } catch (NumberFormatException notANumber) {
      throw badNumber(words, index, notANumber);
    }
  }

  private static StorageException badNumber(
      List<String> words, int index, @Nullable Throwable cause) {
    var bad =
        new StorageException.InvalidArgument(
            "'%s' in message %s is not a number; give one from 0 on"
                .formatted(words.get(index), words.getFirst()));
    if (cause != null) {
      bad.initCause(cause);
    }
    return bad;
  }

  private static void checkCount(List<String> words, int count) throws StorageException {
    if (words.size() != count + 1) {
      throw new StorageException.InvalidArgument(
          "message %s takes %d arguments and was given %d"
              .formatted(words.getFirst(), count, words.size() - 1));
    }
  }
}
