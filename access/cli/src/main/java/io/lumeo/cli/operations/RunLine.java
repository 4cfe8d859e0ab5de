package io.lumeo.cli.operations;

import io.lumeo.agent.Upshot;
import io.lumeo.agent.runs.RunReport;
import io.lumeo.cli.ExitCode;
import io.lumeo.cli.Printer.Column;
import io.lumeo.storage.Plan;
import java.util.List;

/// What came of one thing that was to be done on a host.
///
/// @param result `done`, `would`, `refused` or `failed`
/// @param commands what would be run, each as an argument vector; empty for what was done
public record RunLine(
    String host, String object, String result, String what, List<List<String>> commands) {

  static final List<Column<RunLine>> COLUMNS =
      List.of(
          Column.text("HOST", RunLine::host),
          Column.text("OBJECT", RunLine::object),
          Column.text("RESULT", RunLine::result),
          Column.text("WHAT", RunLine::what));

  static List<RunLine> of(String host, RunReport report) {
    return report.lines().stream().map(line -> of(host, line.object(), line.upshot())).toList();
  }

  static RunLine of(String host, String object, Upshot upshot) {
    return new RunLine(host, object, result(upshot), upshot.words(), commands(upshot));
  }

  private static String result(Upshot upshot) {
    return switch (upshot) {
      case Upshot.Done _ -> "done";
      case Upshot.Would _ -> "would";
      case Upshot.Refused _ -> "refused";
      case Upshot.Failed _ -> "failed";
    };
  }

  private static List<List<String>> commands(Upshot upshot) {
    return upshot instanceof Upshot.Would(var plan)
        ? plan.steps().stream().map(Plan.Step::arguments).toList()
        : List.of();
  }

  /// What the process says of all of it.
  static int exitCode(List<RunLine> lines) {
    boolean good = lines.stream().anyMatch(RunLine::isGood);
    boolean bad = lines.stream().anyMatch(line -> !line.isGood());
    if (!bad) {
      return ExitCode.OK.code();
    }
    if (good) {
      return ExitCode.HALF_DONE.code();
    }
    return lines.stream().allMatch(line -> line.result().equals("refused"))
        ? ExitCode.REFUSED.code()
        : ExitCode.FAILED.code();
  }

  private boolean isGood() {
    return result.equals("done") || result.equals("would");
  }
}
