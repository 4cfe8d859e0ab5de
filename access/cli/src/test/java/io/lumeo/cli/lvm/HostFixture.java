package io.lumeo.cli.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.TimeSource;
import io.lumeo.cli.Console;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import io.lumeo.cli.Stop;
import io.lumeo.cli.operations.ConfiguredHosts;
import io.lumeo.cli.operations.Connections;
import io.lumeo.cli.operations.OperationsCommands;
import io.lumeo.cli.operations.Surroundings;
import io.lumeo.commands.Commands;
import io.lumeo.lvm.SimulatedHost;
import io.lumeo.rest.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Runs the commands about hosts as the shell would, on a simulated host.
public final class HostFixture {
  public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final Path folder;
  private final Commands host;
  private final Random random = new Random(42);

  /// How commands were asked for: `local`, `sudo`, or the destination.
  public final List<String> connections = new ArrayList<>();

  public final Map<String, String> environment = new TreeMap<>();

  /// Whether somebody has asked the process to end.
  public boolean stopped;

  public Instant now = NOW;

  public HostFixture(Path folder, Commands host) {
    this.folder = folder;
    this.host = host;
  }

  /// How a command ended.
  public record Outcome(int exitCode, String out, String err) {}

  public Surroundings surroundings() {
    return new Surroundings(
        name -> Optional.ofNullable(environment.get(name)),
        folder.resolve("lumeo.yaml"),
        folder.resolve("state"),
        new Connections() {
          @Override
          public Commands local(boolean sudo) {
            connections.add(sudo ? "sudo" : "local");
            return host;
          }

          @Override
          public Commands ssh(String destination, boolean sudo) {
            connections.add((sudo ? "sudo " : "") + destination);
            return host;
          }
        },
        time(),
        random);
  }

  /// The time that the test says. Waiting lets it pass.
  private TimeSource time() {
    return new TimeSource() {
      @Override
      public Instant instant() {
        return now;
      }

      @Override
      public long nanos() {
        return now.toEpochMilli() * 1_000_000;
      }

      @Override
      public Bell newBell() {
        return new Bell() {
          @Override
          public void ring() {}

          @Override
          public void await(Duration atMost) {
            now = now.plus(atMost);
          }
        };
      }
    };
  }

  private Stop stop() {
    return new Stop() {
      @Override
      public void arm() {}

      @Override
      public boolean isAsked() {
        return stopped;
      }

      @Override
      public void await() {}
    };
  }

  /// Runs a command with nobody to ask.
  public Outcome run(String... words) {
    return answering(null, words);
  }

  /// Runs a command with a person at the terminal who gives this answer.
  public Outcome answering(@Nullable String answer, String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    var console =
        new Console(
            new BufferedReader(new StringReader(answer == null ? "" : answer + "\n")),
            new PrintWriter(out),
            new PrintWriter(err),
            () -> answer != null,
            "lumeo");
    var surroundings = surroundings();
    var entries =
        Stream.concat(
                LvmCommands.entries(new ConfiguredHosts(surroundings), console, stop()).stream(),
                OperationsCommands.entries(
                    surroundings,
                    console,
                    stop(),
                    state -> {
                      throw new AssertionError("no agent is started here");
                    })
                    .stream())
            .toList();
    int exitCode = Lumeo.commandLine(new PoolConnector(), console, entries, words).execute(words);
    console.out().flush();
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  /// Runs a line of words that must succeed in silence.
  public String ok(String line) {
    var outcome = run(line.split(" ", -1));
    assertThat(outcome.err()).as(line).isEmpty();
    assertThat(outcome.exitCode()).as(line).isZero();
    return outcome.out();
  }

  /// Runs a line of words that must fail with this code and this in its one line.
  public void fails(int exitCode, String message, String line) {
    var outcome = run(line.split(" ", -1));
    assertThat(outcome.err()).as(line).startsWith("lumeo: ").contains(message);
    assertThat(outcome.err().lines()).as(line).hasSize(1);
    assertThat(outcome.exitCode()).as(line).isEqualTo(exitCode);
  }

  /// Runs a line of words and reads the JSON that it prints.
  public @Nullable Object json(String line) throws IOException {
    return Json.read(ok(line + " --output json").getBytes(StandardCharsets.UTF_8));
  }

  /// Runs a line of words and reads the fields that it prints.
  @SuppressWarnings("unchecked")
  public Map<String, Object> fields(String line) throws IOException {
    return (Map<String, Object>) Objects.requireNonNull(json(line));
  }

  /// The LVM commands of a plan that a command prints, but for the backup.
  public List<String> planned(String line) throws IOException {
    var plan = fields(line + " --dry-run");
    var commands = new ArrayList<String>();
    for (var step : (List<?>) Objects.requireNonNull(plan.get("steps"))) {
      var words =
          ((List<?>) Objects.requireNonNull(((Map<?, ?>) step).get("arguments")))
              .stream().map(String::valueOf).toList();
      if (words.getFirst().equals("lvm") && !words.get(1).equals("vgcfgbackup")) {
        commands.add(words.get(1) + " " + String.join(" ", words.subList(4, words.size())));
      } else if (!words.getFirst().equals("mkdir") && !words.getFirst().equals("lvm")) {
        commands.add(String.join(" ", words));
      }
    }
    var id = String.valueOf(plan.get("id"));
    var brief = id.substring(id.length() - 8).toLowerCase(Locale.ROOT);
    return commands.stream()
        .map(command -> command.replace(id, "ID").replace(brief, "BRIEF"))
        .toList();
  }

  /// A host with one of each kind.
  public static SimulatedHost example() {
    var host = new SimulatedHost().withBlankDevice("/dev/sdc");
    host.thick("data", 50).with("ext4", "/srv");
    host.thick("logs", 50).with("xfs", "/var/log");
    host.thick("old", 10).tagged("lumeo.managed");
    host.pool("pool", 200);
    host.thin("home", "pool", 100).with("ext4", "");
    host.thin("mail", "pool", 100).with("xfs", "/mail");
    host.thin("home-snap", "pool", 100).tagged("lumeo.managed", "lumeo.policy=p").of("home");
    return host;
  }
}
