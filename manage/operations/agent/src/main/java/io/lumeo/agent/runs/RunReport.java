package io.lumeo.agent.runs;

import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Upshot;
import java.util.ArrayList;
import java.util.List;

/// What came of a run, line by line.
public record RunReport(List<Line> lines) {

  /// One thing that was to be done.
  ///
  /// @param object what it is about, as people name it
  public record Line(String object, Upshot upshot) {}

  public RunReport {
    lines = List.copyOf(lines);
  }

  /// Gathers lines.
  static final class Builder {
    private final List<Line> lines = new ArrayList<>();

    Upshot add(String object, Upshot upshot) {
      lines.add(new Line(object, upshot));
      return upshot;
    }

    RunReport build() {
      return new RunReport(lines);
    }
  }

  /// How the run ended.
  public RunRecord.Result result() {
    var good = lines.stream().filter(line -> line.upshot().isGood()).count();
    if (good == lines.size()) {
      return RunRecord.Result.DONE;
    }
    if (good > 0) {
      return RunRecord.Result.PARTIAL;
    }
    return lines.stream().allMatch(line -> line.upshot() instanceof Upshot.Refused)
        ? RunRecord.Result.REFUSED
        : RunRecord.Result.FAILED;
  }

  /// Whether anything may be different than before: something was done, or tried.
  public boolean mayHaveChanged() {
    return lines.stream().anyMatch(line -> !(line.upshot() instanceof Upshot.Refused));
  }

  /// In one sentence: what did not go well, or how much was done.
  public String detail() {
    var bad =
        lines.stream()
            .filter(line -> !line.upshot().isGood())
            .map(line -> line.object() + ": " + line.upshot().words())
            .toList();
    if (!bad.isEmpty()) {
      return String.join("; ", bad);
    }
    return switch (lines.size()) {
      case 0 -> "there was nothing to do";
      case 1 -> lines.getFirst().object() + ": " + lines.getFirst().upshot().words();
      default -> "%d done".formatted(lines.size());
    };
  }

  /// Whether something may have changed although it failed.
  public boolean isUncertain() {
    return lines.stream()
        .anyMatch(line -> line.upshot() instanceof Upshot.Failed failed && failed.uncertain());
  }
}
