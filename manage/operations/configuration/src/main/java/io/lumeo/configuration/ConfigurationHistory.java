package io.lumeo.configuration;

import io.lumeo.state.Database;
import io.lumeo.state.StateException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Every configuration that was in force: when, by whom, why. Safe for use by several threads.
public final class ConfigurationHistory {
  private static final String COMPONENT = "configuration";
  private static final List<String> SCRIPTS =
      List.of(
          """
          CREATE TABLE configuration_version (
            number INTEGER PRIMARY KEY,
            time TEXT NOT NULL,
            author TEXT NOT NULL,
            reason TEXT NOT NULL,
            hash TEXT NOT NULL
          );
          CREATE TABLE configuration_file (
            version INTEGER NOT NULL REFERENCES configuration_version (number),
            position INTEGER NOT NULL,
            file TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (version, position)
          );
          """);

  private final Database database;
  private final InstantSource clock;

  /// A configuration that was in force.
  ///
  /// @param number from 1, without gaps
  /// @param hash SHA-256 of its files' names and texts, in hexadecimal
  public record Version(int number, Instant time, String author, String reason, String hash) {}

  private ConfigurationHistory(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /// The history in a state file that is open for writing.
  ///
  /// @throws StateException if a newer program wrote it
  public static ConfigurationHistory open(Database database, InstantSource clock)
      throws StateException {
    database.migrate(COMPONENT, SCRIPTS);
    return new ConfigurationHistory(database, clock);
  }

  /// Whether a state file has one.
  public static boolean isIn(Database database) {
    return database.knows(COMPONENT);
  }

  /// The history in a state file that may be open for reading only.
  public static ConfigurationHistory view(Database database) {
    return new ConfigurationHistory(database, InstantSource.system());
  }

  /// Notes that `sources` are in force now. When they already are, nothing is noted.
  public Version record(List<SourceText> sources, String author, String reason) {
    var hash = hash(sources);
    return database.write(handle -> {
      var last = versions(handle).stream().findFirst();
      if (last.isPresent() && last.get().hash().equals(hash)) {
        return last.get();
      }
      return insert(handle, last.map(Version::number).orElse(0) + 1, hash, sources, author, reason);
    });
  }

  private Version insert(
      Handle handle,
      int number,
      String hash,
      List<SourceText> sources,
      String author,
      String reason) {
    var version =
        new Version(number, clock.instant(), Words.shown(author), Words.shown(reason), hash);
    handle.execute(
        "INSERT INTO configuration_version VALUES (?, ?, ?, ?, ?)",
        number,
        version.time().toString(),
        version.author(),
        version.reason(),
        hash);
    for (int i = 0; i < sources.size(); i++) {
      handle.execute(
          "INSERT INTO configuration_file VALUES (?, ?, ?, ?)",
          number,
          i,
          sources.get(i).file(),
          sources.get(i).text());
    }
    return version;
  }

  /// All versions, the latest first.
  public List<Version> versions() {
    return database.read(ConfigurationHistory::versions);
  }

  private static List<Version> versions(Handle handle) {
    return handle
        .select("SELECT * FROM configuration_version ORDER BY number DESC")
        .map((row, context) ->
            new Version(
                row.getInt("number"),
                Instant.parse(row.getString("time")),
                row.getString("author"),
                row.getString("reason"),
                row.getString("hash")))
        .list();
  }

  /// The files of a version, with the secrets that stand in them; empty if there is no such one.
  public Optional<List<SourceText>> sources(int number) {
    List<SourceText> found =
        database.read(handle ->
            handle
                .select(
                    "SELECT file, text FROM configuration_file WHERE version = ? ORDER BY position",
                    number)
                .map((row, context) -> new SourceText(row.getString("file"), row.getString("text")))
                .list());
    return found.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(found));
  }

  /// What changed from one version to another, as `diff -u`, secrets masked; empty if one of them
  /// does not exist.
  public Optional<String> diff(int from, int to) {
    return sources(from)
        .flatMap(old ->
            sources(to)
                .map(now ->
                    ConfigurationDiff.between("version " + from, old, "version " + to, now)));
  }

  static String hash(List<SourceText> sources) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      for (var source : sources) {
        // A zero ends each part, so that no two lists of files give the same bytes.
        digest.update(
            (source.file() + "\0" + source.text() + "\0").getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
