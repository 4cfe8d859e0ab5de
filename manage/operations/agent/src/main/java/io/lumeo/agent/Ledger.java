package io.lumeo.agent;

import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Executed;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import io.lumeo.storage.Plan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// The record of what the agent does: a line before each change and one after it, and a line for
/// whatever was refused or only asked.
///
/// A change whose second line is missing is *open*. It is noted in the state file before its first
/// line is written and forgotten after its second, so that whoever comes after a crash knows of it
/// and closes it. Beside it stands which process makes it: what another one that lives has open is
/// not for this one to close.
///
/// Safe for use by several threads.
public final class Ledger {
  /// What the verb of a first line begins with: of `snapshot.create` it is `begin.snapshot.create`.
  public static final String BEGIN = "begin.";

  private static final String COMPONENT = "ledger";
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE ledger_open (
            plan TEXT PRIMARY KEY,
            hash TEXT NOT NULL,
            system TEXT NOT NULL,
            pool TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            actor TEXT NOT NULL,
            source TEXT NOT NULL,
            verb TEXT NOT NULL,
            targets TEXT NOT NULL
          );
          """,
          """
          CREATE TABLE ledger_holder (
            plan TEXT PRIMARY KEY,
            process INTEGER NOT NULL,
            started INTEGER NOT NULL
          ) WITHOUT ROWID;
          """);

  private final AuditLog audit;
  private final Database database;

  /// A change whose end is not recorded.
  ///
  /// @param plan the plan's id
  /// @param hash what its lines have in common
  /// @param pool whose sequence was `sequence` before
  public record Open(Intent intent, String plan, String hash, String pool, long sequence) {}

  private Ledger(AuditLog audit, Database database) {
    this.audit = audit;
    this.database = database;
  }

  /// The record of an agent.
  ///
  /// @throws StateException if a newer program wrote the state file
  public static Ledger open(AuditLog audit, Database database) throws StateException {
    database.migrate(COMPONENT, SCRIPTS);
    return new Ledger(audit, database);
  }

  /// Records that a plan is about to be applied.
  ///
  /// @throws IOException if that is not durable; then it must not be applied
  Open begin(Intent intent, Plan plan, String reason) throws IOException {
    var open = new Open(intent, plan.id(), hash(plan), plan.pool(), plan.sequence());
    remember(open);
    try {
      audit.append(
          entry(intent, BEGIN + intent.verb(), AuditResult.DONE, reason)
              .about(intent.targets(), open.hash())
              .changed(sequence(plan.sequence()), new TreeMap<>()));
    } catch (IOException e) {
      forget(open);
      throw e;
    }
    return open;
  }

  private void remember(Open open) throws IOException {
    var intent = open.intent();
    var holder = Holder.self();
    write(handle -> {
      handle.execute(
          "INSERT OR REPLACE INTO ledger_holder VALUES (?, ?, ?)",
          open.plan(),
          holder.id(),
          holder.startMillis());
      return handle.execute(
          "INSERT OR REPLACE INTO ledger_open VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          open.plan(),
          open.hash(),
          intent.system(),
          open.pool(),
          open.sequence(),
          intent.actor(),
          intent.source(),
          intent.verb(),
          String.join("\n", intent.targets()));
    });
  }

  /// Records what came of it.
  ///
  /// @param after what was measured then
  /// @param backup where the pool's metadata was kept first, if it was
  /// @throws IOException if that is not durable; then it stays open
  void end(
      Open open,
      AuditResult result,
      String reason,
      List<Executed> executed,
      Duration took,
      SortedMap<String, String> after,
      Optional<String> backup)
      throws IOException {
    var intent = open.intent();
    audit.append(
        entry(intent, intent.verb(), result, reason)
            .about(intent.targets(), open.hash())
            .ran(executed, took, backup)
            .changed(sequence(open.sequence()), after));
    forget(open);
  }

  private void forget(Open open) throws IOException {
    write(handle -> {
      handle.execute("DELETE FROM ledger_holder WHERE plan = ?", open.plan());
      return handle.execute("DELETE FROM ledger_open WHERE plan = ?", open.plan());
    });
  }

  /// Records what changed nothing: a refusal, a failure to plan, an answer to a question.
  ///
  /// @throws IOException if that is not durable
  public void note(Intent intent, AuditResult result, String reason) throws IOException {
    audit.append(entry(intent, intent.verb(), result, reason).about(intent.targets(), ""));
  }

  /// The same, of something for which commands were run.
  ///
  /// @throws IOException if that is not durable
  public void note(
      Intent intent, AuditResult result, String reason, List<Executed> executed, Duration took)
      throws IOException {
    audit.append(
        entry(intent, intent.verb(), result, reason)
            .about(intent.targets(), "")
            .ran(executed, took, Optional.empty()));
  }

  /// The changes of a host whose end is not recorded, those under way included, oldest first.
  public List<Open> open(String system) {
    return database.read(handle ->
        handle
            .select("SELECT * FROM ledger_open WHERE system = ? ORDER BY plan", system)
            .map((row, context) ->
                new Open(
                    new Intent(
                        row.getString("actor"),
                        row.getString("source"),
                        row.getString("verb"),
                        row.getString("system"),
                        row.getString("targets").lines().toList()),
                    row.getString("plan"),
                    row.getString("hash"),
                    row.getString("pool"),
                    row.getLong("sequence")))
            .list());
  }

  /// The plans that another process is applying now.
  Set<String> elsewhere() {
    return database.read(handle ->
        handle
            .select("SELECT plan, process, started FROM ledger_holder")
            .map((row, context) ->
                Map.entry(
                    row.getString("plan"),
                    new Holder(row.getLong("process"), row.getLong("started"))))
            .stream()
            .filter(entry -> entry.getValue().isElsewhere())
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet()));
  }

  private void write(Function<Handle, Integer> change) throws IOException {
    try {
      database.write(change);
    } catch (RuntimeException e) {
      throw new IOException(
          "the state file %s takes no changes: %s; nothing is done until it does"
              .formatted(database.file(), e.getMessage()),
          e);
    }
  }

  private static AuditEntry entry(Intent intent, String verb, AuditResult result, String reason) {
    return AuditEntry.of(
        intent.actor(), intent.source(), verb, result, "%s: %s".formatted(intent.system(), reason));
  }

  private static SortedMap<String, String> sequence(long sequence) {
    return new TreeMap<>(Map.of("sequence", String.valueOf(sequence)));
  }

  /// SHA-256 of everything the plan says: two plans have the same only if they do the same.
  static String hash(Plan plan) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest(plan.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
