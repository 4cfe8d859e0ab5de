package io.lumeo.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.SeededTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class UnifiedDiffTest {
  private static final Pattern HUNK = Pattern.compile("@@ -(\\d+),(\\d+) \\+(\\d+),(\\d+) @@");

  @Test
  void equalTextsDoNotDiffer() {
    assertThat(diff("a\nb\n", "a\nb\n")).isEmpty();
    assertThat(diff("", "")).isEmpty();
  }

  @Test
  void aNewFileIsAllPlus() {
    assertThat(diff("", "a\nb\n")).isEqualTo("--- old\n+++ new\n@@ -0,0 +1,2 @@\n+a\n+b\n");
    assertThat(diff("a\n", "")).isEqualTo("--- old\n+++ new\n@@ -1,1 +0,0 @@\n-a\n");
  }

  @Test
  void tooMuchToCompareIsShownAsReplaced() {
    var from = "x\n" + "a\nb\n".repeat(1500);
    var to = "y\n" + "b\na\n".repeat(1500) + "c\n";
    assertThat(apply(diff(from, to), from)).isEqualTo(to);
  }

  /// Whoever has the old text and the difference has the new one.
  @SeededTest(seeds = 200)
  void aDifferenceLeadsFromTheOldToTheNew(Random random) {
    var from = text(random, random.nextInt(30));
    var to = random.nextBoolean() ? text(random, random.nextInt(30)) : edited(from, random);
    var diff = diff(from, to);
    assertThat(apply(diff, from)).as(diff).isEqualTo(to);
    assertThat(diff.isEmpty()).isEqualTo(from.equals(to));
  }

  private static String diff(String from, String to) {
    return UnifiedDiff.of("old", from, from, "new", to, to);
  }

  private static String text(Random random, int lines) {
    var text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      text.append("abcd".charAt(random.nextInt(4))).append('\n');
    }
    return text.toString();
  }

  private static String edited(String text, Random random) {
    var lines = new ArrayList<>(text.lines().toList());
    for (int i = 0; i < 2; i++) {
      lines.add(random.nextInt(lines.size() + 1), "new" + i);
    }
    return String.join("\n", lines) + "\n";
  }

  /// What `patch` does, and as strictly.
  private static String apply(String diff, String from) {
    var old = from.lines().toList();
    var now = new ArrayList<String>();
    var at = 0;
    for (var line : diff.lines().skip(2).toList()) {
      var hunk = HUNK.matcher(line);
      if (hunk.matches()) {
        var begin = Integer.parseInt(hunk.group(1)) - (hunk.group(2).equals("0") ? 0 : 1);
        now.addAll(old.subList(at, begin));
        at = begin;
        assertThat(now)
            .hasSize(Integer.parseInt(hunk.group(3)) - (hunk.group(4).equals("0") ? 0 : 1));
        continue;
      }
      if (line.charAt(0) != '+') {
        assertThat(old.get(at++)).isEqualTo(line.substring(1));
      }
      if (line.charAt(0) != '-') {
        now.add(line.substring(1));
      }
    }
    now.addAll(old.subList(at, old.size()));
    return join(now);
  }

  private static String join(List<String> lines) {
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }
}
