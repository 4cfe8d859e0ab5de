package io.lumeo.agent;

import io.lumeo.policies.RunPlan;
import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;

/// Which runs were begun and how they ended, in the state file: what keeps a run from being made
/// twice, or forgotten, over restarts.
///
/// What is written is durable when the method returns. Safe for use by several threads.
public final class RunBook {
  private static final String COMPONENT = "runs";
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE run_task (
            task TEXT NOT NULL,
            host TEXT NOT NULL,
            first_seen INTEGER NOT NULL,
            handled_up_to INTEGER NOT NULL,
            skipped INTEGER NOT NULL,
            PRIMARY KEY (task, host)
          ) WITHOUT ROWID;
          CREATE TABLE run (
            task TEXT NOT NULL,
            host TEXT NOT NULL,
            scheduled INTEGER NOT NULL,
            begun INTEGER NOT NULL,
            ended INTEGER,
            result TEXT,
            detail TEXT,
            PRIMARY KEY (task, host, scheduled)
          ) WITHOUT ROWID;
          CREATE INDEX run_open ON run (host) WHERE ended IS NULL;
          """,
          """
          CREATE TABLE run_selection (
            task TEXT NOT NULL,
            host TEXT NOT NULL,
            volumes INTEGER NOT NULL,
            PRIMARY KEY (task, host)
          ) WITHOUT ROWID;
          """,
          """
          CREATE TABLE run_count (
            task TEXT NOT NULL,
            host TEXT NOT NULL,
            result TEXT NOT NULL,
            runs INTEGER NOT NULL,
            PRIMARY KEY (task, host, result)
          ) WITHOUT ROWID;
          INSERT INTO run_count
            SELECT task, host, result, count(*) FROM run
            WHERE result IS NOT NULL GROUP BY task, host, result;
          """);

  private final Database database;

  private RunBook(Database database) {
    this.database = database;
  }

  /// The runs in a state file that is open for writing.
  ///
  /// @throws StateException if a newer program wrote it
  public static RunBook open(Database database) throws StateException {
    database.migrate(COMPONENT, SCRIPTS);
    return new RunBook(database);
  }

  /// The runs in a state file that may be open for reading only.
  public static RunBook view(Database database) {
    return new RunBook(database);
  }

  /// Up to when everything scheduled is settled. A task that is new begins at `now`.
  public Instant handledUpTo(Task task, String host, Instant now) {
    var known = time(task, host, "handled_up_to");
    if (known.isPresent()) {
      return known.get();
    }
    database.write(handle ->
        handle.execute(
            "INSERT OR IGNORE INTO run_task VALUES (?, ?, ?, ?, 0)",
            task.toString(),
            host,
            now.toEpochMilli(),
            now.toEpochMilli()));
    return now;
  }

  /// When a task was first seen, if it was.
  public Optional<Instant> firstSeen(Task task, String host) {
    return time(task, host, "first_seen");
  }

  private Optional<Instant> time(Task task, String host, String column) {
    return database.read(handle ->
        handle
            .select(
                "SELECT %s FROM run_task WHERE task = ? AND host = ?".formatted(column),
                task.toString(),
                host)
            .mapTo(Long.class)
            .findOne()
            .map(Instant::ofEpochMilli));
  }

  /// Notes how many volumes a task is for on a host now.
  public void selected(Task task, String host, int volumes) {
    if (!selected(task, host).equals(OptionalInt.of(volumes))) {
      database.write(handle ->
          handle.execute(
              "INSERT OR REPLACE INTO run_selection VALUES (?, ?, ?)",
              task.toString(),
              host,
              volumes));
    }
  }

  /// How many volumes a task was for when the host was last looked at for it; empty if it never
  /// was.
  public OptionalInt selected(Task task, String host) {
    return database.read(handle ->
        handle
            .select(
                "SELECT volumes FROM run_selection WHERE task = ? AND host = ?",
                task.toString(),
                host)
            .mapTo(Integer.class)
            .findOne()
            .map(OptionalInt::of)
            .orElse(OptionalInt.empty()));
  }

  /// Whether a run for a scheduled instant was ever begun.
  public boolean isBegun(Task task, String host, Instant scheduledAt) {
    return find(task, host, scheduledAt).isPresent();
  }

  private Optional<RunRecord> find(Task task, String host, Instant scheduledAt) {
    return first("task = ? AND host = ? AND scheduled = ?", task, host, scheduledAt.toEpochMilli());
  }

  /// Notes that a run begins, and that everything up to `handledUpTo` is settled by that.
  ///
  /// @return false if it was begun before: then it must not be begun again
  public boolean begin(
      Task task, String host, Instant scheduledAt, Instant now, Instant handledUpTo) {
    return database.write(handle -> {
      var added =
          handle.execute(
              "INSERT OR IGNORE INTO run (task, host, scheduled, begun) VALUES (?, ?, ?, ?)",
              task.toString(),
              host,
              scheduledAt.toEpochMilli(),
              now.toEpochMilli());
      handled(handle, task, host, handledUpTo, 0);
      return added == 1;
    });
  }

  /// Notes that everything up to `handledUpTo` is settled, and what of it was skipped.
  public void settle(Task task, String host, Instant handledUpTo, List<RunPlan.Skip> skips) {
    var skipped = skips.stream().mapToInt(RunPlan.Skip::count).sum();
    database.write(handle -> handled(handle, task, host, handledUpTo, skipped));
  }

  private static int handled(
      Handle handle, Task task, String host, Instant handledUpTo, int skipped) {
    return handle.execute(
        "UPDATE run_task SET handled_up_to = ?, skipped = skipped + ? WHERE task = ? AND host = ?",
        handledUpTo.toEpochMilli(),
        skipped,
        task.toString(),
        host);
  }

  /// Notes how a run ended.
  public void end(RunRecord run, RunRecord.End end) {
    database.write(handle -> {
      handle.execute(
          "UPDATE run SET ended = ?, result = ?, detail = ?"
              + " WHERE task = ? AND host = ? AND scheduled = ?",
          end.at().toEpochMilli(),
          end.result().name(),
          end.detail(),
          run.task().toString(),
          run.host(),
          run.scheduledAt().toEpochMilli());
      return count(handle, run.task(), run.host(), end.result());
    });
  }

  /// Notes a run that follows no schedule, with its end.
  public void add(Task task, String host, Instant begunAt, RunRecord.End end) {
    database.write(handle -> {
      handle.execute(
          "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?)",
          task.toString(),
          host,
          begunAt.toEpochMilli(),
          begunAt.toEpochMilli(),
          end.at().toEpochMilli(),
          end.result().name(),
          end.detail());
      return count(handle, task, host, end.result());
    });
  }

  private static int count(Handle handle, Task task, String host, RunRecord.Result result) {
    return handle.execute(
        "INSERT INTO run_count VALUES (?, ?, ?, 1)"
            + " ON CONFLICT (task, host, result) DO UPDATE SET runs = runs + 1",
        task.toString(),
        host,
        result.name());
  }

  /// How many runs ever ended so, those that are forgotten among them: it never falls.
  public Map<RunRecord.Result, Long> counts(Task task, String host) {
    return database.read(handle ->
        handle
            .select(
                "SELECT result, runs FROM run_count WHERE task = ? AND host = ?",
                task.toString(),
                host)
            .reduceRows(
                new EnumMap<RunRecord.Result, Long>(RunRecord.Result.class),
                (counts, row) -> {
                  counts.put(
                      RunRecord.Result.valueOf(row.getColumn("result", String.class)),
                      row.getColumn("runs", Long.class));
                  return counts;
                }));
  }

  /// Forgets runs that ended before `before`, but for the last success of each task.
  public void forget(Instant before) {
    database.write(handle ->
        handle.execute(
            """
            DELETE FROM run WHERE ended < ? AND scheduled < (
              SELECT max(kept.scheduled) FROM run AS kept
              WHERE kept.task = run.task AND kept.host = run.host AND kept.result = 'DONE')
            """,
            before.toEpochMilli()));
  }

  /// The runs of a host that were begun and whose end nobody noted, oldest first.
  public List<RunRecord> underWay(String host) {
    return database.read(handle ->
        handle
            .select("SELECT * FROM run WHERE host = ? AND ended IS NULL ORDER BY begun", host)
            .map((row, context) -> read(row))
            .list());
  }

  /// The latest runs of a task on a host, the newest first.
  public List<RunRecord> latest(Task task, String host, int limit) {
    return select("task = ? AND host = ?", limit, task.toString(), host);
  }

  /// The latest run of a task on a host.
  public Optional<RunRecord> last(Task task, String host) {
    return latest(task, host, 1).stream().findFirst();
  }

  /// The latest run that did all it was for.
  public Optional<RunRecord> lastSuccess(Task task, String host) {
    return first("task = ? AND host = ? AND result = ?", task, host, RunRecord.Result.DONE.name());
  }

  /// The latest run that came to an end of its own.
  public Optional<RunRecord> lastEnded(Task task, String host) {
    return first(
        "task = ? AND host = ? AND result <> ?", task, host, RunRecord.Result.INTERRUPTED.name());
  }

  /// How many scheduled runs passed without a run.
  public long skipped(Task task, String host) {
    return database.read(handle ->
        handle
            .select(
                "SELECT skipped FROM run_task WHERE task = ? AND host = ?", task.toString(), host)
            .mapTo(Long.class)
            .findOne()
            .orElse(0L));
  }

  private Optional<RunRecord> first(String condition, Task task, String host, Object value) {
    return select(condition, 1, task.toString(), host, value).stream().findFirst();
  }

  private List<RunRecord> select(String condition, int limit, Object... values) {
    return database.read(handle ->
        handle
            .select(
                "SELECT * FROM run WHERE %s ORDER BY scheduled DESC LIMIT %d"
                    .formatted(condition, limit),
                values)
            .map((row, context) -> read(row))
            .list());
  }

  private static RunRecord read(ResultSet row) throws SQLException {
    var result = Optional.ofNullable(row.getString("result"));
    var ended = Instant.ofEpochMilli(row.getLong("ended"));
    var detail = row.getString("detail");
    return new RunRecord(
        Task.parse(row.getString("task")),
        row.getString("host"),
        Instant.ofEpochMilli(row.getLong("scheduled")),
        Instant.ofEpochMilli(row.getLong("begun")),
        result.map(word -> new RunRecord.End(ended, RunRecord.Result.valueOf(word), detail)));
  }
}
