package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private static final String CLEARED = "\r\u001b[K";

  private final StringWriter out = new StringWriter();

  private ProgressBar bar(boolean shown) {
    return new ProgressBar(new PrintWriter(out), "checking", shown);
  }

  private static String line(int filled, int percent) {
    return "\rchecking [%s] %3d %%"
        .formatted("#".repeat(filled) + " ".repeat(30 - filled), percent);
  }

  @Test
  void onATerminalItFillsAndIsGoneInTheEnd() {
    try (var bar = bar(true)) {
      assertThat(bar.update(0, 4000)).isTrue();
      bar.update(1, 4000); // still 0 %: not drawn again
      bar.update(2000, 4000);
      bar.update(4000, 4000);
    }
    assertThat(out).hasToString(line(0, 0) + line(15, 50) + line(30, 100) + CLEARED);
  }

  @Test
  void elsewhereItIsSilent() {
    try (var bar = bar(false)) {
      assertThat(bar.update(1, 2)).isTrue();
      bar.update(2, 2);
    }
    assertThat(out).hasToString("");
  }

  @Test
  void workThatIsOverBeforeItBeganDrawsNothing() {
    bar(true).close();
    assertThat(out).hasToString("");
  }

  @Test
  void whatIsNotKnownYetIsNothingAndWhatIsTooMuchIsAll() {
    try (var bar = bar(true)) {
      bar.update(0, 0);
      bar.update(7, 5);
    }
    assertThat(out).hasToString(line(0, 0) + line(30, 100) + CLEARED);
  }

  @Test
  void whoInterruptsTheWorkIsObeyed() {
    try (var bar = bar(false)) {
      Thread.currentThread().interrupt();
      assertThat(bar.update(1, 2)).isFalse();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
