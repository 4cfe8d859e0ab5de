package io.lumeo.forecasts;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/// What was measured, in the state file: minutes for two days, quarters of an hour for thirty, days
/// for two years, each as long as [Resolution] says.
///
/// A poll costs nothing but memory until its minute is over; then the last value of each series is
/// written. Minutes lie in the order of time, so that a thousand series are one append and one
/// range to delete; the coarser periods lie in the order of series, as they are read.
///
/// A period that was written to is *due* until it is over and rolled up. Rolling up computes a
/// period anew from all that it holds, so it may be repeated, and what a downtime or a clock that
/// was set back left behind is found the next time.
///
/// Safe for use by several threads.
public final class Samples {
  private static final List<String> SCHEMA =
      List.of(
          """
          CREATE TABLE sample_series (
            id INTEGER PRIMARY KEY,
            system TEXT NOT NULL,
            uuid TEXT NOT NULL,
            measure TEXT NOT NULL,
            last_day INTEGER,
            UNIQUE (system, uuid, measure));
          CREATE TABLE sample_minute (
            start INTEGER NOT NULL,
            series INTEGER NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (start, series)) WITHOUT ROWID;
          CREATE TABLE sample_quarter (
            series INTEGER NOT NULL,
            start INTEGER NOT NULL,
            minimum REAL NOT NULL,
            maximum REAL NOT NULL,
            last REAL NOT NULL,
            PRIMARY KEY (series, start)) WITHOUT ROWID;
          CREATE TABLE sample_day (
            series INTEGER NOT NULL,
            start INTEGER NOT NULL,
            minimum REAL NOT NULL,
            maximum REAL NOT NULL,
            last REAL NOT NULL,
            PRIMARY KEY (series, start)) WITHOUT ROWID;
          CREATE TABLE sample_period (
            minutes INTEGER NOT NULL,
            start INTEGER NOT NULL,
            due INTEGER NOT NULL,
            PRIMARY KEY (minutes, start)) WITHOUT ROWID;
          """);

  private static final String SELECT_MINUTES =
      """
      WITH RECURSIVE clock (start) AS (
        SELECT max(:from, coalesce((SELECT min(start) FROM sample_minute), :to))
        UNION ALL SELECT start + 1 FROM clock WHERE start + 1 < :to)
      SELECT m.start, m.value, m.value, m.value
      FROM clock CROSS JOIN sample_minute m ON m.start = clock.start AND m.series = :series
      WHERE m.start < :to
      ORDER BY m.start
      """;

  private static final String SELECT_PERIODS =
      """
      SELECT start, minimum, maximum, last FROM %s
      WHERE series = :series AND start >= :from AND start < :to ORDER BY start
      """;

  private static final String ROLL_UP_QUARTER =
      """
      INSERT OR REPLACE INTO sample_quarter
      SELECT whole.series, :start, whole.minimum, whole.maximum, final.value
      FROM (
        SELECT series, min(value) AS minimum, max(value) AS maximum, max(start) AS newest
        FROM sample_minute WHERE start >= :start AND start < :end GROUP BY series) AS whole
      CROSS JOIN sample_minute AS final
        ON final.start = whole.newest AND final.series = whole.series
      """;

  private static final String ROLL_UP_DAY =
      """
      INSERT OR REPLACE INTO sample_day
      SELECT whole.series, :start, whole.minimum, whole.maximum, final.last
      FROM (
        SELECT series.id AS series, min(q.minimum) AS minimum, max(q.maximum) AS maximum,
          max(q.start) AS newest
        FROM sample_series AS series
        CROSS JOIN sample_quarter AS q
          ON q.series = series.id AND q.start >= :start AND q.start < :end
        GROUP BY series.id) AS whole
      CROSS JOIN sample_quarter AS final
        ON final.series = whole.series AND final.start = whole.newest
      """;

  /// How long ago the newest minute may be to be worth looking for.
  private static final Duration RECENT = Duration.ofHours(1);

  private final Database database;
  private final MinuteBuffer buffer = new MinuteBuffer();
  private final Map<SeriesKey, Long> ids = new HashMap<>();

  private Samples(Database database) {
    this.database = database;
  }

  /// The samples in `database`, whose tables are made when they are not there.
  ///
  /// @throws StateException if the file was written by a newer version
  public static Samples open(Database database) throws StateException {
    database.migrate("samples", SCHEMA);
    return new Samples(database);
  }

  /// The samples in a file that another process writes, or that is open to be read only.
  public static Samples openToRead(Database database) {
    return new Samples(database);
  }

  /// Takes a poll. It is written, and can be read, when a later one begins another minute or after
  /// [#flush].
  public void add(Poll poll) {
    addAll(List.of(poll));
  }

  /// Takes several polls, in the order in which they were made, and writes them all or none.
  public synchronized void addAll(List<Poll> polls) {
    var finished = new ArrayList<MinuteBuffer.Minute>();
    for (var poll : polls) {
      var minute = buffer.add(poll);
      if (minute != null) {
        finished.add(minute);
      }
    }
    write(finished);
  }

