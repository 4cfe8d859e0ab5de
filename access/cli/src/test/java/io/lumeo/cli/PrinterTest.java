package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrinterTest {
  /// Each clears the screen, if a terminal is given it: with an escape, and in one character.
  private static final String CLEAR = "\u001b[2J";

  private static final String CLEAR_IN_EIGHT_BITS = "\u009b2J";

  @Test
  void nothingIsPrintedThatATerminalWouldObey() {
    assertThat(Printer.plain("a" + CLEAR + CLEAR_IN_EIGHT_BITS + "\u202eb\nc"))
        .isEqualTo("a?[2J?2J?b\nc");
    assertThat(Printer.oneLine("a" + CLEAR + "\nb")).isEqualTo("a?[2J?b");
  }

  @Test
  void noFailureIsToldThatATerminalWouldObey(@TempDir Path directory) {
    var strange = directory.resolve("x" + CLEAR);
    var outcome =
        CommandLineFixture.run(null, new String[] {"pool", "list", "--dir", "" + strange});
    assertThat(outcome.err()).contains("x?[2J").doesNotContain("\u001b");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.NOT_FOUND.code());
  }
}
