package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.List;

/// Two texts as `diff -u` compares them. What is compared and what is shown may differ: a changed
/// secret is a changed line, and is not seen.
final class UnifiedDiff {
  private static final int CONTEXT_LINES = 3;

  /// Above this many pairs of lines the middle is shown as replaced: exact, if not the shortest.
  private static final long MAX_PAIRS = 4_000_000;

  /// A line, as it is and as it is shown.
  private record Line(String text, String shown) {}

  /// A line of the result.
  ///
  /// @param sign ` `, `-` or `+`
  private record Edit(char sign, String shown) {}

  private UnifiedDiff() {}

  /// The difference, empty if there is none.
  ///
  /// @param fromShown what is shown of `from`, with as many lines
  static String of(
      String fromName, String from, String fromShown, String toName, String to, String toShown) {
    var edits = edits(lines(from, fromShown), lines(to, toShown));
    if (edits.stream().allMatch(edit -> edit.sign() == ' ')) {
      return "";
    }
    var diff = new StringBuilder("--- %s\n+++ %s\n".formatted(fromName, toName));
    for (int i = 0; i < edits.size(); ) {
      if (edits.get(i).sign() == ' ') {
        i++;
        continue;
      }
      var begin = Math.max(0, i - CONTEXT_LINES);
      var end = hunkEnd(edits, i);
      hunk(edits, begin, end, diff);
      i = end;
    }
    return diff.toString();
  }

  private static List<Line> lines(String text, String shown) {
    var real = text.lines().toList();
    var visible = shown.lines().toList();
    if (real.size() != visible.size()) {
      throw new AssertionError("%d lines, %d shown".formatted(real.size(), visible.size()));
    }
    var lines = new ArrayList<Line>();
    for (int i = 0; i < real.size(); i++) {
      lines.add(new Line(real.get(i), visible.get(i)));
    }
    return lines;
  }

  /// Where the change that begins at `from` ends, with its context; changes that are near are one.
  private static int hunkEnd(List<Edit> edits, int from) {
    var last = from;
    for (int i = from; i < edits.size() && i - last <= 2 * CONTEXT_LINES; i++) {
      if (edits.get(i).sign() != ' ') {
        last = i;
      }
    }
    return Math.min(edits.size(), last + 1 + CONTEXT_LINES);
  }

  private static void hunk(List<Edit> edits, int begin, int end, StringBuilder diff) {
    diff.append(
        "@@ -%s +%s @@\n".formatted(range(edits, begin, end, '+'), range(edits, begin, end, '-')));
    for (var edit : edits.subList(begin, end)) {
      diff.append(edit.sign()).append(edit.shown()).append('\n');
    }
  }

  /// `first,count` of the lines of one side: those without the other side's sign.
  private static String range(List<Edit> edits, int begin, int end, char other) {
    var before = edits.subList(0, begin).stream().filter(edit -> edit.sign() != other).count();
    var count = edits.subList(begin, end).stream().filter(edit -> edit.sign() != other).count();
    return "%d,%d".formatted(count == 0 ? before : before + 1, count);
  }

  private static List<Edit> edits(List<Line> from, List<Line> to) {
    var head = 0;
    while (head < Math.min(from.size(), to.size()) && same(from.get(head), to.get(head))) {
      head++;
    }
    var tail = 0;
    while (tail < Math.min(from.size(), to.size()) - head
        && same(from.get(from.size() - 1 - tail), to.get(to.size() - 1 - tail))) {
      tail++;
    }
    var edits = new ArrayList<Edit>();
    add(edits, ' ', to.subList(0, head));
    middle(from.subList(head, from.size() - tail), to.subList(head, to.size() - tail), edits);
    add(edits, ' ', to.subList(to.size() - tail, to.size()));
    return edits;
  }

  /// By the longest common subsequence.
  private static void middle(List<Line> from, List<Line> to, List<Edit> edits) {
    if ((long) from.size() * to.size() > MAX_PAIRS) {
      add(edits, '-', from);
      add(edits, '+', to);
      return;
    }
    var common = new int[from.size() + 1][to.size() + 1];
    for (int i = from.size() - 1; i >= 0; i--) {
      for (int j = to.size() - 1; j >= 0; j--) {
        common[i][j] =
            same(from.get(i), to.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    var i = 0;
    var j = 0;
    while (i < from.size() && j < to.size()) {
      if (same(from.get(i), to.get(j))) {
        add(edits, ' ', to.subList(j, j + 1));
        i++;
        j++;
      } else if (common[i + 1][j] >= common[i][j + 1]) {
        add(edits, '-', from.subList(i, ++i));
      } else {
        add(edits, '+', to.subList(j, ++j));
      }
    }
    add(edits, '-', from.subList(i, from.size()));
    add(edits, '+', to.subList(j, to.size()));
  }

  private static void add(List<Edit> edits, char sign, List<Line> lines) {
    lines.forEach(line -> edits.add(new Edit(sign, line.shown())));
  }

  private static boolean same(Line one, Line other) {
    return one.text().equals(other.text());
  }
}
