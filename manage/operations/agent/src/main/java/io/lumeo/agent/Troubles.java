package io.lumeo.agent;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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

  /// What is in the state file, so that nobody has to ask it what is not wrong: the reason by host,
  /// kind and object. Of a writer only.
  private final Map<List<String>, String> known = new ConcurrentHashMap<>();

  private Troubles(Database database) {
    this.database = database;
  }

  /// The troubles in a state file that is open for writing.
  ///
  /// @throws StateException if a newer program wrote it
  public static Troubles open(Database database) throws StateException {
    database.migrate(COMPONENT, SCRIPTS);
    var troubles = new Troubles(database);
    for (var trouble : troubles.all()) {
      troubles.known.put(key(trouble.host(), trouble.kind(), trouble.object()), trouble.reason());
    }
    return troubles;
  }

  /// The troubles in a state file that may be open for reading only.
  public static Troubles view(Database database) {
    return new Troubles(database);
  }

  /// Notes that something is wrong. If it was before, only its reason is new.
  public void report(String host, Trouble.Kind kind, String object, String reason, Instant now) {
    if (reason.equals(known.get(key(host, kind, object)))) {
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
    known.put(key(host, kind, object), reason);
  }

  private static List<String> key(String host, Trouble.Kind kind, String object) {
    return List.of(host, kind.name(), object);
  }

  /// Notes that it is mended.
  public void clear(String host, Trouble.Kind kind, String object) {
    if (!known.containsKey(key(host, kind, object))) {
      return;
    }
    database.write(handle ->
        handle.execute(
            "DELETE FROM trouble WHERE host = ? AND kind = ? AND object = ?",
            host,
            kind.name(),
            object));
    known.remove(key(host, kind, object));
  }

  /// Notes what is wrong of one kind, and that nothing else is.
  public void replace(String host, Trouble.Kind kind, List<Trouble> troubles) {
    for (var known : of(host)) {
      if (known.kind() == kind
          && troubles.stream().noneMatch(trouble -> trouble.object().equals(known.object()))) {
        clear(host, kind, known.object());
      }
    }
    troubles.forEach(
        trouble -> report(host, kind, trouble.object(), trouble.reason(), trouble.since()));
  }

  /// What is wrong on a host, the oldest first.
  public List<Trouble> of(String host) {
    return all().stream().filter(trouble -> trouble.host().equals(host)).toList();
  }

  /// What is wrong anywhere, the oldest first.
  public List<Trouble> all() {
    return database.read(handle ->
        handle
            .select("SELECT * FROM trouble ORDER BY since, host, kind, object")
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