  /// Writes the minute that is under way.
  public synchronized void flush() {
    var finished = buffer.finish();
    if (finished != null) {
      write(List.of(finished));
    }
  }

  private void write(List<MinuteBuffer.Minute> minutes) {
    if (minutes.isEmpty()) {
      return;
    }
    var known = new HashMap<>(ids);
    database.write(handle -> {
      try (var insert =
          handle
              .getConnection()
              .prepareStatement("INSERT OR REPLACE INTO sample_minute VALUES (?, ?, ?)")) {
        for (var minute : minutes) {
          for (var value : minute.values().entrySet()) {
            insert.setLong(1, minute.minute());
            insert.setLong(2, known.computeIfAbsent(value.getKey(), key -> idOrNew(handle, key)));
            insert.setDouble(3, value.getValue());
            insert.addBatch();
          }
          markDue(handle, Resolution.QUARTER_HOUR, minute.minute());
        }
        return insert.executeBatch().length;
      } catch (SQLException e) {
        throw new UnableToExecuteStatementException("cannot write samples", e, null);
      }
    });
    ids.putAll(known);
  }

  private static long idOrNew(Handle handle, SeriesKey key) {
    handle.execute(
        "INSERT OR IGNORE INTO sample_series (system, uuid, measure) VALUES (?, ?, ?)",
        key.system(),
        key.uuid(),
        key.measure().name());
    return id(handle, key);
  }

  /// The number of a series, or -1 when nothing was ever measured of it.
  private static long id(Handle handle, SeriesKey key) {
    return handle
        .select(
            "SELECT id FROM sample_series WHERE system = ? AND uuid = ? AND measure = ?",
            key.system(),
            key.uuid(),
            key.measure().name())
        .mapTo(Long.class)
        .findOne()
        .orElse(-1L);
  }

  private static void markDue(Handle handle, Resolution resolution, long minute) {
    handle.execute(
        "INSERT INTO sample_period VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET due = 1",
        resolution.minutes(),
        resolution.startOf(minute));
  }

  /// Rolls up every period that is over and due, then forgets what is older than its resolution
  /// keeps. To be called every quarter of an hour or so; calling it more often, or late, comes to
  /// the same.
  public synchronized void rollUp(Instant now) {
    var minute = MinuteBuffer.minuteOf(now);
    var forgotten =
        database.write(handle -> {
          rollUpDue(handle, Resolution.QUARTER_HOUR, minute, ROLL_UP_QUARTER);
          rollUpDue(handle, Resolution.DAY, minute, ROLL_UP_DAY);
          return forgetOld(handle);
        });
    if (forgotten > 0) {
      ids.clear();
    }
  }

  private static void rollUpDue(
      Handle handle, Resolution resolution, long minute, String statement) {
    var due =
        handle
            .select(
                "SELECT start FROM sample_period"
                    + " WHERE minutes = ? AND due = 1 AND start <= ? ORDER BY start",
                resolution.minutes(),
                minute - resolution.minutes())
            .mapTo(Long.class)
            .list();
    for (var start : due) {
      handle
          .createUpdate(statement)
          .bind("start", start)
          .bind("end", start + resolution.minutes())
          .execute();
      if (resolution == Resolution.QUARTER_HOUR) {
        markDue(handle, Resolution.DAY, start);
      } else {
        noteLastDay(handle, start);
      }
      handle.execute(
          "UPDATE sample_period SET due = 0 WHERE minutes = ? AND start = ?",
          resolution.minutes(),
          start);
    }
  }

  private static void noteLastDay(Handle handle, long day) {
    handle
        .createUpdate(
            "UPDATE sample_series SET last_day = :day"
                + " WHERE EXISTS (SELECT 1 FROM sample_day WHERE series = id AND start = :day)"
                + " AND coalesce(last_day, :day) <= :day")
        .bind("day", day)
        .execute();
  }

  /// Deletes whole days of quarters and whole quarters of minutes, so that a period that comes due
  /// once more is never computed from half of what it held.
  ///
  /// @return how many series are gone
  private static int forgetOld(Handle handle) {
    var oldestMinute =
        oldestKept(
            handle, Resolution.QUARTER_HOUR, (int) Resolution.MINUTE.kept().toMinutes() / 15);
    var oldestQuarter =
        Resolution.DAY.startOf(
            oldestKept(handle, Resolution.QUARTER_HOUR, Resolution.QUARTER_HOUR.keptPeriods()));
    var oldestDay = oldestKept(handle, Resolution.DAY, Resolution.DAY.keptPeriods());
    handle.execute("DELETE FROM sample_minute WHERE start < ?", oldestMinute);
    forgetPeriods(handle, "sample_quarter", Resolution.QUARTER_HOUR, oldestQuarter);
    forgetPeriods(handle, "sample_day", Resolution.DAY, oldestDay);
    return handle.execute("DELETE FROM sample_series WHERE last_day < ?", oldestDay);
  }

