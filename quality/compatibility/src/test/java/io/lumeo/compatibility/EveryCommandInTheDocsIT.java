package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Runs every command of the README and of `docs`, page by page, as a reader would: in an empty
/// folder, with `lumeo` on the path, mounts and all.
///
/// Each page has a network, a mount table and process numbers of its own, so that it meets neither
/// another page's server nor the machine's, and leaves nothing behind.
@Order(6)
class EveryCommandInTheDocsIT {
  private static final Path ROOT = Path.of(System.getProperty("lumeo.root")).toAbsolutePath();
  private static final int SECONDS_PER_PAGE = 240;

  /// Those that need a host with an LVM of its own: [EveryCommandAboutHostsIT] runs them.
  private static final Set<String> ABOUT_HOSTS = Set.of("lvm.md", "agent.md");

  /// Before the page: its own /mnt, the loopback network, and a way to wait for a server. After it,
  /// also when it failed: no loop device is left on its files.
  private static final String PRELUDE =
      """
      set -e -o pipefail
      busybox ifconfig lo up
      mount -t tmpfs none /mnt
      ready() {
        until [ -e "$1/server.json" ] && [ -s up.log ]; do
          kill -0 $! || { cat up.log; exit 98; }
          busybox usleep 20000
        done
        cat up.log
      }
      tidy() {
        losetup --list --noheadings --output NAME,BACK-FILE | while read -r device file; do
          case $file in
            "$PWD"/*) umount "$device" || true; losetup --detach "$device" ;;
          esac
        done
      }
      trap tidy EXIT
      """;

  /// What a first use takes is not the page's time.
  @BeforeAll
  static void build() throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(ROOT.resolve("bin/lumeo").toString(), "--version").inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  @TempDir Path scratch = Path.of("");

  @TestFactory
  Stream<DynamicTest> everyPageDoesWhatItSays() throws IOException {
    var documents = documents();
    assertThat(documents).hasSizeGreaterThan(10);
    return documents.stream()
        .map(document ->
            DynamicTest.dynamicTest(
                ROOT.relativize(document.file()).toString(), () -> run(document)));
  }

  private void run(Document document) throws IOException, InterruptedException {
    var folder = Files.createTempDirectory(scratch, "page");
    var errors = folder.resolveSibling(folder.getFileName() + ".err").toFile();
    var output = runScript(folder, PRELUDE + document.script(), errors);
    var process = output.process();
    if (process.exitValue() != 0) {
      fail(
          "%s:%d ended with %d%n%s%n%s",
          ROOT.relativize(document.file()),
          document.lineOfLastStep(output.text()),
          process.exitValue(),
          output.text(),
          Files.readString(errors.toPath()));
    }
    compare(document, output.text());
  }

  private static void compare(Document document, String text) {
    var outputs = document.outputs(text);
    assertThat(outputs).hasSameSizeAs(document.steps());
    for (int i = 0; i < outputs.size(); i++) {
      var step = document.steps().get(i);
      assertThat(step.prints(outputs.get(i)))
          .as(
              "%s:%d prints%n%s%nand not%n%s",
              ROOT.relativize(document.file()),
              step.line(),
              outputs.get(i),
              String.join("\n", step.expected()))
          .isTrue();
    }
  }

  private record Output(Process process, String text) {}

  private Output runScript(Path folder, String text, File errors)
      throws IOException, InterruptedException {
    var script = folder.resolveSibling(folder.getFileName() + ".sh");
    Files.writeString(script, text);
    var builder =
        new ProcessBuilder(
                "timeout",
                "--kill-after=10",
                Integer.toString(SECONDS_PER_PAGE),
                "unshare",
                "--net",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "bash",
                script.toString())
            .directory(folder.toFile())
            .redirectError(errors);
    builder
        .environment()
        .put("PATH", launcher() + ":" + System.getenv("PATH") + ":/usr/sbin:/sbin");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    var process = builder.start();
    process.getOutputStream().close();
    var output = folder.resolveSibling(folder.getFileName() + ".out");
    try (var stream = process.getInputStream()) {
      Files.copy(stream, output);
    }
    process.waitFor();
    return new Output(process, Files.readString(output, StandardCharsets.UTF_8));
  }

  /// A folder with a `lumeo` that keeps what a server prints apart from what the page prints.
  private Path launcher() throws IOException {
    var bin = scratch.resolve("bin");
    if (!Files.exists(bin)) {
      Files.createDirectory(bin);
      var lumeo = bin.resolve("lumeo");
      Files.writeString(
          lumeo,
          """
          #!/usr/bin/env bash
          if [ "$1" = up ]; then
            exec %1$s "$@" >up.log
          fi
          exec %1$s "$@"
          """
              .formatted(ROOT.resolve("bin/lumeo")));
      Files.setPosixFilePermissions(lumeo, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return bin;
  }

  private static List<Document> documents() throws IOException {
    try (var files = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(Stream.of(ROOT.resolve("README.md")), files.sorted())
          .filter(file -> file.toString().endsWith(".md"))
          .map(EveryCommandInTheDocsIT::read)
          .filter(document -> !document.steps().isEmpty())
          .filter(document -> !ABOUT_HOSTS.contains(String.valueOf(document.file().getFileName())))
          .toList();
    }
  }

  private static Document read(Path file) {
    try {
      return Document.read(file);
    } catch (IOException e) {
      throw new AssertionError("cannot read " + file, e);
    }
  }
}
