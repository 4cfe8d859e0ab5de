package io.lumeo.rest;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a server says of itself in `server.json` in the directory it serves, so that the commands
/// find it.
///
/// @param instance names the run of the server
/// @param pid its process
/// @param restHost where it answers REST
/// @param restPort where it answers REST
/// @param nbdSocket the Unix socket it serves NBD on, or null
/// @param nbdHost where it serves NBD over TCP, or null
/// @param nbdPort where it serves NBD over TCP, or null
public record RunningServer(
    String instance,
    long pid,
    String restHost,
    int restPort,
    @Nullable String nbdSocket,
    @Nullable String nbdHost,
    @Nullable Integer nbdPort,
    String version,
    Instant startedAt) {
  private static final String FILE = "server.json";

  /// The server of a directory, if one is running. What a killed server left behind is ignored: its
  /// process is gone, or whoever has its port now is not the instance that wrote the file.
  public static Optional<RunningServer> find(Path directory) throws IOException {
    var written = read(directory);
    return written.isPresent() && written.get().isAlive() ? written : Optional.empty();
  }

  private static Optional<RunningServer> read(Path directory) throws IOException {
    try {
      var text = Files.readAllBytes(directory.resolve(FILE));
      return Optional.of(Records.fromTree(Json.read(text), RunningServer.class));
    } catch (NoSuchFileException | StorageException.InvalidArgument _) {
      return Optional.empty();
    }
  }

  private boolean isAlive() {
    if (ProcessHandle.of(pid).isEmpty()) {
      return false;
    }
    try {
      requireAlive();
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /// Asks it whether it lives.
  ///
  /// @throws IOException if nobody answers, or another
  void requireAlive() throws IOException {
    if (!RemoteVolumes.health(rest()).instance().equals(instance)) {
      throw new IOException("another server answers in its place");
    }
  }

  InetSocketAddress rest() {
    return new InetSocketAddress(restHost, restPort);
  }

  /// Says that the server is there. Whole or not at all: a command may be reading.
  public void write(Path directory) throws IOException {
    var scratch = directory.resolve(FILE + ".new");
    Files.write(
        scratch, Json.pretty(this).concat("\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Files.move(
        scratch,
        directory.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /// Takes the word back, if it is still ours.
  public void remove(Path directory) throws IOException {
    var written = read(directory);
    if (written.isPresent() && written.get().instance().equals(instance)) {
      Files.deleteIfExists(directory.resolve(FILE));
    }
  }
}
