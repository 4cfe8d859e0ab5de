package io.lumeo.cli;

import io.lumeo.rest.Json;
import io.lumeo.rest.Records;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Prints results as tables for people, as JSON or YAML for programs. The fields of the latter are
/// those of the REST resources.
final class Printer {
  private final PrintWriter out;
  private final OutputFormat format;

  Printer(PrintWriter out, OutputFormat format) {
    this.out = out;
    this.format = format;
  }

  /// A column of a table.
  ///
  /// @param right whether it is a number, set flush right
  record Column<T>(String title, boolean right, Function<T, @Nullable Object> value) {
    static <T> Column<T> text(String title, Function<T, @Nullable Object> value) {
      return new Column<>(title, false, value);
    }

    static <T> Column<T> number(String title, Function<T, @Nullable Object> value) {
      return new Column<>(title, true, value);
    }
  }

  /// A list: one line each under a heading.
  <T extends Record> void list(List<T> items, List<Column<T>> columns) {
    if (structured(items)) {
      return;
    }
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
    return value == null || value.equals("") ? "-" : value.toString();
  }

  /// One thing: a line for every field, sizes with their unit.
  void show(Record item) {
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
          items.isEmpty() ? "-" : String.join(", ", items.stream().map(Object::toString).toList());
      default -> value.toString();
    };
  }

  /// A sentence for people, the result for programs.
  void done(String sentence, @Nullable Object result) {
    if (structured(result)) {
      return;
    }
    out.println(sentence);
    out.flush();
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
