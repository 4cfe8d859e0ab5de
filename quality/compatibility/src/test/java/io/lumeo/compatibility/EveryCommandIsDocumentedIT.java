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
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The manual, the messages and the command know the same commands, options and exit codes. What
/// the command has is taken from its own help.
class EveryCommandIsDocumentedIT {
  private static final Path ROOT = Path.of(System.getProperty("lumeo.root")).toAbsolutePath();

  private static final Map<List<String>, String> HELP = new ConcurrentHashMap<>();

  /// A command in a list of commands: indented by two spaces, followed by what it does.
  private static final Pattern LISTED = Pattern.compile("(?m)^  ([a-z-]+)(?:, [a-z-]+)*  +\\S");

  /// Code in a page: a block or a span.
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`]+`");

  private static final Pattern CALL = Pattern.compile("lumeo((?: [a-z][a-z-]*)+)((?: --[a-z-]+)*)");

  /// What a message tells to do.
  private static final Pattern ADVICE = Pattern.compile("'lumeo [^']*'");

  @Test
  void theManualKnowsEveryCommand() throws IOException {
    var text = String.join("\n", pages());
    commands()
        .forEach((command, subcommands) -> {
          if (subcommands.isEmpty()) {
            assertThat(text).contains("lumeo " + command);
          }
        });
  }

  @Test
  void everyCommandInTheManualExists() throws IOException {
    var commands = commands();
    for (var page : pages()) {
      checkCalls(commands, CODE.matcher(page));
    }
  }

  @Test
  void everyCommandInAMessageExists() throws IOException {
    var commands = commands();
    for (var parent : List.of("engine", "manage", "access", "server")) {
      for (var source : texts(ROOT.resolve(parent), "main.*\\.java")) {
        checkCalls(commands, ADVICE.matcher(source));
      }
    }
  }

  private static void checkCalls(Map<String, Set<String>> commands, Matcher code) {
    while (code.find()) {
      var calls = CALL.matcher(code.group());
      while (calls.find()) {
        checkCall(commands, calls);
      }
    }
  }

  /// Follows the words as far as there are commands of that name.
  private static void checkCall(Map<String, Set<String>> commands, Matcher call) {
    var path = new ArrayList<String>();
    for (var word : call.group(1).strip().split(" ", -1)) {
      var subcommands = commands.getOrDefault(String.join(" ", path), Set.of());
      if (subcommands.isEmpty()) {
        break; // What follows are its arguments.
      }
      assertThat(subcommands).as(call.group()).contains(word);
      path.add(word);
    }
    if (!call.group(2).isEmpty()) {
      path.add("--help");
      var help = help(path.toArray(String[]::new));
      assertThat(help).as(call.group()).contains(call.group(2).strip().split(" ", -1));
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

  /// The path of each command → its subcommands, by the help of each; of the path `""` those of the
  /// first level.
  private static Map<String, Set<String>> commands() {
    var commands = new TreeMap<String, Set<String>>();
    collect(List.of(), commands);
    assertThat(commands).containsKeys("up", "pool create", "completion", "lvm snapshot create");
    return commands;
  }

  private static void collect(List<String> path, Map<String, Set<String>> commands) {
    var arguments = new ArrayList<>(path);
    arguments.add("--help");
    var subcommands = listed(arguments.toArray(String[]::new));
    commands.put(String.join(" ", path), subcommands);
    for (var subcommand : subcommands) {
      var longer = new ArrayList<>(path);
      longer.add(subcommand);
      collect(longer, commands);
    }
  }

  private static Set<String> listed(String... arguments) {
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

  /// The help of a command, asked for once.
  private static String help(String... arguments) {
    return HELP.computeIfAbsent(List.of(arguments), EveryCommandIsDocumentedIT::ask);
  }

  private static String ask(List<String> arguments) {
    var command = new ArrayList<>(List.of(ROOT.resolve("bin/lumeo").toString()));
    command.addAll(arguments);
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(text).isZero();
      return text;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("cannot run " + command, e);
    }
  }

  private static List<String> pages() throws IOException {
    var pages = new ArrayList<>(texts(ROOT.resolve("docs"), "\\.md"));
    pages.add(Files.readString(ROOT.resolve("README.md")));
    return pages;
  }

  /// The texts of the files below `folder` whose path ends in `suffix`.
  private static List<String> texts(Path folder, String suffix) throws IOException {
    var texts = new ArrayList<String>();
    try (var files = Files.walk(folder)) {
      for (var file :
          files.filter(path -> path.toString().matches(".*" + suffix)).sorted().toList()) {
        texts.add(Files.readString(file));
      }
    }
    assertThat(texts).as("files below " + folder).isNotEmpty();
    return texts;
  }
}
