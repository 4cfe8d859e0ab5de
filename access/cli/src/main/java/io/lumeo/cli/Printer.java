package io.lumeo.cli;

import io.lumeo.rest.Json;
import io.lumeo.rest.Records;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Prints results as tables for people, as JSON or YAML for programs. The fields of the latter are
/// those of the REST resources.
public final class Printer {
  /// Control characters, those of eight bits too, and those that turn the direction of writing.
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\n]]");

  private final PrintWriter out;
  private final OutputFormat format;

  /// A printer of this format.
  public Printer(PrintWriter out, OutputFormat format) {
    this.out = out;
    this.format = format;
  }

  /// A column of a table.
  ///
  /// @param right whether it is a number, set flush right
  public record Column<T>(String title, boolean right, Function<T, @Nullable Object> value) {
    /// Words.
    public static <T> Column<T> text(String title, Function<T, @Nullable Object> value) {
      return new Column<>(title, false, value);
    }

    /// A number.
    public static <T> Column<T> number(String title, Function<T, @Nullable Object> value) {
      return new Column<>(title, true, value);
    }
  }

  /// A list: one line each under a heading.
  public <T extends Record> void list(List<T> items, List<Column<T>> columns) {
    if (!structured(items)) {
      table(items, columns);
    }
  }

  /// A table for people, whatever the format.
  public <T> void table(List<T> items, List<Column<T>> columns) {
    var rows = new ArrayList<List<String>>();
    rows.add(columns.stream().map(Column::title).toList());
    for (var item : items) {
      rows.add(columns.stream().map(column -> cell(column.value().apply(item))).toList());
    }
    for (var row : rows) {
      out.println(line(row, columns, widths(rows)));
    }
    out.flush();
  }

  private static <T> String line(List<String> row, List<Column<T>> columns, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      var padding = " ".repeat(widths[i] - row.get(i).length());
      line.append(columns.get(i).right() ? padding + row.get(i) : row.get(i) + padding);
      line.append("  ");
    }
    return line.toString().stripTrailing();
  }

  private static int[] widths(List<List<String>> rows) {
    var widths = new int[rows.getFirst().size()];
    for (var row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return widths;
  }

  private static String cell(@Nullable Object value) {
    return value == null || value.equals("") ? "-" : plain(value.toString());
  }

  /// One thing: a line for every field, sizes with their unit.
  public void show(Record item) {
    if (structured(item)) {
      return;
    }
    var fields = (Map<?, ?>) java.util.Objects.requireNonNull(Records.toTree(item));
    var width =
        fields.keySet().stream().mapToInt(name -> words(name.toString()).length()).max().orElse(0);
    fields.forEach((name, value) ->
        out.println(
            ("%-" + (width + 2) + "s%s")
                .formatted(words(name.toString()) + ":", field(name.toString(), value))));
    out.flush();
  }

  /// `dataUsedBytes` reads "data used".
  private static String words(String name) {
    return name.replaceAll("(Bytes|Seconds)$", "")
        .replaceAll("([A-Z])", " $1")
        .toLowerCase(Locale.ROOT);
  }

  private static String field(String name, @Nullable Object value) {
    return switch (value) {
      case null -> "-";
      case Long bytes when name.endsWith("Bytes") ->
          bytes < 1024 ? Size.human(bytes) : "%s (%d)".formatted(Size.human(bytes), bytes);
      case Long seconds when name.endsWith("Seconds") -> seconds + " s";
      case Double ratio -> String.format(Locale.ROOT, "%.2f", ratio);
      case Boolean truth -> truth ? "yes" : "no";
      case List<?> items ->
          items.isEmpty()
              ? "-"
              : plain(String.join(", ", items.stream().map(Object::toString).toList()));
      default -> plain(value.toString());
    };
  }

  /// A sentence for people, the result for programs.
  public void done(String sentence, @Nullable Object result) {
    if (structured(result)) {
      return;
    }
    out.println(plain(sentence));
    out.flush();
  }

  /// One document for programs; for people whatever `forPeople` prints.
  public void document(Object document, Runnable forPeople) {
    if (!structured(document)) {
      forPeople.run();
      out.flush();
    }
  }

  /// A line for people.
  public void line(String text) {
    out.println(plain(text));
  }

  /// Without characters that a terminal would obey: names and messages come from hosts.
  static String plain(String text) {
    return CONTROL.matcher(text).replaceAll("?");
  }

  /// The same on one line.
  public static String oneLine(String text) {
    return plain(text).replace('\n', '?');
  }

  private boolean structured(@Nullable Object value) {
    var text =
        switch (format) {
          case TABLE -> null;
          case JSON -> Json.pretty(value);
          case YAML -> Yaml.write(Records.toTree(value));
        };
    if (text == null) {
      return false;
    }
    out.println(text);
    out.flush();
    return true;
  }
}
