package io.lumeo.agent;

import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditPlace;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditRecord;
import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Redaction;
import io.lumeo.audit.Verification;
import io.lumeo.commands.Commands;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ConfigurationReader;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.ReadResult;
import io.lumeo.configuration.Secrets;
import io.lumeo.configuration.SourceText;
import io.lumeo.state.Database;
import io.lumeo.storage.StorageSystem;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// What an agent has around it, in a folder, for tests: closed and opened again as by a restart.
public final class Workplace implements AutoCloseable {
  public static final long GIB = 1L << 30;
  public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  public final ManualTime time = new ManualTime(START);
  private final Path folder;
  private Configuration configuration = configuration("");
  private Database database;
  private AuditLog audit;
  private AgentState state;

  public Workplace(Path folder) throws IOException {
    this.folder = folder;
    open();
  }

  private void open() throws IOException {
    database = Database.open(folder.resolve("state.db"));
    audit =
        AuditLog.open(
            new AuditPlace(folder.resolve("audit.jsonl"), Optional.empty(), 64 << 20),
            database,
            time,
            new Random(1),
            Redaction.none());
    state =
        new AgentState(
            database,
            audit,
            Ledger.open(audit, database),
            RunBook.open(database),
            Troubles.open(database),
            new Secrets(_ -> Optional.empty()),
            time,
            () -> configuration);
  }

  /// What a configuration with these sections says; hosts and the rest are added.
  public static Configuration configuration(String sections) {
    var text =
        """
        state: /var/lib/lumeo
        hosts:
          - name: host
            kind: lvm
        """
            + sections;
    return switch (new ConfigurationReader().read(List.of(new SourceText("lumeo.yaml", text)))) {
      case ReadResult.Valid(var valid) -> valid;
      case ReadResult.Refused(var mistakes) ->
          throw new AssertionError("the test's configuration is not right: " + mistakes);
    };
  }

  /// Puts other sections in force.
  public Configuration configure(String sections) {
    configuration = configuration(sections);
    return configuration;
  }

  public AgentState state() {
    return state;
  }

  public Ledger ledger() {
    return state.ledger();
  }

  public RunBook runs() {
    return state.runs();
  }

  public Troubles troubles() {
    return state.troubles();
  }

  /// The process ends and another begins.
  public void restart() throws IOException {
    close();
    open();
  }

  /// A host of that system, on which any command succeeds and says nothing.
  public static HostSetup host(StorageSystem system) {
    return host(system, ScriptedCommands.answering(_ -> ScriptedCommands.success("")));
  }

  public static HostSetup host(StorageSystem system, Commands commands) {
    return new HostSetup(
        new HostSettings(system.name(), new HostSettings.LocalLvm(Duration.ofMinutes(2))),
        system,
        commands);
  }

  /// Everything recorded so far, oldest first.
  public List<AuditRecord> records() {
    return audit.find(AuditQuery.latest(Integer.MAX_VALUE)).reversed();
  }

  /// The records with that verb, oldest first.
  public List<AuditRecord> records(String verb) {
    return records().stream().filter(one -> one.entry().verb().equals(verb)).toList();
  }

  /// The results of the records with that verb, oldest first.
  public List<AuditResult> results(String verb) {
    return records(verb).stream().map(one -> one.entry().result()).toList();
  }

  /// Whether the record is what was written.
  public boolean isIntact() throws IOException {
    return audit.verify() instanceof Verification.Intact;
  }

  @Override
  public void close() throws IOException {
    audit.close();
    database.close();
  }
}
