package io.lumeo.server;

import io.lumeo.agent.watch.Watch;
import io.lumeo.cli.Console;
import io.lumeo.cli.Entry;
import io.lumeo.cli.ExitCode;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import io.lumeo.cli.Stop;
import io.lumeo.cli.Version;
import io.lumeo.cli.lvm.LvmCommands;
import io.lumeo.cli.operations.ConfiguredHosts;
import io.lumeo.cli.operations.OperationsCommands;
import io.lumeo.cli.operations.Surroundings;
import java.util.List;
import java.util.stream.Stream;

/// Where the process `lumeo` begins.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    var console = Console.system();
    var shutdown = new Shutdown();
    var line =
        Lumeo.commandLine(new PoolConnector(), console, entries(console, shutdown), arguments);
    int exitCode = ExitCode.UNEXPECTED.code();
    try {
      exitCode = line.execute(arguments);
      console.out().flush();
    } finally {
      shutdown.ended(exitCode); // or an Error would leave the hook, and so the process, waiting
    }
    System.exit(exitCode);
  }

  /// The commands that need more than a pool.
  static List<Entry> entries(Console console, Stop stop) {
    var up =
        new Entry(
            "up",
            "Serves the pool in DIR over NBD and REST; makes one if there is none.",
            () -> new UpCommand(console, stop));
    var surroundings = Surroundings.real();
    return Stream.of(
            List.of(up),
            LvmCommands.entries(new ConfiguredHosts(surroundings), console, stop),
            OperationsCommands.entries(
                surroundings, console, stop, Watch.factory(Version.current())))
        .flatMap(List::stream)
        .toList();
  }
}
