package io.lumeo.cli.lvm;

import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Plans and their outcomes as people read them.
final class PlanText {
  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_@%+:,./=-]+");

  private PlanText() {}

  /// All of a plan.
  static List<String> lines(Plan plan) {
    var lines = new ArrayList<String>();
    if (plan.isEmpty()) {
      lines.add("nothing to do" + (plan.notes().isEmpty() ? "" : ":"));
      plan.notes().forEach(note -> lines.add("  " + note));
      return lines;
    }
    lines.add("plan %s for %s".formatted(plan.id(), plan.system()));
    section(lines, "provided that", plan.preconditions());
    lines.add("steps:");
    for (int i = 0; i < plan.steps().size(); i++) {
      step(lines, i + 1, plan.steps().get(i));
    }
    section(lines, "afterwards", plan.expected());
    section(lines, "note", plan.notes());
    return lines;
  }

  private static void section(List<String> lines, String title, List<String> items) {
    if (!items.isEmpty()) {
      lines.add(title + ":");
      items.forEach(item -> lines.add("  " + item));
    }
  }

  private static void step(List<String> lines, int number, Plan.Step step) {
    lines.add("  %d. %s".formatted(number, step.title()));
    if (!step.arguments().isEmpty()) {
      lines.add("     " + command(step.arguments()));
    }
    if (!step.undo().isEmpty()) {
      lines.add("     undone by: " + command(step.undo()));
    }
  }

  /// An argument vector as one would type it.
  static String command(List<String> arguments) {
    return arguments.stream().map(PlanText::word).collect(Collectors.joining(" "));
  }

  private static String word(String argument) {
    return PLAIN_WORD.matcher(argument).matches()
        ? argument
        : "'" + argument.replace("'", "'\"'\"'") + "'";
  }

  /// What came of a plan.
  static List<String> outcome(Plan plan, Outcome outcome) {
    return switch (outcome.result()) {
      case DONE -> outcome.effects();
      case UNCHANGED -> unchanged(plan, outcome);
      case DELAYED -> {
        var lines = new ArrayList<>(outcome.effects());
        outcome.pending().forEach(pending -> lines.add("not yet: " + pending));
        yield lines;
      }
      case UNDONE -> {
        var why = String.join("; ", outcome.effects());
        yield List.of("plan %s has ended: %s".formatted(outcome.plan(), why));
      }
    };
  }

  private static List<String> unchanged(Plan plan, Outcome outcome) {
    var why = outcome.effects().isEmpty() ? plan.notes() : outcome.effects();
    return List.of(why.isEmpty() ? "nothing to do" : "nothing to do: " + String.join("; ", why));
  }
}
