package io.lumeo.agent;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.time.Instant;
import java.util.List;

/// What the agent could not do or found wrong, for as long as it is so: what alerts are made of.
///
/// Safe for use by several threads.
public final class Troubles {
  private static final String COMPONENT = "troubles";
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE trouble (
            host TEXT NOT NULL,
            kind TEXT NOT NULL,
            object TEXT NOT NULL,
            reason TEXT NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (host, kind, object)
          ) WITHOUT ROWID;
          """);

  private final Database database;

  private Troubles(Database database) {
    this.database = database;
  }

  /// The troubles in a state file that is open for writing.
  ///
  /// @throws StateException if a newer program wrote it
  public static Troubles open(Database database) throws StateException {
    database.migrate(COMPONENT, SCRIPTS);
    return new Troubles(database);
  }

  /// The troubles in a state file that may be open for reading only.
  public static Troubles view(Database database) {
    return new Troubles(database);
  }

  /// Notes that something is wrong. If it was before, only its reason is new.
  public void report(String host, Trouble.Kind kind, String object, String reason, Instant now) {
    if (reasons(host, kind, object).equals(List.of(reason))) {
      return;
    }
    database.write(handle ->
        handle.execute(
            "INSERT INTO trouble VALUES (?, ?, ?, ?, ?)"
                + " ON CONFLICT (host, kind, object) DO UPDATE SET reason = excluded.reason",
            host,
            kind.name(),
            object,
            reason,
            now.toEpochMilli()));
  }

  /// Notes that it is mended.
  public void clear(String host, Trouble.Kind kind, String object) {
    if (reasons(host, kind, object).isEmpty()) {
      return;
    }
    database.write(handle ->
        handle.execute(
            "DELETE FROM trouble WHERE host = ? AND kind = ? AND object = ?",
            host,
            kind.name(),
            object));
  }

  /// Notes what is wrong of one kind, and that nothing else is.
  public void replace(String host, Trouble.Kind kind, List<Trouble> troubles) {
    for (var known : of(host)) {
      if (known.kind() == kind
          && troubles.stream().noneMatch(trouble -> trouble.object().equals(known.object()))) {
        clear(host, kind, known.object());
      }
    }
    troubles.forEach(trouble ->
        report(host, kind, trouble.object(), trouble.reason(), trouble.since()));
  }

  private List<String> reasons(String host, Trouble.Kind kind, String object) {
    return database.read(handle ->
        handle
            .select(
                "SELECT reason FROM trouble WHERE host = ? AND kind = ? AND object = ?",
                host,
                kind.name(),
                object)
            .mapTo(String.class)
            .list());
  }

  /// What is wrong on a host, the oldest first.
  public List<Trouble> of(String host) {
    return database.read(handle ->
        handle
            .select("SELECT * FROM trouble WHERE host = ? ORDER BY since, kind, object", host)
            .map((row, context) ->
                new Trouble(
                    row.getString("host"),
                    Trouble.Kind.valueOf(row.getString("kind")),
                    row.getString("object"),
                    row.getString("reason"),
                    Instant.ofEpochMilli(row.getLong("since"))))
            .list());
  }
}
