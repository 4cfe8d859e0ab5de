package io.lumeo.agent.watch;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Which reports were made, and what of them is still to be sent, in the state file. That a report
/// was made and that it is to be sent is written in one transaction: after a crash it is made once
/// more, under the same name, or sent. Safe for use by several threads.
final class ReportStore {
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE report_schedule (
            report TEXT PRIMARY KEY,
            handled_up_to INTEGER NOT NULL
          ) WITHOUT ROWID;
          CREATE TABLE report_made (
            report TEXT NOT NULL,
            scheduled INTEGER NOT NULL,
            file TEXT NOT NULL,
            PRIMARY KEY (report, scheduled)
          ) WITHOUT ROWID;
          CREATE TABLE report_post (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel TEXT NOT NULL,
            message TEXT NOT NULL,
            subject TEXT NOT NULL,
            file TEXT NOT NULL,
            markdown TEXT NOT NULL,
            html TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            made INTEGER NOT NULL,
            due INTEGER NOT NULL,
            UNIQUE (channel, message)
          );
          """);

  private final Database database;

  /// A report that is to be sent.
  ///
  /// @param message the same for each attempt and channel
  /// @param file where it lies
  record Post(
      long id,
      String channel,
      String message,
      String subject,
      String file,
      String markdown,
      String html,
      int attempts,
      Instant made,
      Instant due) {}

  private ReportStore(Database database) {
    this.database = database;
  }

  /// @throws StateException if a newer program wrote the state file
  static ReportStore open(Database database) throws StateException {
    database.migrate("reports", SCRIPTS);
    return new ReportStore(database);
  }

  /// Up to when everything scheduled is settled. A report that is new begins at `now`.
  Instant handledUpTo(String report, Instant now) {
    return database
        .<Optional<Long>>read(handle ->
            handle
                .select("SELECT handled_up_to FROM report_schedule WHERE report = ?", report)
                .mapTo(Long.class)
                .findOne())
        .map(Instant::ofEpochMilli)
        .orElseGet(() -> {
          handled(report, now);
          return now;
        });
  }

  void handled(String report, Instant upTo) {
    database.write(handle -> handled(handle, report, upTo));
  }

  private static int handled(Handle handle, String report, Instant upTo) {
    return handle.execute(
        "INSERT OR REPLACE INTO report_schedule VALUES (?, ?)", report, upTo.toEpochMilli());
  }

  boolean isMade(String report, Instant scheduled) {
    return database.read(handle ->
        handle
            .select(
                "SELECT 1 FROM report_made WHERE report = ? AND scheduled = ?",
                report,
                scheduled.toEpochMilli())
            .mapTo(Integer.class)
            .findOne()
            .isPresent());
  }

  /// When the latest report before `scheduled` was scheduled for, if there was one.
  Optional<Instant> previous(String report, Instant scheduled) {
    return database.read(handle ->
        handle
            .select(
                "SELECT scheduled FROM report_made WHERE report = ? AND scheduled < ?"
                    + " ORDER BY scheduled DESC LIMIT 1",
                report,
                scheduled.toEpochMilli())
            .mapTo(Long.class)
            .findOne()
            .map(Instant::ofEpochMilli));
  }

  /// Notes that a report was made, that everything scheduled up to `handledUpTo` is settled by
  /// that, and what is to be sent.
  void made(String report, Instant scheduled, String file, Instant handledUpTo, List<Post> posts) {
    database.write(handle -> {
      handled(handle, report, handledUpTo);
      handle.execute(
          "INSERT OR REPLACE INTO report_made VALUES (?, ?, ?)",
          report,
          scheduled.toEpochMilli(),
          file);
      for (var post : posts) {
        handle.execute(
            "INSERT OR IGNORE INTO report_post"
                + " (channel, message, subject, file, markdown, html, attempts, made, due)"
                + " VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)",
            post.channel(),
            post.message(),
            post.subject(),
            post.file(),
            post.markdown(),
            post.html(),
            post.made().toEpochMilli(),
            post.due().toEpochMilli());
      }
      return posts.size();
    });
  }

  /// The files of a report, without its newest `kept`: they are forgotten.
  List<String> forgetAllBut(String report, int kept) {
    return database.write(handle -> {
      var old =
          handle
              .select(
                  "SELECT file FROM report_made WHERE report = ?"
                      + " ORDER BY scheduled DESC LIMIT -1 OFFSET ?",
                  report,
                  kept)
              .mapTo(String.class)
              .list();
      old.forEach(file -> handle.execute("DELETE FROM report_made WHERE file = ?", file));
      return old;
    });
  }

  /// All that is still to be sent, the oldest first.
  List<Post> posts() {
    return database.read(handle ->
        handle
            .select("SELECT * FROM report_post ORDER BY id")
            .map((row, context) ->
                new Post(
                    row.getLong("id"),
                    row.getString("channel"),
                    row.getString("message"),
                    row.getString("subject"),
                    row.getString("file"),
                    row.getString("markdown"),
                    row.getString("html"),
                    row.getInt("attempts"),
                    Instant.ofEpochMilli(row.getLong("made")),
                    Instant.ofEpochMilli(row.getLong("due"))))
            .list());
  }

  void remove(Post post) {
    database.write(handle -> handle.execute("DELETE FROM report_post WHERE id = ?", post.id()));
  }

  void delay(Post post, Duration wait, Instant now) {
    database.write(handle ->
        handle.execute(
            "UPDATE report_post SET attempts = attempts + 1, due = ? WHERE id = ?",
            now.plus(wait).toEpochMilli(),
            post.id()));
  }
}
