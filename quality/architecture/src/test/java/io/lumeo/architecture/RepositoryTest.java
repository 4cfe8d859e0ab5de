package io.lumeo.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What every file of the repository owes its readers.
class RepositoryTest {
  /// A URL of a place that serves packages: where they come from is the machine's business, not the
  /// project's. The one host of this form that is allowed names Maven's XML schemas.
  private static final Pattern REGISTRY =
      Pattern.compile(
          "https?://(?!maven\\.apache\\.org/(POM|SETTINGS|xsd)/)"
              + "((deb|ftp|repo1?|registry|maven|mvn|nexus|artifact\\w*|snapshots?|security|mirror)\\d*"
              + "\\.)+\\w");

  /// A path that exists on its author's machine only.
  private static final Pattern MACHINE_PATH =
      Pattern.compile("(?<![\\w.$}/-])/(home|root|Users|work|workspace)/\\w");

  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b");

  private static final Pattern TEST_NAME = Pattern.compile("`([A-Z]\\w+(?:Test|IT))`");

  private static final Pattern PRODUCTION = Pattern.compile("/src/main/java/.*\\.java$");

  private static final Pattern NULL_MARKED =
      Pattern.compile("(?m)^@NullMarked\\s+(?:@.*\\s+)*(?:(?:open )?module|package) ");

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)\\s]*)?\\)");

  @Test
  void noFileNamesAPackageRegistry() throws IOException {
    assertThat(linesMatching(REGISTRY)).isEmpty();
  }

  @Test
  void noFileHoldsAPathOfOneMachine() throws IOException {
    assertThat(linesMatching(MACHINE_PATH)).isEmpty();
  }

  @Test
  void nothingIsLeftUnfinished() throws IOException {
    assertThat(linesMatching(UNFINISHED)).isEmpty();
  }

  @Test
  void everyLinkInTheDocumentsLeadsSomewhere() throws IOException {
    var broken = new ArrayList<String>();
    for (var file : files()) {
      if (file.toString().endsWith(".md")) {
        broken.addAll(brokenLinks(file));
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyTestNamedInTheDocumentsExists() throws IOException {
    var tests = new TreeSet<String>();
    for (var file : files()) {
      tests.add(file.getFileName().toString().replace(".java", ""));
    }
    for (var file : files()) {
      if (file.toString().endsWith(".md")) {
        var names = TEST_NAME.matcher(text(file));
        while (names.find()) {
          assertThat(tests).as("tests, named in " + file).contains(names.group(1));
        }
      }
    }
  }

  @Test
  void everyScriptCanBeRun() throws IOException {
    assertThat(files())
        .filteredOn(file -> text(file).startsWith("#!"))
        .allMatch(Files::isExecutable);
  }

  /// NullAway looks at what is marked, so what is not would be checked by nobody.
  @Test
  void everyClassOfEveryModuleIsNullMarked() throws IOException {
    var production =
        files().stream().filter(file -> PRODUCTION.matcher(file.toString()).find()).toList();
    assertThat(production).hasSizeGreaterThan(100);
    assertThat(production).allMatch(RepositoryTest::isNullMarked);
  }

  /// By its module, or where there is none by its package.
  private static boolean isNullMarked(Path source) {
    for (var folder = source.getParent(); ; folder = folder.getParent()) {
      var marks = folder.endsWith("java") ? "module-info.java" : "package-info.java";
      var file = folder.resolve(marks);
      if (Files.exists(file) && NULL_MARKED.matcher(text(file)).find()) {
        return true;
      }
      if (folder.endsWith("java")) {
        return false;
      }
    }
  }

  @Test
  void everyDecisionIsNumberedAndDated() throws IOException {
    var folder = Production.ROOT.resolve("docs/decisions");
    var decisions = files().stream().filter(file -> file.startsWith(folder)).toList();
    assertThat(decisions).isNotEmpty();
    for (var decision : decisions) {
      if (decision.endsWith("README.md")) {
        continue;
      }
      assertThat(decision.getFileName().toString()).matches("\\d{4}-[a-z0-9-]+\\.md");
      assertThat(text(decision)).containsPattern("(?m)^\\d{4}-\\d{2}-\\d{2}");
    }
  }

  private static List<String> brokenLinks(Path file) throws IOException {
    var broken = new ArrayList<String>();
    var links = LINK.matcher(text(file));
    while (links.find()) {
      var target = links.group(1);
      if (!target.contains("://") && !Files.exists(file.resolveSibling(target))) {
        broken.add(Production.ROOT.relativize(file) + " → " + target);
      }
    }
    return broken;
  }

  private static List<String> linesMatching(Pattern pattern) throws IOException {
    var found = new ArrayList<String>();
    for (var file : files()) {
      var number = 0;
      for (var line : text(file).lines().toList()) {
        number++;
        if (pattern.matcher(line).find()) {
          found.add("%s:%d: %s".formatted(Production.ROOT.relativize(file), number, line.strip()));
        }
      }
    }
    return found;
  }

  /// The files of the repository, by git: those it tracks and those it would.
  private static List<Path> files() throws IOException {
    var git =
        new ProcessBuilder("git", "ls-files", "--cached", "--others", "--exclude-standard")
            .directory(Production.ROOT.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var names = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var files = names.lines().map(Production.ROOT::resolve).filter(Files::isRegularFile).toList();
    assertThat(files).hasSizeGreaterThan(20);
    return files;
  }

  /// The text of a file, empty for one that is not UTF-8 text.
  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      return "";
    } catch (IOException e) {
      throw new AssertionError("cannot read " + file, e);
    }
  }
}
