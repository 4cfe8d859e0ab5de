package io.lumeo.reports;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes Markdown as GitHub reads it. Texts are escaped as they come in, so that they stay texts:
/// no heading, no table border, no link, no tag.
final class Markdown {
  private static final Pattern SPECIAL = Pattern.compile("[\\\\`*_\\[\\]<>|~&#@!]");
  private static final Pattern LINK = Pattern.compile("(?i)(://|www\\.)");
  private static final Pattern MARK = Pattern.compile("^(\\s*)([-+=]|\\d+[.)])");
  private static final Pattern UNSEEN =
      Pattern.compile("[\\p{Cc}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]");

  private final StringBuilder text = new StringBuilder();

  Markdown heading(int level, String words) {
    return paragraph("#".repeat(level) + " " + escape(words));
  }

  Markdown sentence(String words) {
    return paragraph(escape(words));
  }

  /// What is Markdown already.
  private Markdown paragraph(String markdown) {
    text.append(markdown).append("\n\n");
    return this;
  }

  Markdown table(List<String> titles, List<List<String>> rows) {
    var lines = new ArrayList<String>();
    lines.add(row(titles));
    lines.add(titles.stream().map(title -> "---").collect(Collectors.joining(" | ", "| ", " |")));
    rows.forEach(cells -> lines.add(row(cells)));
    return paragraph(String.join("\n", lines));
  }

  private static String row(List<String> cells) {
    return cells.stream().map(Markdown::escape).collect(Collectors.joining(" | ", "| ", " |"));
  }

  Markdown commands(List<String> commands) {
    return commands.isEmpty()
        ? this
        : paragraph(
            commands.stream()
                .map(command -> "- " + code(command))
                .collect(Collectors.joining("\n")));
  }

  static String escape(String words) {
    var plain = UNSEEN.matcher(words).replaceAll(" ");
    var special = SPECIAL.matcher(plain).replaceAll("\\\\$0");
    var unlinked =
        LINK.matcher(special)
            .replaceAll(link ->
                link.group().equals("://") ? "\\\\://" : link.group().replace(".", "\\\\."));
    return MARK.matcher(unlinked)
        .replaceAll(mark -> {
          var sign = mark.group(2);
          return mark.group(1)
              + sign.substring(0, sign.length() - 1)
              + "\\\\"
              + sign.substring(sign.length() - 1);
        });
  }

  /// In as many backticks as it takes.
  static String code(String words) {
    var plain = UNSEEN.matcher(words).replaceAll(" ");
    var fence = "`";
    while (plain.contains(fence)) {
      fence += "`";
    }
    var space = plain.startsWith("`") || plain.endsWith("`") ? " " : "";
    return fence + space + plain + space + fence;
  }

  @Override
  public String toString() {
    return text.toString().stripTrailing() + "\n";
  }
}
