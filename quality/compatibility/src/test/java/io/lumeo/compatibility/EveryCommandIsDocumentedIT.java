package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.cli.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The manual and the command know the same commands and exit codes. What the command has is taken
/// from its own help.
class EveryCommandIsDocumentedIT {
  private static final Path ROOT = Path.of(System.getProperty("lumeo.root")).toAbsolutePath();

  /// A command in a list of commands: indented by two spaces, followed by what it does.
  private static final Pattern LISTED = Pattern.compile("(?m)^  ([a-z]+)(?:, [a-z]+)*  +\\S");

  /// Code in a page: a block or a span.
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`]+`");

  private static final Pattern CALL = Pattern.compile("lumeo ([a-z]+)(?: ([a-z]+))?");

  @Test
  void theManualKnowsEveryCommand() throws IOException, InterruptedException {
    var text = String.join("\n", pages());
    for (var command : commands().entrySet()) {
      for (var call : calls(command.getKey(), command.getValue())) {
        assertThat(text).contains(call);
      }
    }
  }

  @Test
  void everyCommandInTheManualExists() throws IOException, InterruptedException {
    var commands = commands();
    for (var page : pages()) {
      var code = CODE.matcher(page);
      while (code.find()) {
        var calls = CALL.matcher(code.group());
        while (calls.find()) {
          assertThat(commands).as(calls.group()).containsKey(calls.group(1));
          var subcommands = commands.getOrDefault(calls.group(1), Set.of());
          if (!subcommands.isEmpty() && calls.group(2) != null) {
            assertThat(subcommands).as(calls.group()).contains(calls.group(2));
          }
        }
      }
    }
  }

  @Test
  void theTableOfExitCodesIsThatOfTheCommand() throws IOException {
    var rows =
        Files.readString(ROOT.resolve("docs/manual/exit-codes.md"))
            .lines()
            .filter(line -> line.matches("\\| \\d.*"))
            .toList();
    assertThat(rows)
        .isEqualTo(
            Arrays.stream(ExitCode.values())
                .map(code -> "| %d | %s |".formatted(code.code(), code.meaning()))
                .toList());
  }

  private static List<String> calls(String command, Set<String> subcommands) {
    if (subcommands.isEmpty()) {
      return List.of("lumeo " + command);
    }
    return subcommands.stream().map(sub -> "lumeo " + command + " " + sub).toList();
  }

  /// Command → its subcommands, by the help of each.
  private static Map<String, Set<String>> commands() throws IOException, InterruptedException {
    var commands = new TreeMap<String, Set<String>>();
    for (var command : listed("--help")) {
      commands.put(command, listed(command, "--help"));
    }
    assertThat(commands).containsKeys("up", "pool", "volume", "snapshot", "clone", "completion");
    return commands;
  }

  private static Set<String> listed(String... arguments) throws IOException, InterruptedException {
    var help = help(arguments);
    var begin = help.indexOf("\nCommands:\n");
    var names = new TreeSet<String>();
    if (begin >= 0) {
      var matcher = LISTED.matcher(help.substring(begin));
      while (matcher.find()) {
        names.add(matcher.group(1));
      }
    }
    names.remove("help");
    return names;
  }

  private static String help(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(ROOT.resolve("bin/lumeo").toString()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text;
  }

  private static List<String> pages() throws IOException {
    var pages = new ArrayList<String>();
    try (var files = Files.walk(ROOT.resolve("docs"))) {
      for (var file :
          Stream.concat(Stream.of(ROOT.resolve("README.md")), files)
              .filter(file -> file.toString().endsWith(".md"))
              .toList()) {
        pages.add(Files.readString(file));
      }
    }
    return pages;
  }
}
