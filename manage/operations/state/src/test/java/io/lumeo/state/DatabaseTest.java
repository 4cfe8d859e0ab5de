package io.lumeo.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
  private static final String TABLE = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void choose() {
    file = folder.resolve("state.db");
  }

  @Test
  void aComponentIsKnownOnceItHasTables() throws StateException {
    var file = folder.resolve("known.db");
    try (var database = Database.open(file)) {
      assertThat(database.knows("one")).isFalse();
      database.migrate("one", List.of("CREATE TABLE one (a INTEGER)"));
      assertThat(database.knows("one")).isTrue();
      assertThat(database.knows("other")).isFalse();
    }
    try (var database = Database.openToRead(file)) {
      assertThat(database.knows("one")).isTrue();
    }
  }

  @Test
  void whatIsWrittenIsThereAfterReopening() throws IOException {
    try (var database = Database.open(file)) {
      database.migrate("notes", List.of(TABLE));
      database.write(handle -> handle.execute("INSERT INTO note VALUES (1, 'kept')"));
    }
    try (var database = Database.open(file)) {
      assertThat(database.<List<String>>read(DatabaseTest::texts)).containsExactly("kept");
      assertThat(database.file()).isEqualTo(file);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aFailedChangeLeavesNothing() throws IOException {
    try (var database = Database.open(file)) {
      database.migrate("notes", List.of(TABLE));
      assertThatThrownBy(() ->
              database.write(handle -> {
                handle.execute("INSERT INTO note VALUES (1, 'half')");
                throw new IllegalStateException("cut");
              }))
          .hasMessage("cut");
      assertThat(database.<List<String>>read(DatabaseTest::texts)).isEmpty();
    }
  }

  @Test
  void eachScriptRunsOnce() throws IOException {
    var second = "ALTER TABLE note ADD COLUMN author TEXT; INSERT INTO note VALUES (7, 'x', 'y')";
    try (var database = Database.open(file)) {
      database.migrate("notes", List.of(TABLE));
      database.migrate("notes", List.of(TABLE, second));
      database.migrate("notes", List.of(TABLE, second));
      database.migrate("others", List.of("CREATE TABLE other (id INTEGER)"));
      assertThat(database.<List<String>>read(DatabaseTest::texts)).containsExactly("x");
    }
  }

  @Test
  void aFileOfANewerProgramIsRefused() throws IOException {
    try (var database = Database.open(file)) {
      database.migrate("notes", List.of(TABLE, "DROP TABLE note"));
      assertThatThrownBy(() -> database.migrate("notes", List.of(TABLE)))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("holds version 2 of notes, and this program knows 1");
    }
  }

  @Test
  void aSecondWriterIsRefusedAndToldWhoTheFirstIs() throws IOException {
    try (var first = Database.open(file)) {
      assertThat(first.file()).exists();
      assertThatThrownBy(() -> Database.open(file))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("is in use by process " + ProcessHandle.current().pid());
    }
    Database.open(file).close();
  }

  /// A command asks whether an agent runs, at the very moment that one starts.
  @Test
  void whoAsksForTheWriterStandsInNobodysWay() throws Exception {
    Database.open(file).close();
    assertThat(Database.writerOf(folder.resolve("none.db"))).isEmpty();
    var onlooker = Onlooker.start(file);
    try {
      assertThat(onlooker.getInputStream().read()).isEqualTo('.');
      for (var i = 0; i < 60; i++) {
        try (var database = Database.open(file)) {
          assertThat(database.file()).exists();
        }
        assertThat(Database.writerOf(file)).as("one that looks is no writer").isEmpty();
      }
    } finally {
      onlooker.getOutputStream().write('.');
      onlooker.getOutputStream().close();
      assertThat(onlooker.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(onlooker.exitValue()).isZero();
    try (var writer = Database.open(file)) {
      assertThat(writer.file()).exists();
      assertThat(Database.writerOf(file)).hasValue(ProcessHandle.current().pid());
    }
  }

  /// Without saying first that it will write, a transaction that has read would be refused at once
  /// when another process has written since.
  @Test
  void whoWritesBesideTheOneInChargeWaitsForItAndItForThem() throws Exception {
    try (var inCharge = Database.open(file);
        var beside = Database.openBeside(file)) {
      inCharge.migrate("notes", List.of(TABLE));
      var writers =
          List.of(inCharge, beside).stream()
              .map(database ->
                  Thread.ofPlatform()
                      .start(() -> {
                        for (var i = 0; i < 20; i++) {
                          database.write(handle ->
                              handle.execute(
                                  "INSERT INTO note VALUES (?, 'x')",
                                  handle
                                      .select("SELECT count(*) FROM note")
                                      .mapTo(Integer.class)
                                      .one()));
                        }
                      }))
              .toList();
      for (var writer : writers) {
        writer.join();
      }
      assertThat(inCharge.<List<String>>read(DatabaseTest::texts)).hasSize(40);
    }
    assertThatThrownBy(() -> Database.openBeside(folder.resolve("none.db")))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("there is no state at");
  }

  @Test
  void aReaderReadsBesideTheWriterAndCannotWrite() throws IOException {
    try (var writer = Database.open(file)) {
      writer.migrate("notes", List.of(TABLE));
      writer.write(handle -> handle.execute("INSERT INTO note VALUES (1, 'seen')"));
      try (var reader = Database.openToRead(file)) {
        assertThat(reader.<List<String>>read(DatabaseTest::texts)).containsExactly("seen");
        assertThatThrownBy(() -> reader.write(handle -> handle.execute("DELETE FROM note")))
            .hasMessageContaining("readonly");
      }
    }
  }

  @Test
  void whatIsNotAStateFileIsNamed() throws IOException {
    Files.writeString(
        file, "this is not a database, and long enough to be seen as none".repeat(40));
    assertThatThrownBy(() -> Database.open(file))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("is not a state file that can be read");
    assertThatThrownBy(() -> Database.openToRead(folder.resolve("none.db")))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("there is no state at");
    assertThatThrownBy(() -> Database.open(folder.resolve("missing/state.db")))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("cannot lock");
  }

  private static List<String> texts(Handle handle) {
    return handle.select("SELECT text FROM note ORDER BY id").mapTo(String.class).list();
  }
}
