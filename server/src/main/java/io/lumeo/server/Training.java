package io.lumeo.server;

import io.lumeo.agent.watch.Watch;
import io.lumeo.cli.Console;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import io.lumeo.cli.Version;
import io.lumeo.cli.operations.Rehearsal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;

/// What the JVM watches when the AOT cache is made: the commands people use, a server that they
/// talk to, and the agent. Run once after a build, in an empty directory of its own.
final class Training {
  private Training() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    var directory = Path.of(arguments[0]);
    run("--version");
    run("--help");
    try (var server = Server.start(ServerOptions.onFreePorts(directory))) {
      new Welcome(server, directory, "lumeo").text();
      for (var command : commands()) {
        var words = new java.util.ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of("--dir", directory.toString()));
        run(words.toArray(String[]::new));
      }
    }
    run("pool", "check", "--dir", directory.toString());
    run("volume", "list", "--dir", directory.toString());
    Rehearsal.run(directory, silent(), Watch.factory(Version.current()));
  }

  private static List<String> commands() {
    return List.of(
        "volume create trained 1G",
        "volume list",
        "volume list --output json",
        "volume show trained",
        "snapshot create trained before",
        "snapshot list",
        "clone before copy",
        "snapshot rollback trained --to before --yes",
        "pool show",
        "pool status --output yaml",
        "snapshot delete before --yes",
        "volume delete copy --yes");
  }

  private static void run(String... words) throws IOException {
    var exitCode =
        Lumeo.commandLine(new PoolConnector(), silent(), List.of(), words).execute(words);
    if (exitCode != 0) {
      throw new IOException(String.join(" ", words) + " ended with " + exitCode);
    }
  }

  private static Console silent() {
    var silent = new PrintWriter(Writer.nullWriter());
    return new Console(
        new BufferedReader(Reader.nullReader()), silent, silent, () -> false, "lumeo");
  }
}
