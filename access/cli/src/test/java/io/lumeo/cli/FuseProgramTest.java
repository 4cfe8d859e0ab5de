package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How nbdfuse is started, with a shell in its place.
@Timeout(60)
class FuseProgramTest {
  private final List<Path> folders = new ArrayList<>();
  private final List<Long> pids = new ArrayList<>();

  /// Has the shell do `script`, to which `$1` is the file for the pid.
  private final class Shell extends Tools {
    private final String script;

    Shell(String script) {
      this.script = script;
    }

    @Override
    Outcome run(String debianPackage, List<String> command) {
      return new Outcome(0, "");
    }

    @Override
    Process start(String debianPackage, ProcessBuilder builder) throws IOException {
      var command = builder.command();
      assertThat(command).startsWith("setsid", "nbdfuse", "-P").endsWith("disk", "uri");
      var pidFile = Path.of(command.get(3));
      var log = builder.redirectOutput().file().toPath();
      assertThat(log.getParent()).isEqualTo(pidFile.getParent());
      folders.add(log.getParent());
      var permissions = Files.getPosixFilePermissions(log.getParent());
      assertThat(PosixFilePermissions.toString(permissions)).isEqualTo("rwx------");
      return builder.command("sh", "-c", script, "sh", pidFile.toString()).start();
    }
  }

  private void start(String script) throws IOException {
    FuseProgram.start(new Shell(script), List.of("disk", "uri"), pids::add);
  }

  @Test
  void whatItIsToldToWriteLiesWhereNobodyElseReachesAndIsGoneThen() throws Exception {
    start("echo said; echo $$ >\"$1\"; exec sleep 0.1");

    assertThat(pids).hasSize(1);
    assertThat(folders).hasSize(1).allSatisfy(folder -> assertThat(folder).doesNotExist());
  }

  @Test
  void whyItEndedIsTold() {
    assertThatThrownBy(() -> start("echo 'no /dev/fuse' >&2; exit 1"))
        .isInstanceOf(IOException.class)
        .hasMessage("nbdfuse ended: no /dev/fuse");

    assertThat(folders).hasSize(1).allSatisfy(folder -> assertThat(folder).doesNotExist());
  }
}
