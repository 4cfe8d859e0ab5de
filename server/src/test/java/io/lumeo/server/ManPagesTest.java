package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.cli.Console;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import io.lumeo.rest.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The pages of the manual under `packaging/man` are those of the commands as they are. With
/// `-Drewrite` they are written.
class ManPagesTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("lumeo.root"), "packaging", "man").toAbsolutePath();

  private static Map<String, String> pages() throws IOException {
    var silent = new PrintWriter(Writer.nullWriter());
    var console =
        new Console(new BufferedReader(Reader.nullReader()), silent, silent, () -> false, "lumeo");
    // As for completion, so that every command is made.
    var pages =
        ManPage.all(
            Lumeo.commandLine(
                new PoolConnector(), console, Main.entries(console, new Shutdown()), "completion"));
    pages.put("lumeo.yaml.5", ManPage.configuration(schema()));
    return pages;
  }

  /// As it is published; a test of the configuration's keeps it fresh.
  private static Map<?, ?> schema() throws IOException {
    var file = FOLDER.resolveSibling("../docs/lumeo.schema.json").normalize();
    return (Map<?, ?>) Objects.requireNonNull(Json.read(Files.readAllBytes(file)));
  }

  @Test
  void everyCommandHasItsPage() throws IOException {
    var pages = pages();
    if (System.getProperty("rewrite", "").equals("true")) {
      for (var page : pages.entrySet()) {
        Files.createDirectories(FOLDER);
        Files.writeString(FOLDER.resolve(page.getKey()), page.getValue());
      }
    }
    var files = new TreeSet<String>();
    try (var all = Files.list(FOLDER)) {
      all.forEach(file -> files.add(String.valueOf(file.getFileName())));
    }
    assertThat(files).as("rewrite them with -Drewrite=true").isEqualTo(pages.keySet());
    for (var page : pages.entrySet()) {
      assertThat(Files.readString(FOLDER.resolve(page.getKey())))
          .as("%s; rewrite it with -Drewrite=true", page.getKey())
          .isEqualTo(page.getValue());
    }
  }

  @Test
  void groffHasNothingToSayAboutThem() throws IOException, InterruptedException {
    try (var all = Files.list(FOLDER)) {
      for (var file : all.sorted().toList()) {
        var groff =
            new ProcessBuilder("groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z", file.toString())
                .redirectErrorStream(true)
                .start();
        var said = new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(groff.waitFor()).isZero();
        assertThat(said).as(file.toString()).isEmpty();
      }
    }
  }
}
