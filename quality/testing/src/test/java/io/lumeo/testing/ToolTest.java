package io.lumeo.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToolTest {
  @Test
  void whatAProgramPrintsAndAnswersIsReported() {
    var result =
        Tool.named("sh")
            .with("GREETING", "hello")
            .run("-c", "cat; echo $GREETING $1; echo wrong >&2; exit 3", "sh", 42);
    assertThat(result.stdout()).isEqualTo("hello 42\n");
    assertThat(result.stderr()).isEqualTo("wrong\n");
    result.expectExit(3);
    assertThatThrownBy(result::expectSuccess)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("exit status 3")
        .hasMessageContaining("wrong");
  }

  @Test
  void aProgramThatTakesTooLongIsKilled() {
    assertThatThrownBy(
            () -> Tool.of(List.of("sleep")).within(Duration.ofMillis(50)).run(Integer.MAX_VALUE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("not done after PT0.05S");
  }

  @Test
  void aMissingProgramFailsTheTestWithWhatToInstall() {
    assertThatThrownBy(() -> Tool.named("no-such-program"))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("no-such-program is missing; install the package");
  }

  @Test
  void aProgramRunsBesideTheTest() {
    try (var background = Tool.named("sh").start("-c", "echo up; sleep 1000")) {
      background.await(() -> background.output().equals("up\n"));
      assertThat(ProcessHandle.of(background.pid())).isPresent();
    }
    try (var background = Tool.named("sh").start("-c", "echo no; exit 4")) {
      assertThatThrownBy(() -> background.await(() -> false))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("did not get ready: no");
      assertThat(background.awaitEnd()).isEqualTo(4);
    }
  }
}
