package io.lumeo.agent.watch;

import io.lumeo.agent.RunBook;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.alerts.Ping;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.PolicySettings;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Signals the life of policies that have an address for it: that a run began, and how it ended.
/// What was signalled is in the state file: a restart signals nothing twice, and what ended while
/// nobody looked is signalled then. For one thread at a time.
final class PolicyPings {
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE policy_ping (
            policy TEXT NOT NULL,
            host TEXT NOT NULL,
            scheduled INTEGER NOT NULL,
            ended INTEGER NOT NULL,
            PRIMARY KEY (policy, host)
          ) WITHOUT ROWID;
          """);

  private final Database database;
  private final RunBook runs;
  private final Consumer<Ping> pinger;

  /// How far a policy's runs on a host were signalled.
  ///
  /// @param scheduled of the run that was signalled last
  /// @param ended whether its end was
  private record Signalled(Instant scheduled, boolean ended) {}

  private PolicyPings(Database database, RunBook runs, Consumer<Ping> pinger) {
    this.database = database;
    this.runs = runs;
    this.pinger = pinger;
  }

  /// @param pinger sends a ping, at least once
  /// @throws StateException if a newer program wrote the state file
  static PolicyPings open(Database database, RunBook runs, Consumer<Ping> pinger)
      throws StateException {
    database.migrate("policy-pings", SCRIPTS);
    return new PolicyPings(database, runs, pinger);
  }

  /// Signals what has happened since the last time.
  void signal(Configuration configuration, Instant now) {
    for (var policy : configuration.policies()) {
      if (policy.ping().isPresent()) {
        for (var host : configuration.hosts()) {
          runs.last(Task.snapshot(policy.id()), host.name())
              .ifPresent(run -> signal(policy, host, run, now));
        }
      }
    }
  }

  private void signal(PolicySettings policy, HostSettings host, RunRecord run, Instant now) {
    var last = last(policy.id(), host.name());
    var isNew = last.filter(any -> any.scheduled().equals(run.scheduledAt())).isEmpty();
    var isEndNew = run.end().isPresent() && (isNew || !last.get().ended());
    if (isNew) {
      pinger.accept(new Ping(policy.id(), Ping.Kind.START, now, host.name()));
    }
    if (isEndNew) {
      var end = run.end().get();
      var kind = run.succeeded() ? Ping.Kind.SUCCESS : Ping.Kind.FAIL;
      pinger.accept(
          new Ping(policy.id(), kind, now, "%s: %s".formatted(host.name(), end.detail())));
    }
    if (isNew || isEndNew) {
      note(policy.id(), host.name(), new Signalled(run.scheduledAt(), run.end().isPresent()));
    }
  }

  private Optional<Signalled> last(String policy, String host) {
    return database.read(handle ->
        handle
            .select(
                "SELECT scheduled, ended FROM policy_ping WHERE policy = ? AND host = ?",
                policy,
                host)
            .map((row, context) ->
                new Signalled(
                    Instant.ofEpochMilli(row.getLong("scheduled")), row.getInt("ended") == 1))
            .findOne());
  }

  private void note(String policy, String host, Signalled signalled) {
    database.write(handle ->
        handle.execute(
            "INSERT OR REPLACE INTO policy_ping VALUES (?, ?, ?, ?)",
            policy,
            host,
            signalled.scheduled().toEpochMilli(),
            signalled.ended() ? 1 : 0));
  }
}
