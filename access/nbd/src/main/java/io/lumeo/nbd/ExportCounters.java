package io.lumeo.nbd;

import java.util.EnumMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts what happens to one export, from many threads at once.
final class ExportCounters {
  private static final Command[] COMMANDS = Command.values();

  private final LongAdder[] requests = adders();
  private final LongAdder[] errors = adders();
  private final LongAdder[] bytes = adders();
  private final LongAdder opened = new LongAdder();
  private final LongAdder closed = new LongAdder();

  void opened() {
    opened.increment();
  }

  void closed() {
    closed.increment();
  }

  void succeeded(Command command, long lengthBytes) {
    requests[command.type()].increment();
    bytes[command.type()].add(lengthBytes);
  }

  void failed(Command command) {
    requests[command.type()].increment();
    errors[command.type()].increment();
  }

  ExportStatistics statistics() {
    var commands = new EnumMap<Command, CommandStatistics>(Command.class);
    for (var command : COMMANDS) {
      if (command != Command.DISCONNECT) {
        int i = command.type();
        commands.put(
            command, new CommandStatistics(requests[i].sum(), errors[i].sum(), bytes[i].sum()));
      }
    }
    long closedBefore = closed.sum();
    long openedBefore = opened.sum();
    return new ExportStatistics((int) (openedBefore - closedBefore), openedBefore, commands);
  }

  private static LongAdder[] adders() {
    var adders = new LongAdder[COMMANDS.length];
    for (int i = 0; i < adders.length; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }
}
