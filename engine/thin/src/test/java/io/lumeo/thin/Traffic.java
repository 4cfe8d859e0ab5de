package io.lumeo.thin;

import io.lumeo.testing.Fault;
import java.util.EnumMap;
import java.util.Map;

/// Counts what a disk is asked to do; put in with `disk.inject`.
final class Traffic implements Fault {
  private final Map<Operation, Long> operations = new EnumMap<>(Operation.class);
  private final Map<Operation, Long> bytes = new EnumMap<>(Operation.class);

  @Override
  public synchronized void before(Operation operation, long offset, long lengthBytes) {
    operations.merge(operation, 1L, Long::sum);
    bytes.merge(operation, lengthBytes, Long::sum);
  }

  synchronized long operations(Operation operation) {
    return operations.getOrDefault(operation, 0L);
  }

  synchronized long bytes(Operation operation) {
    return bytes.getOrDefault(operation, 0L);
  }
}
