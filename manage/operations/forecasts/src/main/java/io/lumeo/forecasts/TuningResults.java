package io.lumeo.forecasts;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/// Everything that `lumeo tune` has ever measured, in the state file: what reports compare with and
/// recommendations rest on. Safe for use by several threads.
public final class TuningResults {
  private static final List<String> SCHEMA =
      List.of(
          """
          CREATE TABLE tuning_result (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            machine TEXT NOT NULL,
            at INTEGER NOT NULL);
          CREATE INDEX tuning_result_by_kind ON tuning_result (kind, machine, at);
          CREATE TABLE tuning_parameter (
            result INTEGER NOT NULL REFERENCES tuning_result ON DELETE CASCADE,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (result, name)) WITHOUT ROWID;
          CREATE TABLE tuning_figure (
            result INTEGER NOT NULL REFERENCES tuning_result ON DELETE CASCADE,
            name TEXT NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (result, name)) WITHOUT ROWID;
          """);

  private final Database database;

  private TuningResults(Database database) {
    this.database = database;
  }

  /// The results in `database`, whose tables are made when they are not there.
  ///
  /// @throws StateException if the file was written by a newer version
  public static TuningResults open(Database database) throws StateException {
    database.migrate("tuning", SCHEMA);
    return new TuningResults(database);
  }

  /// The results in a file that another process writes, or that is open to be read only.
  public static TuningResults openToRead(Database database) {
    return new TuningResults(database);
  }

  /// Keeps the results of one run, all or none.
  public void add(List<TuningResult> results) {
    database.write(handle -> {
      for (var result : results) {
        insert(handle, result);
      }
      return results.size();
    });
  }

  private static void insert(Handle handle, TuningResult result) {
    var id =
        handle
            .createUpdate("INSERT INTO tuning_result (kind, machine, at) VALUES (?, ?, ?)")
            .bind(0, result.kind())
            .bind(1, result.machine())
            .bind(2, result.at().toEpochMilli())
            .executeAndReturnGeneratedKeys("id")
            .mapTo(Long.class)
            .one();
    result
        .parameters()
        .forEach((name, value) ->
            handle.execute("INSERT INTO tuning_parameter VALUES (?, ?, ?)", id, name, value));
    result
        .figures()
        .forEach((name, value) ->
            handle.execute("INSERT INTO tuning_figure VALUES (?, ?, ?)", id, name, value));
  }

  /// All results of one kind on one machine, newest first.
  public List<TuningResult> find(String kind, String machine) {
    return database.read(handle -> {
      var results = new ArrayList<TuningResult>();
      var rows =
          handle
              .select(
                  "SELECT id, at FROM tuning_result WHERE kind = ? AND machine = ?"
                      + " ORDER BY at DESC, id DESC",
                  kind,
                  machine)
              .map((row, context) -> Map.entry(row.getLong(1), row.getLong(2)))
              .list();
      for (var row : rows) {
        results.add(
            new TuningResult(
                kind,
                parameters(handle, row.getKey()),
                figures(handle, row.getKey()),
                machine,
                Instant.ofEpochMilli(row.getValue())));
      }
      return results;
    });
  }

  private static SortedMap<String, String> parameters(Handle handle, long id) {
    var parameters = new TreeMap<String, String>();
    handle
        .select("SELECT name, value FROM tuning_parameter WHERE result = ?", id)
        .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
        .forEach(entry -> parameters.put(entry.getKey(), entry.getValue()));
    return parameters;
  }

  private static SortedMap<String, Double> figures(Handle handle, long id) {
    var figures = new TreeMap<String, Double>();
    handle
        .select("SELECT name, value FROM tuning_figure WHERE result = ?", id)
        .map((row, context) -> Map.entry(row.getString(1), row.getDouble(2)))
        .forEach(entry -> figures.put(entry.getKey(), entry.getValue()));
    return figures;
  }

  /// The newest result for each set of parameters, newest first: the baseline to compare with.
  public List<TuningResult> baseline(String kind, String machine) {
    var newest = new LinkedHashMap<SortedMap<String, String>, TuningResult>();
    for (var result : find(kind, machine)) {
      newest.putIfAbsent(result.parameters(), result);
    }
    return List.copyOf(newest.values());
  }

  /// The machines that results of one kind come from, in order of their names.
  public List<String> machines(String kind) {
    return database.read(handle ->
        handle
            .select(
                "SELECT DISTINCT machine FROM tuning_result WHERE kind = ? ORDER BY machine", kind)
            .mapTo(String.class)
            .list());
  }
}
