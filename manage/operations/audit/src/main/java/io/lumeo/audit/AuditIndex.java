package io.lumeo.audit;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/// The record in the state file: to be searched, and as a second witness of every hash. Safe for
/// use by several threads.
public final class AuditIndex {
  private static final String COMPONENT = "audit";
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE audit_record (
            sequence INTEGER PRIMARY KEY,
            time_millis INTEGER NOT NULL,
            actor TEXT NOT NULL,
            verb TEXT NOT NULL,
            result TEXT NOT NULL,
            hash TEXT NOT NULL,
            line TEXT NOT NULL
          );
          CREATE INDEX audit_record_time ON audit_record (time_millis);
          CREATE TABLE audit_target (
            target TEXT NOT NULL,
            sequence INTEGER NOT NULL REFERENCES audit_record (sequence),
            PRIMARY KEY (target, sequence)
          ) WITHOUT ROWID;
          """);

  private final Database database;

  /// The latest record that is known of.
  record Head(long sequence, String hash) {
    static final Head NONE = new Head(0, Sha256.NONE);
  }

  private AuditIndex(Database database) {
    this.database = database;
  }

  /// The index in a state file that is open for writing.
  ///
  /// @throws StateException if a newer program wrote it
  static AuditIndex open(Database database) throws StateException {
    database.migrate(COMPONENT, SCRIPTS);
    return new AuditIndex(database);
  }

  /// The index in a state file that may be open for reading only.
  public static AuditIndex view(Database database) {
    return new AuditIndex(database);
  }

  /// The records that fit.
  public List<AuditRecord> find(AuditQuery query) {
    var conditions = new ArrayList<String>();
    var values = new ArrayList<Object>();
    query.from().ifPresent(from -> add("time_millis >= ?", from, conditions, values));
    query.until().ifPresent(until -> add("time_millis < ?", until, conditions, values));
    query.actor().ifPresent(actor -> add("actor = ?", actor, conditions, values));
    query
        .verb()
        .ifPresent(verb ->
            add(verb.endsWith(".") ? "instr(verb, ?) = 1" : "verb = ?", verb, conditions, values));
    query.result().ifPresent(result -> add("result = ?", result.word(), conditions, values));
    query
        .target()
        .ifPresent(target ->
            add(
                "sequence IN (SELECT sequence FROM audit_target WHERE target = ?)",
                target,
                conditions,
                values));
    values.add(query.limit());
    var where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    return database.read(handle ->
        handle
            .select(
                "SELECT line FROM audit_record" + where + " ORDER BY sequence DESC LIMIT ?",
                values.toArray())
            .mapTo(String.class)
            .map(AuditLine::read)
            .list());
  }

  private static void add(
      String condition, Object value, List<String> conditions, List<Object> values) {
    conditions.add(condition);
    values.add(value instanceof Instant instant ? instant.toEpochMilli() : value);
  }

  Head head() {
    return database.read(handle ->
        handle
            .select("SELECT sequence, hash FROM audit_record ORDER BY sequence DESC LIMIT 1")
            .map((row, context) -> new Head(row.getLong("sequence"), row.getString("hash")))
            .findOne()
            .orElse(Head.NONE));
  }

  /// Sequence → hash, of at most `count` records from `first` on.
  Map<Long, String> hashes(long first, int count) {
    return database.read(handle -> {
      var hashes = new TreeMap<Long, String>();
      handle
          .select(
              "SELECT sequence, hash FROM audit_record WHERE sequence >= ? AND sequence < ?",
              first,
              first + count)
          .map((row, context) -> new Head(row.getLong("sequence"), row.getString("hash")))
          .forEach(head -> hashes.put(head.sequence(), head.hash()));
      return hashes;
    });
  }

  /// Adds the records of some lines, all or none.
  void add(List<String> lines) {
    database.write(handle -> {
      lines.forEach(line -> insert(handle, line));
      return lines.size();
    });
  }

  private static void insert(Handle handle, String line) {
    var added = AuditLine.read(line);
    handle.execute(
        "INSERT INTO audit_record VALUES (?, ?, ?, ?, ?, ?, ?)",
        added.sequence(),
        added.time().toEpochMilli(),
        added.entry().actor(),
        added.entry().verb(),
        added.entry().result().word(),
        added.hash(),
        line);
    for (var target : added.entry().targets()) {
      handle.execute("INSERT OR IGNORE INTO audit_target VALUES (?, ?)", target, added.sequence());
    }
  }
}
