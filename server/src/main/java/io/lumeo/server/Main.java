package io.lumeo.server;

import io.lumeo.cli.Console;
import io.lumeo.cli.Entry;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import java.util.List;

/// Where the process `lumeo` begins.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    var console = Console.system();
    var shutdown = new Shutdown();
    var up =
        new Entry(
            "up",
            "Serves the pool in DIR over NBD and REST; makes one if there is none.",
            () -> new UpCommand(console, shutdown));
    var line = Lumeo.commandLine(new PoolConnector(), console, List.of(up), arguments);
    var exitCode = line.execute(arguments);
    console.out().flush();
    shutdown.ended(exitCode);
    System.exit(exitCode);
  }
}
