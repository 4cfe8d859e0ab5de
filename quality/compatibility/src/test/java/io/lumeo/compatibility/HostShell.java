package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.Lookout;
import io.lumeo.agent.TimeSource;
import io.lumeo.cli.Console;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import io.lumeo.cli.Stop;
import io.lumeo.cli.lvm.LvmCommands;
import io.lumeo.cli.operations.ConfiguredHosts;
import io.lumeo.cli.operations.Connections;
import io.lumeo.cli.operations.OperationsCommands;
import io.lumeo.cli.operations.Surroundings;
import io.lumeo.commands.Commands;
import io.lumeo.testing.KernelRig;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A shell as a page's reader has one on a host: `lumeo` looks after the guest, everything else is
/// run in it. The page's disks `/dev/sdb`, `/dev/sdc` are the guest's. Of a shell's language it
/// knows `! `, and `NAME=$(…)` with `$NAME` after it.
final class HostShell {
  private static final Pattern ASSIGNMENT = Pattern.compile("([a-z]+)=\\$\\((.*)\\)");

  private final KernelRig rig;
  private final Path folder;
  private final Map<String, String> variables = new TreeMap<>();

  HostShell(KernelRig rig, Path folder) {
    this.rig = rig;
    this.folder = folder;
  }

  /// Runs lines one after the other; each must succeed, or fail when it begins with `! `.
  ///
  /// @param place for messages
  /// @return what they print
  String run(String lines, String place) {
    var output = new StringBuilder();
    for (var line : lines.lines().filter(text -> !text.isBlank()).toList()) {
      boolean fails = line.startsWith("! ");
      var command = onDisks((fails ? line.substring(2) : line).strip());
      if (command.startsWith("lumeo ")) {
        int exitCode = lumeo(command.substring("lumeo ".length()), output);
        assertThat(exitCode == 0).as("%s: %s%n%s", place, line, output).isEqualTo(!fails);
      } else {
        output.append(inGuest(command));
      }
    }
    return output.toString();
  }

  private String onDisks(String command) {
    var text = command.replace("/dev/sdb", rig.disk(0)).replace("/dev/sdc", rig.disk(1));
    for (var variable : variables.entrySet()) {
      text = text.replace("$" + variable.getKey(), variable.getValue());
    }
    return text;
  }

  private String inGuest(String command) {
    var assignment = ASSIGNMENT.matcher(command);
    if (!assignment.matches()) {
      return rig.shell(command).expectSuccess().stdout();
    }
    var value = rig.shell(assignment.group(2)).expectSuccess().stdout().strip();
    variables.put(assignment.group(1), value);
    return "";
  }

  private int lumeo(String line, StringBuilder output) {
    var words = line.split(" +", -1);
    var out = new StringWriter();
    var writer = new PrintWriter(out);
    var console =
        new Console(new BufferedReader(Reader.nullReader()), writer, writer, () -> false, "lumeo");
    var around = surroundings();
    var entries =
        Stream.concat(
                LvmCommands.entries(new ConfiguredHosts(around), console, new Unstopped()).stream(),
                OperationsCommands.entries(around, console, new Unstopped(), _ -> noAgent())
                    .stream())
            .toList();
    int exitCode = Lumeo.commandLine(new PoolConnector(), console, entries, words).execute(words);
    writer.flush();
    output.append(out);
    return exitCode;
  }

  private static Lookout noAgent() {
    throw new AssertionError("a page starts no agent");
  }

  private Surroundings surroundings() {
    return new Surroundings(
        _ -> Optional.empty(),
        folder.resolve("lumeo.yaml"),
        folder.resolve("state"),
        new Connections() {
          @Override
          public Commands local(boolean sudo) {
            return rig.commands();
          }

          @Override
          public Commands ssh(String destination, boolean sudo) {
            throw new AssertionError("there is no host " + destination);
          }
        },
        TimeSource.system(),
        new Random());
  }

  /// Nobody asks it to end.
  private static final class Unstopped implements Stop {
    @Override
    public void arm() {}

    @Override
    public boolean isAsked() {
      return false;
    }

    @Override
    public void await() {}
  }
}
