package io.lumeo.storage;

import io.lumeo.storage.StorageFailure.CommandFailed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Where plans that were begun are written down before each step and after it: one file each, which
/// is replaced as a whole and is on the disk before the step is begun. So whatever was done to a
/// system, there is a file that says so.
///
/// Safe for use by several threads as long as each writes another plan.
///
/// @param <E> what is remembered of one plan
public final class PlanJournal<E extends PlanJournal.Entry> {
  private static final String ENDING = ".json";

  /// How many plans that have ended are kept, for whoever wants to know what happened.
  private static final int ENDED_KEPT = 200;

  private final Path folder;
  private final Path ended;
  private final Function<E, byte[]> encode;
  private final Function<byte[], E> decode;

  /// What is remembered of one plan that was begun.
  public interface Entry {
    /// The plan's name, which becomes a file's.
    String id();

    boolean hasEnded();
  }

  /// A journal in a folder.
  ///
  /// @param folder made when it is first needed
  /// @param encode an entry to what its file holds
  /// @param decode the same back; throws whatever it likes for what is not an entry
  public PlanJournal(Path folder, Function<E, byte[]> encode, Function<byte[], E> decode) {
    this.folder = folder;
    this.ended = folder.resolve("ended");
    this.encode = encode;
    this.decode = decode;
  }

  /// Returns when the entry is on the disk.
  public void write(E entry) throws CommandFailed {
    try {
      Files.createDirectories(ended);
      replace(file(entry.id()), encode.apply(entry));
      if (entry.hasEnded()) {
        Files.move(
            file(entry.id()), ended.resolve(entry.id() + ENDING), StandardCopyOption.ATOMIC_MOVE);
        force(folder);
        forget();
      }
    } catch (IOException e) {
      throw new CommandFailed(
          "the journal in %s cannot be written, so nothing is changed: %s; free space there or mend the disk"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private Path file(String id) {
    return folder.resolve(id + ENDING);
  }

  private void replace(Path file, byte[] content) throws IOException {
    var next = file.resolveSibling(file.getFileName() + ".new");
    try (var channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    force(folder);
  }

  /// Without this a file that was renamed may have its old name again after a power cut.
  private static void force(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private void forget() throws IOException {
    var old = names(ended);
    for (var name : old.subList(0, Math.max(0, old.size() - ENDED_KEPT))) {
      Files.deleteIfExists(ended.resolve(name));
    }
  }

  /// Plans that were begun and have not ended, oldest first.
  public List<E> unfinished() throws CommandFailed {
    var entries = new ArrayList<E>();
    try {
      if (Files.isDirectory(folder)) {
        for (var name : names(folder)) {
          var entry = read(folder.resolve(name));
          if (!entry.hasEnded()) {
            entries.add(entry);
          }
        }
      }
    } catch (IOException e) {
      throw new CommandFailed(
          "the journal in %s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
    return entries;
  }

  /// The plan of that name, if it was begun and has not ended.
  public Optional<E> unfinished(String id) throws CommandFailed {
    return unfinished().stream().filter(entry -> entry.id().equals(id)).findFirst();
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ENDING))
          .sorted()
          .toList();
    }
  }

  private E read(Path file) throws IOException, CommandFailed {
    var bytes = Files.readAllBytes(file);
    try {
      return decode.apply(bytes);
    } catch (RuntimeException e) {
      throw new CommandFailed(
          "%s tells of a plan that was begun and cannot be read: %s; look at the system, then move the file away"
              .formatted(file, Words.printable(String.valueOf(e.getMessage()))),
          e);
    }
  }
}
