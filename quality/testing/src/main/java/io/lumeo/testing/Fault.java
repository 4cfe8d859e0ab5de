package io.lumeo.testing;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/// Something that goes wrong with a [CrashingDisk]: looks at each operation before it is done, and
/// throws to make it fail without effect. It may also wait, to hold an operation back.
@FunctionalInterface
public interface Fault {
  /// The kinds of operation.
  enum Operation {
    READ,
    WRITE,
    FLUSH,
    DISCARD,
    WRITE_ZEROES,
    EXTEND
  }

  /// Nothing goes wrong.
  Fault NONE = (_, _, _) -> {};

  /// Looks at an operation; offset and length are bytes, both 0 for a flush. What is extended is
  /// the range that is added.
  void before(Operation operation, long offset, long lengthBytes) throws IOException;

  /// The `n`-th operation of the kind fails, counted from 1.
  static Fault atNth(Operation kind, long n) {
    var seen = new AtomicLong();
    return (operation, offset, _) -> {
      if (operation == kind && seen.incrementAndGet() == n) {
        throw error(operation, offset);
      }
    };
  }

  /// Operations of the kind fail wherever they touch the range.
  static Fault inRange(Operation kind, long start, long lengthBytes) {
    return (operation, offset, length) -> {
      if (operation == kind && offset < start + lengthBytes && start < offset + length) {
        throw error(operation, offset);
      }
    };
  }

  /// Every operation of the kind fails.
  static Fault always(Operation kind) {
    return (operation, offset, _) -> {
      if (operation == kind) {
        throw error(operation, offset);
      }
    };
  }

  private static IOException error(Operation operation, long offset) {
    return new IOException("injected error: %s at %d".formatted(operation, offset));
  }
}
