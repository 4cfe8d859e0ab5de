package io.lumeo.audit;

import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/// A record in a folder, for tests: opened, written, closed and opened again.
final class Journal implements AutoCloseable {
  static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  final AuditPlace place;
  final Path folder;
  private final Random random = new Random(7);
  private Instant now = START;
  private Database database;
  private AuditLog log;

  Journal(Path folder, boolean anchored, long rotateAtBytes) throws IOException {
    this.folder = folder;
    this.place =
        new AuditPlace(
            folder.resolve("log/audit.jsonl"),
            anchored ? Optional.of(folder.resolve("anchor")) : Optional.empty(),
            rotateAtBytes);
    open();
  }

  void open() throws IOException {
    database = Database.open(folder.resolve("state.db"));
    log = AuditLog.open(place, database, () -> now, random, Redaction.of(() -> List.of("hunter2")));
  }

  AuditLog log() {
    return log;
  }

  Database database() {
    return database;
  }

  void stop() throws IOException {
    log.close();
    database.close();
  }

  void reopen() throws IOException {
    stop();
    open();
  }

  AuditRecord add(String verb) throws IOException {
    now = now.plusSeconds(1);
    return log.append(entry(verb));
  }

  void add(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      add("test." + i);
    }
  }

  static AuditEntry entry(String verb) {
    return AuditEntry.of("uid:0", "local", verb, AuditResult.DONE, "because")
        .about(List.of("uuid-1", "uuid-2"), "plan-hash")
        .ran(
            List.of(new Executed(List.of("lvcreate", "-s", "vg/äöü"), 0, Duration.ofMillis(120))),
            Duration.ofMillis(250),
            Optional.of("vg0-17.vg"))
        .changed(
            new TreeMap<>(Map.of("sizeBytes", "10", "seqno", "4")),
            new TreeMap<>(Map.of("sizeBytes", "20", "seqno", "5")));
  }

  /// As one who has the files and the state, without the process that writes.
  Verification verify() throws IOException {
    return AuditLog.verify(place, Optional.of(database));
  }

  Path file() {
    return place.file();
  }

  List<String> lines() throws IOException {
    return Files.readAllLines(file());
  }

  @Override
  public void close() throws IOException {
    stop();
  }
}
