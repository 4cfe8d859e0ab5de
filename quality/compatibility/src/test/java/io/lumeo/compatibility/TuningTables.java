package io.lumeo.compatibility;

import io.lumeo.forecasts.TuningResult;
import io.lumeo.testing.Repository;
import io.lumeo.tuning.Study;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The figures of `docs/tuning.md`: each as a multiple of the first of its column, since the rig's
/// own speed says nothing.
final class TuningTables {
  private static final Path PAGE = Path.of("docs", "tuning.md");

  private TuningTables() {}

  /// Puts what was measured between the marks of the page.
  static void write(Study chunks, Study snapshots, Study layouts) throws IOException {
    var file = Repository.path(PAGE);
    var page = Files.readString(file);
    page = between(page, "chunk-size", chunks(chunks));
    page = between(page, "snapshot-cost", snapshots(snapshots));
    page = between(page, "layout", layouts(layouts));
    Files.writeString(file, page);
  }

  private static String between(String page, String mark, String table) {
    var begin = "<!-- " + mark + " -->\n";
    int from = page.indexOf(begin) + begin.length();
    int to = page.indexOf("<!-- end -->", from);
    if (from < begin.length() || to < 0) {
      throw new AssertionError("docs/tuning.md has no place for " + mark);
    }
    return page.substring(0, from) + "\n" + table + "\n" + page.substring(to);
  }

  private static String chunks(Study study) {
    var chunks = study.results().stream().map(r -> r.parameters().get("chunk")).distinct().toList();
    var columns =
        List.of(
            new Column("first random writes", "first-write-random", "write_iops"),
            new Column("first sequential writes", "first-write-sequential", "write_iops"),
            new Column("random reads", "read-random", "read_iops"),
            new Column("random overwrites", "overwrite-random", "write_iops"),
            new Column("random writes after a snapshot", "write-after-snapshot", "write_iops"));
    return head("chunks", columns, "taken of the pool per byte of scattered 4 KiB writes")
        + chunks.stream()
            .sorted((a, b) -> Long.compare(kib(a), kib(b)))
            .map(chunk ->
                row(chunk, columns, study, is("chunk", chunk), is("chunk", "64k"))
                    + " %s |\n"
                        .formatted(
                            number(
                                figure(
                                    study,
                                    is("chunk", chunk).and(is("workload", "first-write-random")),
                                    "space_ratio"))))
            .collect(Collectors.joining());
  }

  private static long kib(String chunk) {
    long number = Long.parseLong(chunk.substring(0, chunk.length() - 1));
    return chunk.endsWith("m") ? number * 1024 : number;
  }

  private static String snapshots(Study study) {
    var columns =
        List.of(
            new Column("random writes to new places", "write-after-snapshot", "write_iops"),
            new Column("the same places again", "write-again", "write_iops"));
    var table = new StringBuilder(head("snapshots", columns));
    for (var kind : List.of("classic", "thin")) {
      for (var count : List.of("0", "1", "2")) {
        table
            .append(
                row(
                    kind + ", " + count,
                    columns,
                    study,
                    is("snapshot", kind).and(is("snapshots", count)),
                    is("snapshot", kind).and(is("snapshots", "0"))))
            .append("\n");
      }
    }
    return table.toString();
  }

  private static String layouts(Study study) {
    var columns =
        List.of(
            new Column("sequential writes", "write-sequential", "write_iops"),
            new Column("sequential reads", "read-sequential", "read_iops"),
            new Column("random writes", "overwrite-random", "write_iops"),
            new Column("random reads", "read-random", "read_iops"));
    var table = new StringBuilder(head("layout", columns));
    for (var layout : List.of("linear", "striped", "mirrored", "thin", "thin-fast-metadata")) {
      table
          .append(row(layout, columns, study, is("layout", layout), is("layout", "linear")))
          .append("\n");
    }
    return table.toString();
  }

  private record Column(String title, String workload, String figure) {}

  private static Predicate<TuningResult> is(String parameter, String value) {
    return result -> value.equals(result.parameters().get(parameter));
  }

  private static String head(String first, List<Column> columns, String... more) {
    var titles = columns.stream().map(Column::title).collect(Collectors.joining(" | "));
    var all = first + " | " + titles + (more.length == 0 ? "" : " | " + String.join(" | ", more));
    return "| %s |\n|%s\n".formatted(all, " --- |".repeat(1 + columns.size() + more.length));
  }

  private static String row(
      String name,
      List<Column> columns,
      Study study,
      Predicate<TuningResult> which,
      Predicate<TuningResult> first) {
    return columns.stream()
        .map(column -> {
          var workload = is("workload", column.workload());
          return String.format(
              Locale.ROOT,
              "%.2f×",
              figure(study, which.and(workload), column.figure())
                  / figure(study, first.and(workload), column.figure()));
        })
        .collect(Collectors.joining(" | ", "| " + name + " | ", " |"));
  }

  private static double figure(Study study, Predicate<TuningResult> which, String figure) {
    return study.results().stream()
        .filter(which)
        .mapToDouble(result -> result.figures().getOrDefault(figure, 0.0))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing measured " + figure));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
