package io.lumeo.compatibility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A page of documentation as a script: what stands in its `sh` blocks, in order, and in the
/// `console` block after one, what it prints. In the latter `…` stands for anything, and a line of
/// only `…` for any lines.
record Document(Path file, List<Step> steps) {

  /// One `sh` block.
  ///
  /// @param line where it begins in the page
  /// @param expected what it prints, empty for anything
  record Step(int line, String commands, List<String> expected) {

    boolean prints(String output) {
      return expected.isEmpty() || pattern().matcher(output).matches();
    }

    private Pattern pattern() {
      return Pattern.compile(
          expected.stream().map(Step::linePattern).collect(Collectors.joining()) + "\\s*");
    }

    private static String linePattern(String line) {
      if (line.equals("…")) {
        return "(?:.*\n)*?";
      }
      var parts = new ArrayList<String>();
      for (var part : line.split("…", -1)) {
        parts.add(Pattern.quote(part));
      }
      return String.join(".*", parts) + "\n";
    }

    private Step expecting(List<String> lines) {
      return new Step(line, commands, List.copyOf(lines));
    }
  }

  /// Reads a page.
  static Document read(Path file) throws IOException {
    var steps = new ArrayList<Step>();
    var block = new ArrayList<String>();
    var language = "";
    var begin = 0;
    var number = 0;
    for (var line : Files.readAllLines(file)) {
      number++;
      if (!line.startsWith("```")) {
        block.add(line);
        continue;
      }
      if (language.isEmpty()) {
        language = line.substring(3).isEmpty() ? "text" : line.substring(3);
        begin = number + 1;
      } else {
        switch (language) {
          case "sh" -> steps.add(new Step(begin, String.join("\n", block), List.of()));
          case "console" -> steps.add(steps.removeLast().expecting(block));
          default -> {}
        }
        language = "";
      }
      block.clear();
    }
    return new Document(file, List.copyOf(steps));
  }

  /// The page as one script for bash, each step announced by a line `@@ ` and its number.
  String script() {
    var script = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      script.append("printf '\\n@@ %d\\n'%n".formatted(i));
      steps.get(i).commands().lines().map(Document::forScript).forEach(script::append);
    }
    return script.toString();
  }

  /// What a reader does without being told: waits until the server says that it is ready, and
  /// notices when what is shown to fail does not.
  private static String forScript(String line) {
    if (line.startsWith("lumeo up ") && line.endsWith(" &")) {
      return line + "\nready " + line.split(" ", -1)[2] + "\n";
    }
    if (line.startsWith("! ")) {
      return "if " + line.substring(2) + "; then exit 99; fi\n";
    }
    return line + "\n";
  }

  /// Where the last announced step of an output begins in the page, for messages.
  int lineOfLastStep(String output) {
    var mark = output.lastIndexOf("\n@@ ");
    if (mark < 0) {
      return 1;
    }
    var number = output.substring(mark + 4).lines().findFirst().orElse("0");
    return steps.get(Integer.parseInt(number)).line();
  }

  /// What each step printed.
  List<String> outputs(String output) {
    var outputs = new ArrayList<String>();
    for (var part : output.split("(?m)^@@ \\d+$", -1)) {
      outputs.add(part.strip() + "\n");
    }
    return outputs.subList(1, outputs.size());
  }
}
