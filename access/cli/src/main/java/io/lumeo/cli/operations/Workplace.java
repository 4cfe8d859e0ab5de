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
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.Secrets;
import io.lumeo.state.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/// Where a person does by hand what the agent does by itself, with the agent's means and in its
/// record.
///
/// Beside a running agent it adds to that agent's state. What is wrong on a host the agent says
/// there, who keeps it in its memory too; here it is then written where nobody will read it.
final class Workplace implements RecordedSystem.Book {
  private final Database database;
  private final AuditLog audit;
  private final Scratch scratch;
  private final Ledger ledger;
  private final RunBook runs;
  private final Troubles troubles;
  private final Hand hand;

  private Workplace(
      Surroundings surroundings,
      Database database,
      Configuration configuration,
      boolean dryRun,
      Scratch scratch)
      throws IOException {
    this.database = database;
    this.scratch = scratch;
    this.audit =
        AuditLog.open(
            place(configuration),
            database,
            surroundings.time(),
            surroundings.random(),
            redaction(surroundings, configuration));
    this.ledger = Ledger.open(audit, database);
    this.runs = RunBook.open(database);
    this.troubles = Troubles.open(scratch.database().orElse(database));
    this.hand = dryRun ? new DryHand(ledger) : new RealHand(ledger, surroundings.time());
  }

  /// Opens it, beside the agent that has the state if there is one.
  static Workplace open(Surroundings surroundings, Configuration configuration, boolean dryRun)
      throws IOException {
    var file = OperationsSession.stateFile(configuration);
    Files.createDirectories(configuration.state());
    var isBeside = Database.writerOf(file).isPresent();
    var scratch = isBeside ? Scratch.make() : Scratch.NONE;
    try {
      var database = isBeside ? Database.openBeside(file) : Database.open(file);
      try {
        return new Workplace(surroundings, database, configuration, dryRun, scratch);
      } catch (IOException | RuntimeException e) {
        database.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      scratch.close();
      throw e;
    }
  }

  private static AuditPlace place(Configuration configuration) {
    var settings = configuration.audit();
    return new AuditPlace(settings.file(), settings.anchor(), settings.rotateAtBytes());
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
      scratch.close();
    }
  }

  /// A state file that is thrown away, where one is needed.
  private record Scratch(Optional<Path> folder, Optional<Database> database) {
    static final Scratch NONE = new Scratch(Optional.empty(), Optional.empty());

    static Scratch make() throws IOException {
      var folder = Files.createTempDirectory("lumeo-beside");
      return new Scratch(
          Optional.of(folder), Optional.of(Database.open(folder.resolve("state.db"))));
    }

    void close() throws IOException {
      database.ifPresent(Database::close);
      if (folder.isPresent()) {
        remove(folder.get());
      }
    }

    private static void remove(Path folder) throws IOException {
      try (var files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(Scratch::delete);
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
}
