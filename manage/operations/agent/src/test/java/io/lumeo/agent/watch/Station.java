package io.lumeo.agent.watch;

import io.lumeo.agent.AgentState;
import io.lumeo.agent.Duty;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.RunBook;
import io.lumeo.agent.TimeSource;
import io.lumeo.agent.Troubles;
import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditPlace;
import io.lumeo.audit.Redaction;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandResult;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.Secrets;
import io.lumeo.forecasts.DiskCounters;
import io.lumeo.state.Database;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A watch at work, without an agent: hosts that a test sets, time that it moves, and a program
/// that keeps what people are told.
final class Station implements AutoCloseable {
  static final Instant START = Instant.parse("2026-03-02T06:00:00Z");
  static final Duration POLL = Duration.ofSeconds(15);

  /// Where everything goes, in the configurations of the tests.
  static final String CHANNEL =
      """
      channels: [{name: team, kind: command, command: [/usr/bin/tell, team]}]
      """;

  Instant now = START;
  Configuration configuration;
  final List<Fleet> hosts = new ArrayList<>();
  final List<Fleet> silent = new ArrayList<>();
  final List<String> told = new ArrayList<>();
  final Map<String, DiskCounters> counters = new HashMap<>();
  int programEnds;
  RunBook runs;
  Troubles troubles;
  AuditLog audit;
  Watch watch;
  Database database;
  private final Path folder;

  Station(Path folder, String yaml) throws IOException {
    this.folder = folder;
    this.configuration = configured(yaml);
    open();
  }

  /// The two hosts of [Configured], state in the test's folder, and what else is said.
  Configuration configured(String yaml) {
    return Configured.with("state: %s\n%s".formatted(folder, yaml));
  }

  private void open() throws IOException {
    database = Database.open(folder.resolve("state.db"));
    audit =
        AuditLog.open(
            new AuditPlace(folder.resolve("audit.jsonl"), Optional.empty(), 1 << 20),
            database,
            () -> now,
            new Random(1),
            Redaction.none());
    runs = RunBook.open(database);
    troubles = Troubles.open(database);
    watch =
        Watch.open(
            new AgentState(
                database,
                audit,
                Ledger.open(audit, database),
                runs,
                troubles,
                new Secrets(name -> Optional.empty()),
                new Clock(),
                () -> configuration),
            new Watch.Surroundings(
                (host, inventoryAt) -> Map.copyOf(counters),
                ScriptedCommands.answering(this::tell),
                ZoneOffset.UTC,
                "1.2.3"));
  }

  private CommandResult tell(Command command) {
    var input = command.input();
    if (input != null && programEnds == 0) {
      told.add(StandardCharsets.UTF_8.decode(input.duplicate()).toString());
    }
    return programEnds == 0
        ? ScriptedCommands.success("")
        : ScriptedCommands.failure(programEnds, "the phone is dead");
  }

  private final class Clock implements TimeSource {
    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public long nanos() {
      return Duration.between(START, now).toNanos();
    }

    @Override
    public Bell newBell() {
      throw new AssertionError("whoever watches waits for nobody");
    }
  }

  /// Ends the process and begins another.
  void restart() throws IOException {
    close();
    open();
  }

  /// Looks at every host, does what is due, and moves on by a poll.
  void poll() throws IOException, InterruptedException {
    for (var host : hosts) {
      watch.look(host.seen(now));
    }
    for (var host : silent) {
      watch.look(host.missed(now, host.inventory(START)));
    }
    perform();
    now = now.plus(POLL);
  }

  void polls(int count) throws IOException, InterruptedException {
    for (var poll = 0; poll < count; poll++) {
      poll();
    }
  }

  void perform() throws IOException, InterruptedException {
    for (var duty : watch.duties()) {
      duty.perform(now);
    }
  }

  Duty duty(String name) {
    return watch.duties().stream()
        .filter(duty -> duty.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /// What was told since this was last asked.
  List<String> told() {
    var since = List.copyOf(told);
    told.clear();
    return since;
  }

  @Override
  public void close() throws IOException {
    watch.close();
    audit.close();
    database.close();
  }
}
