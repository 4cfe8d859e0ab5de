package io.lumeo.nbd;

import io.lumeo.block.ExtentState;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// A request of the client that waits for its reply.
///
/// The thread that receives fills it; the thread that called waits for [#await] and then looks.
final class Call {
  /// An extent that the server told.
  record Told(long lengthBytes, ExtentState state) {}

  final Command command;
  final long offset;
  final long lengthBytes;

  /// Where the bytes of a READ go; for other commands empty.
  final MemorySegment target;

  private final List<Told> extents = new ArrayList<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private long receivedBytes;
  private @Nullable IOException failure;

  Call(Command command, long offset, long lengthBytes, MemorySegment target) {
    this.command = command;
    this.offset = offset;
    this.lengthBytes = lengthBytes;
    this.target = target;
  }

  /// The piece of the target for bytes that the server says are at `from`.
  MemorySegment piece(long from, long bytes) throws IOException {
    if (command != Command.READ || from < offset || bytes > offset + lengthBytes - from) {
      throw new IOException(
          "the NBD server sends bytes %d+%d in reply to %s".formatted(from, bytes, this));
    }
    receivedBytes += bytes;
    return target.asSlice(from - offset, bytes);
  }

  void told(long bytes, int allocationFlags) {
    extents.add(new Told(bytes, Allocation.state(allocationFlags)));
  }

  List<Told> extents() {
    return extents;
  }

  /// Notes an error; the first one counts.
  void fail(IOException cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  /// Nothing more will come for this call.
  void complete() {
    if (failure == null && command == Command.READ && receivedBytes != lengthBytes) {
      failure =
          new IOException(
              "the NBD server sends %d bytes in reply to %s".formatted(receivedBytes, this));
    }
    done.countDown();
  }

  /// Waits for the reply, whoever interrupts.
  ///
  /// @throws IOException the failure that the server tells, or that of the connection
  void await() throws IOException {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException _) {
        interrupted = true; // the request is on its way: only its reply ends it
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public String toString() {
    return "%s %d+%d".formatted(command, offset, lengthBytes);
  }
}
