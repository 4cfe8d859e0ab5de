package io.lumeo.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteOpenMode;

/// The file that operations remember in: SQLite in write-ahead mode, so that readers never wait for
/// the writer and any SQLite tool can look at it. What is written survives a crash of the process
/// and of the machine.
///
/// One process is in charge of it: opening for writing takes a lock that a second process is
/// refused, and within the process [#write] lets one thread in at a time. Others may add to what is
/// common to all [beside it][#openBeside], in transactions that wait for one another; what a part
/// of the process in charge keeps in its memory as well, they must leave alone. Safe for use by
/// several threads.
public final class Database implements AutoCloseable {
  private static final int MOST_SPARE = 8;

  private final Path file;
  private final Connections readers;
  private final Connections writers;
  private final ReentrantLock writer = new ReentrantLock();
  private final StateLock lock;

  private volatile boolean isClosed;

  /// Ways to the file.
  ///
  /// @param spare those that nobody uses now. To open one costs more than most of what is asked
  ///   through it; and when the last one is closed, SQLite moves its write-ahead log into the file,
  ///   which is work for the disk
  private record Connections(Jdbi jdbi, ConcurrentLinkedDeque<Handle> spare) {
    static Connections to(Path file, boolean readOnly, TransactionMode mode) {
      return new Connections(
          Jdbi.create(source(file, readOnly, mode)), new ConcurrentLinkedDeque<>());
    }

    Handle take() {
      var kept = spare.pollFirst();
      return kept == null ? jdbi.open() : kept;
    }

    void close() {
      for (var handle = spare.poll(); handle != null; handle = spare.poll()) {
        handle.close();
      }
    }
  }

  /// A transaction that will write says so as it begins: if it read first, and another process
  /// wrote meanwhile, SQLite would refuse its writing without waiting.
  private Database(Path file, boolean readOnly, StateLock lock) {
    this.file = file;
    this.readers = Connections.to(file, readOnly, TransactionMode.DEFERRED);
    this.writers = readOnly ? readers : Connections.to(file, readOnly, TransactionMode.IMMEDIATE);
    this.lock = lock;
  }

  /// Opens `file` for writing, and makes it, readable by its owner only, when it is not there.
  ///
  /// @throws StateException if another process has it open for writing, naming that process, or if
  ///   it cannot be opened
  public static Database open(Path file) throws StateException {
    var lock = StateLock.take(file);
    try {
      if (Files.notExists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      var database = new Database(file, false, lock);
      database.check();
      return database;
    } catch (StateException e) {
      lock.close();
      throw e;
    } catch (IOException e) {
      lock.close();
      throw new StateException("cannot make %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /// The process that is in charge of the state file `file`, if there is one now.
  ///
  /// @throws IOException if that cannot be found out
  public static OptionalLong writerOf(Path file) throws IOException {
    return StateLock.holder(file);
  }

  /// Opens `file` to be added to, beside the process that is in charge of it.
  ///
  /// @throws StateException if it is not there or cannot be read
  public static Database openBeside(Path file) throws StateException {
    return openWithoutLock(file, false);
  }

  /// Opens `file` to be read only, beside the process that writes it.
  ///
  /// @throws StateException if it is not there or cannot be read
  public static Database openToRead(Path file) throws StateException {
    return openWithoutLock(file, true);
  }

  private static Database openWithoutLock(Path file, boolean readOnly) throws StateException {
    if (Files.notExists(file)) {
      throw new StateException(
          "there is no state at %s; run the agent once, or name the right folder".formatted(file));
    }
    var database = new Database(file, readOnly, StateLock.none());
    database.check();
    return database;
  }

  private static SQLiteDataSource source(Path file, boolean readOnly, TransactionMode mode) {
    var config = new SQLiteConfig();
    config.setTransactionMode(mode);
    if (readOnly) {
      config.setReadOnly(true);
      config.resetOpenMode(SQLiteOpenMode.CREATE);
    } else {
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    }
    config.setBusyTimeout(10_000);
    config.enforceForeignKeys(true);
    var source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
    return source;
  }

  private void check() throws StateException {
    try {
      read(handle -> handle.execute("SELECT count(*) FROM sqlite_schema"));
    } catch (RuntimeException e) {
      throw new StateException(
          "%s is not a state file that can be read: %s; restore it from a backup or move it away"
              .formatted(file, rootMessage(e)),
          e);
    }
  }

  /// Brings the tables of one component up to date: runs those of its scripts that have not been
  /// run, in order, each in a transaction of its own. Scripts are only ever added at the end.
  ///
  /// @param component a name of its own for each user of the file
  /// @throws StateException if the file was written by a newer version that knows more scripts
  public void migrate(String component, List<String> scripts) throws StateException {
    var applied =
        write(handle -> {
          handle.execute(
              "CREATE TABLE IF NOT EXISTS component_version"
                  + " (component TEXT PRIMARY KEY, version INTEGER NOT NULL)");
          return version(handle, component);
        });
    if (applied > scripts.size()) {
      throw new StateException(
          "%s holds version %d of %s, and this program knows %d; use the newer program"
              .formatted(file, applied, component, scripts.size()));
    }
    for (var next = applied; next < scripts.size(); next++) {
      var script = scripts.get(next);
      var version = next + 1;
      write(handle -> {
        handle.createScript(script).execute();
        return handle.execute(
            "INSERT INTO component_version VALUES (?, ?)"
                + " ON CONFLICT (component) DO UPDATE SET version = excluded.version",
            component,
            version);
      });
    }
  }

  /// Whether a component has ever had its tables here. Until a writer has migrated it, whoever
  /// reads finds none.
  ///
  /// @param component as its user calls it in [#migrate]
  public boolean knows(String component) {
    return read(handle ->
        handle
                    .select("SELECT count(*) FROM sqlite_schema WHERE name = 'component_version'")
                    .mapTo(Integer.class)
                    .one()
                == 1
            && version(handle, component) > 0);
  }

  private static int version(Handle handle, String component) {
    return handle
        .select("SELECT version FROM component_version WHERE component = ?", component)
        .mapTo(Integer.class)
        .findOne()
        .orElse(0);
  }

  /// Runs `query` on a consistent look at the file. Does not wait for the writer.
  public <T> T read(Function<Handle, T> query) {
    return inTransaction(readers, query);
  }

  /// Runs `change` in a transaction, alone; when it throws, nothing of it stays.
  public <T> T write(Function<Handle, T> change) {
    writer.lock();
    try {
      return inTransaction(writers, change);
    } finally {
      writer.unlock();
    }
  }

  private <T> T inTransaction(Connections connections, Function<Handle, T> work) {
    var handle = connections.take();
    var isWell = false;
    try {
      var result = handle.inTransaction(work::apply);
      isWell = true;
      return result;
    } finally {
      if (isWell && !isClosed && connections.spare().size() < MOST_SPARE) {
        connections.spare().addFirst(handle);
      } else {
        handle.close();
      }
      if (isClosed) {
        connections.close();
      }
    }
  }

  public Path file() {
    return file;
  }

  @Override
  public void close() {
    writer.lock();
    try {
      isClosed = true;
      readers.close();
      writers.close();
      lock.close();
    } finally {
      writer.unlock();
    }
  }

  private static String rootMessage(Throwable problem) {
    var cause = problem;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
