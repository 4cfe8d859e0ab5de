package io.lumeo.compatibility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// `docs/handbook.md`: its sections by heading, each with what the doctor says of the failure and
/// the commands of its `bash` blocks, with what they print where an `output` block follows.
record Handbook(Map<String, Section> sections) {
  private static final Pattern DOCTOR = Pattern.compile("Doctor: `([a-z-]+)`.*");

  /// One failure.
  ///
  /// @param trouble the doctor's code for it, empty when the doctor does not see it
  record Section(String trouble, List<Document.Step> steps) {
    /// Whether something is mended here.
    boolean isFailure() {
      return !steps.isEmpty();
    }
  }

  static Handbook read(Path file) throws IOException {
    var sections = new LinkedHashMap<String, Section>();
    var heading = "";
    var trouble = "";
    var steps = new ArrayList<Document.Step>();
    var block = new ArrayList<String>();
    var language = "";
    var number = 0;
    for (var line : Files.readAllLines(file)) {
      number++;
      if (line.startsWith("```")) {
        if (language.isEmpty()) {
          language = line.substring(3);
        } else {
          take(language, block, steps, number);
          language = "";
        }
        block.clear();
      } else if (!language.isEmpty()) {
        block.add(line);
      } else if (line.startsWith("## ")) {
        sections.put(heading, new Section(trouble, List.copyOf(steps)));
        heading = line.substring(3);
        trouble = "";
        steps.clear();
      } else if (DOCTOR.matcher(line).matches()) {
        trouble = DOCTOR.matcher(line).replaceFirst("$1");
      }
    }
    sections.put(heading, new Section(trouble, List.copyOf(steps)));
    return new Handbook(sections);
  }

  private static void take(
      String language, List<String> block, List<Document.Step> steps, int line) {
    switch (language) {
      case "bash" ->
          steps.add(new Document.Step(line - block.size(), String.join("\n", block), List.of()));
      case "output" -> {
        var step = steps.removeLast();
        steps.add(
            new Document.Step(
                step.line(), step.commands(), block.stream().map(Handbook::oneSpace).toList()));
      }
      default -> {}
    }
  }

  /// The columns of a table are as wide as they need to be.
  static String oneSpace(String line) {
    return line.strip().replaceAll("\\s+", " ");
  }
}
