package io.lumeo.alerts;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// The alerts, the silences and what is still to be delivered, in the state file. What one look
/// changes and the messages it leads to are written in one transaction: after a crash either both
/// are there, and the messages are delivered, or neither, and the next look finds the same again.
final class AlertStore {
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE alert (
            fingerprint TEXT PRIMARY KEY,
            rule TEXT NOT NULL,
            phase TEXT NOT NULL,
            body TEXT NOT NULL);
          CREATE TABLE alert_messaged (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            at INTEGER NOT NULL);
          CREATE TABLE alert_silence (
            id TEXT PRIMARY KEY,
            matchers TEXT NOT NULL,
            begins INTEGER NOT NULL,
            ends INTEGER NOT NULL,
            author TEXT NOT NULL,
            reason TEXT NOT NULL);
          CREATE TABLE alert_outbox (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            receiver TEXT NOT NULL,
            message TEXT NOT NULL,
            body TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            made INTEGER NOT NULL,
            due INTEGER NOT NULL,
            UNIQUE (receiver, message));
          """);

  private final Database database;

  private AlertStore(Database database) {
    this.database = database;
  }

  /// The store in a state file that is open for writing.
  static AlertStore open(Database database) throws StateException {
    database.migrate("alerts", SCRIPTS);
    return new AlertStore(database);
  }

  /// The store in a state file that may be open for reading only.
  static AlertStore view(Database database) {
    return new AlertStore(database);
  }

  /// Something to be delivered.
  ///
  /// @param receiver whom to
  /// @param attempts made so far
  record Entry(
      long number,
      String receiver,
      String message,
      String body,
      int attempts,
      Instant made,
      Instant due) {}

  /// What is to be delivered, before it is in the outbox.
  record Post(String receiver, String message, String body) {}

  AlertState state() {
    return database.read(handle -> new AlertState(alerts(handle), messagedAt(handle).orElse(null)));
  }

  private static List<Alert> alerts(Handle handle) {
    return handle
        .select("SELECT body FROM alert ORDER BY fingerprint")
        .mapTo(String.class)
        .map(body -> AlertJson.alert(AlertJson.parse(body)))
        .list();
  }

  private static Optional<Instant> messagedAt(Handle handle) {
    return handle
        .select("SELECT at FROM alert_messaged")
        .mapTo(Long.class)
        .findOne()
        .map(Instant::ofEpochMilli);
  }

  /// Keeps a new state, and puts into the outbox what it leads to. A post that waits there already
  /// gets the new body and keeps its place and attempts.
  void save(AlertState state, List<Post> posts, Instant now) {
    database.write(handle -> {
      handle.execute("DELETE FROM alert");
      for (var alert : state.alerts()) {
        handle.execute(
            "INSERT INTO alert VALUES (?, ?, ?, ?)",
            alert.fingerprint(),
            alert.rule(),
            alert.phase().name(),
            AlertJson.text(AlertJson.of(alert)));
      }
      var messagedAt = state.messagedAt();
      if (messagedAt != null) {
        handle.execute(
            "INSERT OR REPLACE INTO alert_messaged VALUES (1, ?)", messagedAt.toEpochMilli());
      }
      posts.forEach(post -> put(handle, post, now));
      return posts.size();
    });
  }

  void put(Post post, Instant now) {
    database.write(handle -> put(handle, post, now));
  }

  private static int put(Handle handle, Post post, Instant now) {
    return handle.execute(
        "INSERT INTO alert_outbox (receiver, message, body, attempts, made, due)"
            + " VALUES (?, ?, ?, 0, ?, ?)"
            + " ON CONFLICT (receiver, message) DO UPDATE SET body = excluded.body, made ="
            + " excluded.made",
        post.receiver(),
        post.message(),
        post.body(),
        now.toEpochMilli(),
        now.toEpochMilli());
  }

  /// The first that waits for each receiver: what comes after it waits for it.
  List<Entry> heads() {
    return database.read(handle ->
        handle
            .select(
                "SELECT * FROM alert_outbox WHERE number IN"
                    + " (SELECT min(number) FROM alert_outbox GROUP BY receiver) ORDER BY number")
            .map((row, context) ->
                new Entry(
                    row.getLong("number"),
                    row.getString("receiver"),
                    row.getString("message"),
                    row.getString("body"),
                    row.getInt("attempts"),
                    Instant.ofEpochMilli(row.getLong("made")),
                    Instant.ofEpochMilli(row.getLong("due"))))
            .list());
  }

  void remove(Entry entry) {
    database.write(
        handle -> handle.execute("DELETE FROM alert_outbox WHERE number = ?", entry.number()));
  }

  void delay(Entry entry, Duration wait, Instant now) {
    database.write(handle ->
        handle.execute(
            "UPDATE alert_outbox SET attempts = ?, due = ? WHERE number = ?",
            entry.attempts() + 1,
            now.plus(wait).toEpochMilli(),
            entry.number()));
  }

  void add(Silence silence) {
    database.write(handle ->
        handle.execute(
            "INSERT OR REPLACE INTO alert_silence VALUES (?, ?, ?, ?, ?, ?)",
            silence.id(),
            matchers(silence),
            silence.from().toEpochMilli(),
            silence.until().toEpochMilli(),
            silence.author(),
            silence.reason()));
  }

  private static String matchers(Silence silence) {
    var texts = AlertJson.array();
    silence.matchers().forEach(matcher -> texts.add(matcher.toString()));
    return AlertJson.text(texts);
  }

  /// Whether there was one with this id.
  boolean removeSilence(String id) {
    return database.write(handle -> handle.execute("DELETE FROM alert_silence WHERE id = ?", id))
        > 0;
  }

  /// Forgets those that ended long ago.
  void forgetSilencesBefore(Instant end) {
    database.write(
        handle -> handle.execute("DELETE FROM alert_silence WHERE ends < ?", end.toEpochMilli()));
  }

  List<Silence> silences() {
    return database.read(handle ->
        handle
            .select("SELECT * FROM alert_silence ORDER BY begins, id")
            .map((row, context) ->
                new Silence(
                    row.getString("id"),
                    matchers(row.getString("matchers")),
                    Instant.ofEpochMilli(row.getLong("begins")),
                    Instant.ofEpochMilli(row.getLong("ends")),
                    row.getString("author"),
                    row.getString("reason")))
            .list());
  }

  private static List<LabelMatcher> matchers(String json) {
    return AlertJson.parse(json)
        .valueStream()
        .map(text -> LabelMatcher.parse(text.stringValue()))
        .toList();
  }
}
