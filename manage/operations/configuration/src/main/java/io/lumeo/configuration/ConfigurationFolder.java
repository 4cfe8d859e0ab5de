package io.lumeo.configuration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// A configuration's files: the main one, and those of `conf.d` beside it by the order of their
/// names.
public final class ConfigurationFolder {
  private static final String MORE = "conf.d";
  private static final int MAX_FILES = 200;
  private static final int MAX_BYTES = 4 * YamlText.MAX_CHARACTERS;

  private final Path main;

  /// The folder of a main file.
  public ConfigurationFolder(Path main) {
    this.main = main.toAbsolutePath();
  }

  /// What messages call the main file.
  String mainName() {
    return String.valueOf(main.getFileName());
  }

  /// Whether there is a main file at all.
  boolean isThere() {
    return Files.exists(main, LinkOption.NOFOLLOW_LINKS);
  }

  /// Reads the files as they are now.
  ///
  /// @throws IOException if one cannot be read, or is not text
  public List<SourceText> read() throws IOException {
    var sources = new ArrayList<SourceText>();
    sources.add(read(mainName(), main));
    for (var file : more()) {
      sources.add(read(MORE + "/" + file.getFileName(), file));
    }
    return List.copyOf(sources);
  }

  /// Makes the files those of `sources`, each at once and for good. Files of `conf.d` that are not
  /// among them are removed.
  ///
  /// @throws IOException if one cannot be written; those before it are then new already
  public void replace(List<SourceText> sources) throws IOException {
    for (var source : sources) {
      write(file(source), source.text());
    }
    for (var file : more()) {
      if (sources.stream().noneMatch(source -> file(source).equals(file))) {
        Files.delete(file);
      }
    }
  }

  private Path file(SourceText source) {
    var name = source.file();
    if (!name.startsWith(MORE + "/")) {
      return main; // under whatever name it had when it was recorded
    }
    var last = name.substring(MORE.length() + 1);
    if (last.contains("/") || !last.endsWith(".yaml")) {
      throw new IllegalArgumentException("'%s' is no file of a configuration".formatted(name));
    }
    return main.resolveSibling(MORE).resolve(last);
  }

  private List<Path> more() throws IOException {
    var folder = main.resolveSibling(MORE);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var entries = Files.list(folder)) {
      var files =
          entries
              .filter(file -> isOne(String.valueOf(file.getFileName())))
              .sorted()
              .limit(MAX_FILES + 1)
              .toList();
      if (files.size() > MAX_FILES) {
        throw new IOException("%s has more than %d files".formatted(folder, MAX_FILES));
      }
      return files;
    }
  }

  private static boolean isOne(String name) {
    return name.endsWith(".yaml") && !name.startsWith(".");
  }

  private static SourceText read(String name, Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("there is no %s; name the right file with --config".formatted(file));
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException("%s is not a file".formatted(file));
    }
    try (var in = Files.newInputStream(file)) {
      var bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException("%s is larger than %d bytes".formatted(file, MAX_BYTES));
      }
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return new SourceText(name, text);
    } catch (CharacterCodingException e) {
      throw new IOException("%s is not UTF-8 text".formatted(file), e);
    }
  }

  /// Whoever reads meanwhile sees the old file or the new one.
  private static void write(Path file, String text) throws IOException {
    var folder = file.resolveSibling(".");
    Files.createDirectories(folder);
    var next = Files.createTempFile(folder, ".", ".new");
    try {
      try (var channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      if (Files.exists(file)) {
        Files.setPosixFilePermissions(next, Files.getPosixFilePermissions(file));
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
    try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
