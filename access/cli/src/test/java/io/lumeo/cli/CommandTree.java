package io.lumeo.cli;

import io.lumeo.cli.lvm.HostFixture;
import io.lumeo.cli.lvm.LvmCommands;
import io.lumeo.cli.operations.ConfiguredHosts;
import io.lumeo.cli.operations.OperationsCommands;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;

/// All commands but `up`, as picocli has them: a test that goes over them meets those that are made
/// tomorrow.
final class CommandTree {
  private static final Stop NEVER =
      new Stop() {
        @Override
        public void arm() {}

        @Override
        public boolean isAsked() {
          return false;
        }

        @Override
        public void await() {}
      };

  private final CommandLine root;

  CommandTree(Path folder) {
    var console =
        new Console(
            new BufferedReader(new StringReader("")),
            new PrintWriter(new StringWriter()),
            new PrintWriter(new StringWriter()),
            () -> false,
            "lumeo");
    var surroundings = new HostFixture(folder, HostFixture.example()).surroundings();
    var entries =
        Stream.concat(
                LvmCommands.entries(new ConfiguredHosts(surroundings), console, NEVER).stream(),
                OperationsCommands.entries(
                    surroundings,
                    console,
                    NEVER,
                    state -> {
                      throw new AssertionError("no agent is started here");
                    })
                    .stream())
            .toList();
    // Only for the completion is every command made.
    root = Lumeo.commandLine(new PoolConnector(), console, entries, "completion");
  }

  /// The commands that have all these options, as they are typed: `volume delete`.
  Set<String> having(String... options) {
    return all(root)
        .filter(command ->
            Arrays.stream(options)
                .allMatch(option -> command.getCommandSpec().findOption(option) != null))
        .map(command -> command.getCommandSpec().qualifiedName(" ").replaceFirst("^lumeo ", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<CommandLine> all(CommandLine line) {
    return Stream.concat(
        Stream.of(line), line.getSubcommands().values().stream().flatMap(CommandTree::all));
  }
}