  /// The start of the oldest of the newest `count` periods in which something was measured.
  private static long oldestKept(Handle handle, Resolution resolution, int count) {
    return handle
        .select(
            "SELECT start FROM sample_period WHERE minutes = ? ORDER BY start DESC"
                + " LIMIT 1 OFFSET ?",
            resolution.minutes(),
            count - 1)
        .mapTo(Long.class)
        .findOne()
        .orElse(0L);
  }

  /// One range for each series: the table lies in the order of series. Does nothing when no period
  /// is known that is older than `oldest`.
  private static void forgetPeriods(
      Handle handle, String table, Resolution resolution, long oldest) {
    var forgotten =
        handle.execute(
            "DELETE FROM sample_period WHERE minutes = ? AND start < ?",
            resolution.minutes(),
            oldest);
    if (forgotten > 0) {
      var batch =
          handle.prepareBatch("DELETE FROM %s WHERE series = ? AND start < ?".formatted(table));
      handle
          .select("SELECT id FROM sample_series")
          .mapTo(Long.class)
          .forEach(id -> batch.bind(0, (long) id).bind(1, oldest).add());
      batch.execute();
    }
  }

  /// Everything that was ever measured of one system and is still kept, in no order.
  public List<SeriesKey> keys(String system) {
    return database.read(handle ->
        handle
            .select("SELECT system, uuid, measure FROM sample_series WHERE system = ?", system)
            .map((row, context) ->
                new SeriesKey(
                    row.getString(1), row.getString(2), Measure.valueOf(row.getString(3))))
            .list());
  }

  /// What a series was from `from` (included) to `to` (not included) at one resolution, oldest
  /// first. Periods in which nothing was measured are missing.
  public List<Bucket> history(SeriesKey key, Instant from, Instant to, Resolution resolution) {
    return database.read(handle -> select(handle, id(handle, key), from, to, resolution));
  }

  /// What each series was, up to now, oldest first and with the newest minute last: at the
  /// [resolution that fits][Resolution#fitting] `from`, or the series' beginning if that is later.
  /// Costs one look at the file for all of them, and up to 2,000 samples of memory for each: ask
  /// for some hundred at a time.
  public Map<SeriesKey, List<Sample>> histories(
      Collection<SeriesKey> keys, Instant from, Instant now) {
    return database.read(handle -> {
      var histories = new HashMap<SeriesKey, List<Sample>>();
      for (var key : keys) {
        histories.put(key, history(handle, id(handle, key), from, now));
      }
      return histories;
    });
  }

  private static List<Sample> history(Handle handle, long series, Instant earliest, Instant now) {
    var from = later(earliest, first(handle, series, now));
    var resolution = Resolution.fitting(from, now);
    var samples = new ArrayList<Sample>();
    for (var bucket : select(handle, series, from, now, resolution)) {
      samples.add(bucket.sample());
    }
    if (resolution != Resolution.MINUTE) {
      var rolledUp = samples.isEmpty() ? from : samples.getLast().at();
      var since = later(rolledUp, now.minus(RECENT));
      var recent = select(handle, series, since, now, Resolution.MINUTE);
      if (!recent.isEmpty()) {
        samples.add(recent.getLast().sample());
      }
    }
    return samples;
  }

  /// When the oldest period begins that is kept of a series; an hour ago when none is over yet.
  private static Instant first(Handle handle, long series, Instant now) {
    return handle
        .createQuery(
            "SELECT min(start) FROM ("
                + "SELECT min(start) AS start FROM sample_quarter WHERE series = :series"
                + " UNION ALL SELECT min(start) FROM sample_day WHERE series = :series)")
        .bind("series", series)
        .map((row, context) -> {
          var start = row.getLong(1);
          return row.wasNull() ? now.minus(RECENT) : Instant.ofEpochSecond(start * 60);
        })
        .one();
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static List<Bucket> select(
      Handle handle, long series, Instant from, Instant to, Resolution resolution) {
    var statement =
        switch (resolution) {
          case MINUTE -> SELECT_MINUTES;
          case QUARTER_HOUR -> SELECT_PERIODS.formatted("sample_quarter");
          case DAY -> SELECT_PERIODS.formatted("sample_day");
        };
    return handle
        .createQuery(statement)
        .bind("series", series)
        .bind("from", ceilingMinute(from))
        .bind("to", ceilingMinute(to))
        .map((row, context) -> bucket(row, resolution))
        .list();
  }

  /// The first minute that does not begin before `at`.
  private static long ceilingMinute(Instant at) {
    return Math.ceilDiv(at.getEpochSecond(), 60L);
  }

  private static Bucket bucket(ResultSet row, Resolution resolution) throws SQLException {
    return new Bucket(
        Instant.ofEpochSecond(row.getLong(1) * 60),
        resolution.length(),
        row.getDouble(2),
        row.getDouble(3),
        row.getDouble(4));
  }
}
