package io.lumeo.cli.operations;

import io.lumeo.agent.DryHand;
import io.lumeo.agent.Hand;
import io.lumeo.agent.KnownSecrets;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.RealHand;
import io.lumeo.agent.RecordedSystem;
import io.lumeo.agent.RunBook;
import io.lumeo.agent.Troubles;
import io.lumeo.audit.AuditIndex;
import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditPlace;
import io.lumeo.audit.Redaction;
import io.lumeo.block.StorageException;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.Secrets;
import io.lumeo.state.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a person does by hand what the agent does by itself, with the agent's means and in its
/// record.
///
/// Beside a running agent, which has the state, only a dry run is possible; its record is then a
/// throw-away one.
final class Workplace implements RecordedSystem.Book {
  private final Database database;
  private final AuditLog audit;
  private final @Nullable Path scratch;
  private final Ledger ledger;
  private final RunBook runs;
  private final Troubles troubles;
  private final Hand hand;

  private Workplace(
      Surroundings surroundings,
      Database database,
      AuditPlace place,
      Redaction redaction,
      boolean dryRun,
      @Nullable Path scratch)
      throws IOException {
    this.database = database;
    this.scratch = scratch;
    this.audit =
        AuditLog.open(place, database, surroundings.time(), surroundings.random(), redaction);
    this.ledger = Ledger.open(audit, database);
    this.runs = RunBook.open(database);
    this.troubles = Troubles.open(database);
    this.hand = dryRun ? new DryHand(ledger) : new RealHand(ledger, surroundings.time());
  }

  /// Opens it.
  ///
  /// @throws StorageException.Busy if the agent has the state and this is no dry run
  static Workplace open(Surroundings surroundings, Configuration configuration, boolean dryRun)
      throws IOException {
    var file = OperationsSession.stateFile(configuration);
    var agent = new RunningAgent(file, surroundings.connections()).id();
    if (agent.isPresent() && !dryRun) {
      throw new StorageException.Busy(
          "the agent, process %d, looks after this and has the state; let it do it, or stop it first"
              .formatted(agent.getAsLong()));
    }
    return agent.isPresent() ? scratch(surroundings) : real(surroundings, configuration, dryRun);
  }

  /// Opens it for one change by hand, which does not wait for an agent to be stopped.
  ///
  /// @return nothing if an agent has the record
  static Optional<RecordedSystem.Book> besideAnAgent(
      Surroundings surroundings, Configuration configuration) throws IOException {
    var file = OperationsSession.stateFile(configuration);
    return new RunningAgent(file, surroundings.connections()).id().isPresent()
        ? Optional.empty()
        : Optional.of(real(surroundings, configuration, false));
  }

  private static Workplace real(
      Surroundings surroundings, Configuration configuration, boolean dryRun) throws IOException {
    Files.createDirectories(configuration.state());
    var settings = configuration.audit();
    var place = new AuditPlace(settings.file(), settings.anchor(), settings.rotateAtBytes());
    var database = Database.open(OperationsSession.stateFile(configuration));
    try {
      return new Workplace(
          surroundings, database, place, redaction(surroundings, configuration), dryRun, null);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static Workplace scratch(Surroundings surroundings) throws IOException {
    var folder = Files.createTempDirectory("lumeo-dry");
    var place = new AuditPlace(folder.resolve("audit.jsonl"), Optional.empty(), Long.MAX_VALUE);
    return new Workplace(
        surroundings,
        Database.open(folder.resolve("state.db")),
        place,
        Redaction.none(), // nobody keeps it
        true,
        folder);
  }

  /// What the agent would not write down is not written down here either.
  private static Redaction redaction(Surroundings surroundings, Configuration configuration) {
    var known = new KnownSecrets(new Secrets(surroundings.environment()));
    known.learn(configuration);
    return Redaction.of(known::texts);
  }

  Database database() {
    return database;
  }

  AuditIndex record() {
    return AuditIndex.view(database);
  }

  @Override
  public Ledger ledger() {
    return ledger;
  }

  RunBook runs() {
    return runs;
  }

  Troubles troubles() {
    return troubles;
  }

  Hand hand() {
    return hand;
  }

  @Override
  public void close() throws IOException {
    try {
      audit.close();
    } finally {
      database.close();
      if (scratch != null) {
        remove(scratch);
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(Workplace::delete);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
