package io.lumeo.cli.operations;

import io.lumeo.cli.Console;
import io.lumeo.cli.Entry;
import java.util.List;

/// The commands about operations: `lumeo config …`, `lumeo audit …`.
public final class OperationsCommands {
  private OperationsCommands() {}

  /// Their entries on the first level.
  public static List<Entry> entries(Surroundings surroundings, Console console) {
    var session = new OperationsSession(surroundings, console);
    return List.of(
        new Entry(
            "config",
            "Check, apply and go back to what operations are told.",
            () -> new ConfigurationCommands(session)),
        new Entry(
            "audit",
            "See what was decided and done, and that nobody has changed the record.",
            () -> new AuditCommands(session)));
  }
}
