package io.lumeo.pools;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.StorageException;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.junit.jupiter.api.Test;

/// Each failure of a pool's is one of the model's.
class PoolFailuresTest {
  private static void check(IOException failure, Class<? extends StorageFailure> type) {
    var mapped = PoolFailures.of("look", failure);
    assertThat(mapped).isInstanceOf(type).hasMessageStartingWith("could not look: ");
  }

  @Test
  void everyFailureHasItsPlaceInTheModel() {
    check(new StorageException.NotFound("x"), StorageFailure.NotFound.class);
    check(new StorageException.Busy("x"), StorageFailure.Busy.class);
    check(new StorageException.OutOfSpace("x"), StorageFailure.OutOfSpace.class);
    check(new StorageException.Unsupported("x"), StorageFailure.Unsupported.class);
    check(new StorageException.AlreadyExists("x"), StorageFailure.Refused.class);
    check(new StorageException.InvalidArgument("x"), StorageFailure.Refused.class);
    check(new StorageException.ReadOnly("x"), StorageFailure.Refused.class);
    check(new StorageException.Damaged("x"), StorageFailure.CommandFailed.class);
    check(new StorageException.Failed("x"), StorageFailure.Unreachable.class);
    check(new InterruptedIOException("x"), StorageFailure.Cancelled.class);
    check(new IOException(), StorageFailure.CommandFailed.class);
  }
}
