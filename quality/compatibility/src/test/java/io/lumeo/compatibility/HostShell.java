package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.cli.Console;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import io.lumeo.cli.Stop;
import io.lumeo.cli.lvm.LvmCommands;
import io.lumeo.cli.operations.ConfiguredHosts;
import io.lumeo.cli.operations.Connections;
import io.lumeo.cli.operations.Surroundings;
import io.lumeo.commands.Commands;
import io.lumeo.testing.KernelRig;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A shell as a page's reader has one on a host: `lumeo` looks after the guest, everything else is
/// run in it. The page's disks `/dev/sdb`, `/dev/sdc` are the guest's.
final class HostShell {
  private final KernelRig rig;
  private final Path folder;

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
      var command = (fails ? line.substring(2) : line).strip();
      if (command.startsWith("lumeo ")) {
        int exitCode = lumeo(onDisks(command.substring("lumeo ".length())), output);
        assertThat(exitCode == 0).as("%s: %s%n%s", place, line, output).isEqualTo(!fails);
      } else {
        output.append(rig.shell(onDisks(command)).expectSuccess().stdout());
      }
    }
    return output.toString();
  }

  private String onDisks(String command) {
    return command.replace("/dev/sdb", rig.disk(0)).replace("/dev/sdc", rig.disk(1));
  }

  private int lumeo(String line, StringBuilder output) {
    var words = line.split(" +", -1);
    var out = new StringWriter();
    var writer = new PrintWriter(out);
    var console =
        new Console(new BufferedReader(Reader.nullReader()), writer, writer, () -> false, "lumeo");
    var entries = LvmCommands.entries(new ConfiguredHosts(surroundings()), console, unstopped());
    int exitCode = Lumeo.commandLine(new PoolConnector(), console, entries, words).execute(words);
    writer.flush();
    output.append(out);
    return exitCode;
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
        InstantSource.system(),
        HostShell::pass,
        new Random());
  }

  private static void pass(Duration time) throws InterruptedException {
    assertThat(new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS)).isFalse();
  }

  private static Stop unstopped() {
    return new Stop() {
      @Override
      public void arm() {}

      @Override
      public boolean isAsked() {
        return false;
      }

      @Override
      public void await() {}
    };
  }
}
