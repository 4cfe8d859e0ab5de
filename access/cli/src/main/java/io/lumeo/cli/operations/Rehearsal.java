package io.lumeo.cli.operations;

import io.lumeo.agent.Agent;
import io.lumeo.agent.Lookout;
import io.lumeo.agent.TimeSource;
import io.lumeo.cli.Console;
import io.lumeo.cli.ExitCode;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import io.lumeo.cli.Stop;
import io.lumeo.cli.lvm.LvmCommands;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.commands.LocalCommands;
import io.lumeo.configuration.Secrets;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// What is done most often, done once on a host that exists as recorded answers only: a few
/// commands that look, and the agent for some polls. Whoever makes the AOT cache watches.
public final class Rehearsal {
  /// One with the whole inventory, and one that asks only how full things are.
  private static final int POLLS = 2;

  /// What the doctor ends with, as nobody watches the recorded host.
  private static final ExitCode BITES = ExitCode.DAMAGED;

  private final Path folder;
  private final Console console;
  private final Lookout.Factory lookout;
  private final CountDownLatch polls = new CountDownLatch(POLLS);
  private final Surroundings surroundings;

  private Rehearsal(Path folder, Console console, Lookout.Factory lookout) throws IOException {
    this.folder = folder;
    this.console = console;
    this.lookout = lookout;
    var host = new Answers(recorded(), polls);
    this.surroundings =
        new Surroundings(
            _ -> Optional.empty(),
            folder.resolve("none.yaml"),
            folder.resolve("state"),
            new Connections() {
              @Override
              public Commands local(boolean sudo) {
                return host;
              }

              @Override
              public Commands ssh(String destination, boolean sudo) throws StorageFailure.NotFound {
                throw new StorageFailure.NotFound("there is no host but the recorded one");
              }
            },
            TimeSource.system(),
            RandomGenerator.getDefault());
  }

  /// Does it.
  ///
  /// @param folder where it may leave what it likes; it is there
  public static void run(Path folder, Console console, Lookout.Factory lookout)
      throws IOException, InterruptedException {
    var rehearsal = new Rehearsal(folder, console, lookout);
    rehearsal.command("doctor");
    rehearsal.command("doctor", "--output=json");
    rehearsal.command("host", "show");
    rehearsal.command("host", "usage");
    rehearsal.agent();
  }

  private void command(String... words) throws IOException {
    var entries =
        Stream.of(
                LvmCommands.entries(new ConfiguredHosts(surroundings), console, Unasked.STOP),
                OperationsCommands.entries(surroundings, console, Unasked.STOP, lookout))
            .flatMap(List::stream)
            .toList();
    var exit = Lumeo.commandLine(new PoolConnector(), console, entries, words).execute(words);
    if (exit != ExitCode.OK.code() && exit != BITES.code()) {
      throw new IOException(String.join(" ", words) + " ended with " + exit);
    }
  }

  private void agent() throws IOException, InterruptedException {
    var file = Files.writeString(folder.resolve("lumeo.yaml"), configuration(folder));
    var parts =
        new Agent.Parts(
            surroundings.time(),
            surroundings.random(),
            (settings, state) -> {
              try {
                return new ConfiguredHosts(surroundings).setup(settings, state, false);
              } catch (StorageFailure e) {
                throw new IllegalArgumentException(e);
              }
            },
            lookout,
            new Secrets(surroundings.environment()));
    try (var agent = Agent.open(file, parts)) {
      var stopper =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  polls.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                agent.stop();
              });
      agent.run();
      stopper.join();
    }
  }

  private static String configuration(Path folder) {
    return """
    state: %1$s/state
    audit:
      file: %1$s/audit.jsonl
    metrics:
      port: 0
    hosts:
      - name: rehearsal
        kind: lvm
    monitors:
      pollInterval: 1s
    growth:
      - name: pools
        pool: "*/*"
        threshold: 80%%
        step: 20%%
    """
        .formatted(folder);
  }

  private static Map<String, String> recorded() throws IOException {
    try (var stream = Rehearsal.class.getResourceAsStream("rehearsal.txt")) {
      if (stream == null) {
        throw new IOException("the recorded host is missing");
      }
      var answers = new LinkedHashMap<String, String>();
      var text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      for (var entry : text.split("(?m)^\\$ ", -1)) {
        int end = entry.indexOf('\n');
        if (end > 0) {
          answers.put(entry.substring(0, end), entry.substring(end + 1));
        }
      }
      return answers;
    }
  }

  /// Nobody asks a rehearsal to end.
  private enum Unasked implements Stop {
    STOP;

    @Override
    public void arm() {}

    @Override
    public boolean isAsked() {
      return false;
    }

    @Override
    public void await() {}
  }

  /// A host that says what was recorded, by a real process: to start one is part of it.
  ///
  /// @param recorded by how a command begins
  /// @param polls counts down when how full things are is asked
  private record Answers(Map<String, String> recorded, CountDownLatch polls) implements Commands {
    @Override
    public String host() {
      return "this host";
    }

    @Override
    public CommandResult run(Command command) throws CommandFailure, InterruptedException {
      var line = String.join(" ", command.arguments()).replace("\t", "\\t");
      if (line.startsWith("dmsetup status")) {
        polls.countDown();
      }
      var answer =
          recorded.entrySet().stream()
              .filter(entry -> line.startsWith(entry.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse("");
      return LocalCommands.direct().run(Command.of("cat").reading(answer));
    }
  }
}
