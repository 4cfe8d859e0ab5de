package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Tool;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands on a terminal, which `script` plays, and without one.
class TerminalIT {
  @TempDir Path scratch;

  private Path pool;

  @BeforeEach
  void makeAPool() {
    pool = scratch.resolve("pool");
    lumeo("pool", "create", "--data-size", "1G").expectSuccess();
    lumeo("volume", "create", "v", "1G").expectSuccess();
  }

  private Stream<String> words(String... command) {
    return Stream.of(
            LumeoUp.command().stream(), Stream.of(command), Stream.of("--dir", pool.toString()))
        .flatMap(words -> words);
  }

  private Tool.Result lumeo(String... command) {
    return Tool.of(words(command).toList()).run();
  }

  /// Runs a command on a terminal where nobody types. Output and errors are both the terminal's.
  private Tool.Result onATerminal(String... command) {
    var line =
        words(command)
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    return Tool.named("script").run("--quiet", "--return", "--command", line, "/dev/null");
  }

  @Test
  void longWorkShowsABarOnATerminalThatIsGoneInTheEnd() {
    var output = onATerminal("pool", "check").expectSuccess().stdout();
    assertThat(output)
        .containsPattern("\\rchecking \\[[# ]{30}\\] {1,3}\\d{1,3} %")
        .containsPattern("\\r\\u001b\\[K[^\\r]*sound: 1 devices, ")
        .doesNotContainPattern("sound(?s).*checking");
  }

  @Test
  void elsewhereAndForProgramsThereIsNone() {
    var outcome = lumeo("pool", "check").expectSuccess();
    assertThat(outcome.stderr()).isEmpty();
    assertThat(outcome.stdout()).startsWith("sound: 1 devices, ").hasLineCount(1);
    assertThat(onATerminal("pool", "check", "--output", "json").expectSuccess().stdout())
        .doesNotContain("checking");
  }

  @Test
  void onATerminalWhatDestroysIsAskedAbout() {
    assertThat(onATerminal("volume", "delete", "v").expectExit(1).stdout())
        .contains("deleting volume 'v' loses its data, 0 B mapped. Go on? [y/N] ")
        .contains("lumeo: nothing was changed");
    assertThat(lumeo("volume", "delete", "v").expectExit(2).stderr())
        .contains("nobody is there to be asked: say --yes to do it");
  }
}
