package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `bin/lumeo` in a fresh checkout: it has Maven build what it runs, once, and again when a source
/// of what it runs has changed; and what it built starts from an AOT cache.
///
/// The checkout is a copy. But for one test its Maven is a script that counts its calls and brings
/// what the real one built before.
class FirstUseOfACheckoutIT {
  private static final Path ROOT = Path.of(System.getProperty("lumeo.root")).toAbsolutePath();
  private static final Path BUILT = ROOT.resolve("server/target/lumeo");
  private static final List<String> FOLDERS =
      List.of("engine", "manage", "access", "server", "quality");

  private static final Pattern ARTIFACT =
      Pattern.compile("</parent>\\s*<artifactId>([a-z-]+)</artifactId>");

  /// A dependency on one of our modules that is more than a test's.
  private static final Pattern USED =
      Pattern.compile(
          "<groupId>io\\.lumeo</groupId>\\s*<artifactId>([a-z-]+)</artifactId>\\s*</dependency>");

  @TempDir Path scratch;

  private Path checkout = Path.of("");
  private Path calls = Path.of("");

  @BeforeEach
  void copyTheSources() throws IOException {
    checkout = scratch.resolve("checkout");
    calls = Files.createFile(scratch.resolve("calls"));
    var sources = new ArrayList<>(List.of(ROOT.resolve("pom.xml"), ROOT.resolve("bin/lumeo")));
    for (var module : modules().values()) {
      sources.add(module.resolve("pom.xml"));
      try (var files = Files.walk(module.resolve("src"))) {
        files.filter(Files::isRegularFile).forEach(sources::add);
      }
    }
    for (var source : sources) {
      var copy = checkout.resolve(ROOT.relativize(source));
      Files.createDirectories(copy.getParent());
      Files.copy(source, copy);
    }
    var maven = Files.createDirectory(scratch.resolve("bin")).resolve("mvn");
    Files.writeString(
        maven,
        """
        #!/usr/bin/env bash
        set -e
        echo "$@" >>%1$s
        [ -d server/target/lumeo/lib ] || cp -r %2$s/lib %2$s/logging.properties server/target/lumeo
        """
            .formatted(calls, BUILT));
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void theRealMavenBuildsWhatItRuns() {
    var lumeo =
        Tool.of(List.of(checkout.resolve("bin/lumeo").toString()))
            .with("JAVA_HOME", System.getProperty("java.home"))
            .within(Duration.ofMinutes(10));

    assertThat(lumeo.run("--version").expectSuccess().stdout()).startsWith("lumeo ");
    assertThat(checkout.resolve("server/target/test-classes")).doesNotExist();
  }

  @Test
  void itIsBuiltAgainWhenASourceOfWhatItRunsHasChanged() throws IOException {
    assertThat(lumeo().run("--version").expectSuccess().stdout()).startsWith("lumeo ");
    assertThat(calls).hasContent("-q -B -T 1C -Dproduct -pl server -am package");
    lumeo().run("--version").expectSuccess();
    assertThat(builds()).isEqualTo(1);

    var used = modulesOfTheServer();
    assertThat(used).contains("server", "cli", "nbd", "thin", "persistent-data", "block");
    int builds = 1;
    for (var module : used) {
      touch(checkout.resolve(ROOT.relativize(modules().get(module))), "src/main");
      lumeo().run("--version").expectSuccess();
      builds++;
      assertThat(builds()).as("builds after a change in " + module).isEqualTo(builds);
    }
  }

  /// Whatever the server comes to use one day.
  @Test
  void everyFolderOfModulesButTheTestsIsLookedAt() throws IOException {
    lumeo().run("--version").expectSuccess();
    int builds = 1;
    for (var folder : FOLDERS.subList(0, FOLDERS.size() - 1)) {
      touch(checkout.resolve(folder), "src/main");
      lumeo().run("--version").expectSuccess();
      builds++;
      assertThat(builds()).as("builds after a change in " + folder).isEqualTo(builds);
    }
    touch(checkout.resolve("quality"), "src/main");
    touch(checkout.resolve("server"), "src/test");
    lumeo().run("--version").expectSuccess();
    assertThat(builds()).as("builds after a change of tests").isEqualTo(builds);
  }

  @Test
  void whatWasBuiltStartsFromItsAotCache() throws IOException {
    lumeo().run("--version").expectSuccess();

    var cache = only(".aot");
    assertThat(Files.size(cache)).isGreaterThan(1 << 20);
    var strict = lumeo().with("JDK_JAVA_OPTIONS", "-XX:AOTMode=on");
    strict.run("--version").expectSuccess();
    strict.run("up", "--help").expectSuccess();

    // So the two above ran with it.
    try (var channel = FileChannel.open(cache, StandardOpenOption.WRITE)) {
      channel.truncate(1 << 20);
    }
    assertThat(strict.run("--version").exit()).isNotZero();
  }

  @Test
  void aCacheThatCannotBeMadeIsSaidOnceAndMissedByNobody() throws IOException {
    var built = Files.createDirectories(checkout.resolve("server/target/lumeo"));
    Tool.named("cp")
        .run("-r", BUILT.resolve("lib"), BUILT.resolve("logging.properties"), built)
        .expectSuccess();
    var jar = only(".jar", "server-");
    try (var content = FileSystems.newFileSystem(jar)) {
      Files.delete(content.getPath("io/lumeo/server/Training.class"));
    }

    var first = lumeo().run("--version").expectSuccess();

    var log = only(".aot.log");
    assertThat(first.stderr())
        .endsWith(
            "lumeo: no AOT cache could be made, so every start is slower; %s says why%n"
                .formatted(log));
    assertThat(log).content().contains("Training");
    var second = lumeo().run("--version").expectSuccess();
    assertThat(second.stdout()).isEqualTo(first.stdout());
    assertThat(second.stderr()).isEmpty();
  }

  private Tool lumeo() {
    return Tool.of(List.of(checkout.resolve("bin/lumeo").toString()))
        .with("PATH", scratch.resolve("bin") + ":" + System.getenv("PATH"))
        .with("JAVA_HOME", System.getProperty("java.home"));
  }

  private long builds() throws IOException {
    return Files.readAllLines(calls).size();
  }

  private Path only(String end) throws IOException {
    return only(end, "");
  }

  /// The one file of what was built whose name begins and ends so.
  private Path only(String end, String begin) throws IOException {
    try (var files = Files.walk(checkout.resolve("server/target/lumeo"))) {
      var found =
          files
              .filter(file -> file.getFileName().toString().startsWith(begin))
              .filter(file -> file.getFileName().toString().endsWith(end))
              .toList();
      assertThat(found).as("files named %s…%s", begin, end).hasSize(1);
      return found.getFirst();
    }
  }

  /// Changes a source somewhere under `folder`.
  private static void touch(Path folder, String kind) throws IOException {
    try (var files = Files.walk(folder)) {
      var source =
          files
              .filter(file -> file.toString().contains("/" + kind + "/"))
              .filter(file -> file.toString().endsWith(".java"))
              .findFirst()
              .orElseThrow();
      Files.setLastModifiedTime(source, FileTime.from(Instant.now()));
    }
  }

  /// Our modules' folders by their names.
  private static Map<String, Path> modules() throws IOException {
    var modules = new TreeMap<String, Path>();
    for (var folder : FOLDERS) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
        for (var file : files.filter(file -> file.endsWith("pom.xml")).toList()) {
          var artifact = ARTIFACT.matcher(Files.readString(file));
          assertThat(artifact.find()).as("the name of " + file).isTrue();
          modules.put(artifact.group(1), file.getParent());
        }
      }
    }
    return modules;
  }

  /// The names of the modules that the server is made of, by the POMs.
  private static List<String> modulesOfTheServer() throws IOException {
    var modules = modules();
    var found = new TreeSet<String>();
    var open = new ArrayDeque<>(List.of("server"));
    while (!open.isEmpty()) {
      var module = open.pop();
      if (found.add(module)) {
        var used = USED.matcher(Files.readString(modules.get(module).resolve("pom.xml")));
        while (used.find()) {
          open.push(used.group(1));
        }
      }
    }
    return List.copyOf(found);
  }
}
