package io.lumeo.commands;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever is quoted comes out of a shell's mouth as it went in, and runs nothing.
class ShellQuotingTest {
  private static final int SEEDS = 8;
  private static final List<String> NASTY =
      List.of(
          "",
          "'",
          "''",
          "\"",
          "\\",
          "$HOME",
          "`reboot`",
          "$(reboot)",
          "; reboot",
          "a\nb",
          "\n",
          "-n",
          "*",
          "~",
          "!!",
          "#",
          "\u00c3\u00a9\u00ff",
          "a b\tc",
          "'; reboot; '",
          "\u0001\u007f");

  static List<Arguments> shellsAndSeeds() {
    var all = new ArrayList<Arguments>();
    for (var shell : List.of(List.of("dash"), List.of("bash"), List.of("busybox", "ash"))) {
      for (int seed = 0; seed < SEEDS; seed++) {
        all.add(Arguments.of(shell, seed));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("shellsAndSeeds")
  void aShellSplitsTheLineIntoTheSameArguments(List<String> shell, long seed) throws Exception {
    var arguments = new ArrayList<>(NASTY);
    var random = new Random(seed);
    for (int i = 0; i < 30; i++) {
      arguments.add(word(random));
    }
    // Each byte is a letter of its own here, so that all of them are tried.
    var line = ShellQuoting.line(all(List.of("printf", "%s\\0"), arguments));
    assertThat(run(shell, line)).isEqualTo(zeroEnded(arguments));
  }

  private static String word(Random random) {
    var word = new StringBuilder();
    for (int length = random.nextInt(40); length > 0; length--) {
      word.append((char) (1 + random.nextInt(255)));
    }
    return word.toString();
  }

  private static String zeroEnded(List<String> arguments) {
    return String.join("\0", arguments) + "\0";
  }

  /// The line as the shell's input, as bytes: an argument would go through Java's own encoding.
  private static String run(List<String> shell, String line) throws Exception {
    return new String(output(shell, line.getBytes(ISO_8859_1)), ISO_8859_1);
  }

  private static byte[] output(List<String> shell, byte[] script) throws IOException {
    var builder = new ProcessBuilder(all(shell, List.of("-s")));
    builder.environment().put("LC_ALL", "C");
    var process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var input = process.getOutputStream()) {
      input.write(script);
      input.write('\n');
    }
    return process.getInputStream().readAllBytes();
  }

  private static List<String> all(List<String> first, List<String> then) {
    var both = new ArrayList<>(first);
    both.addAll(then);
    return both;
  }

  @Test
  void whatPeopleReadIsQuotedOnlyWhereItMustBe() {
    assertThat(Command.of("lvs", "-S", "lv_tags={\"a b\"}", "vg/my-data@1"))
        .hasToString("lvs -S 'lv_tags={\"a b\"}' vg/my-data@1");
  }
}
