package io.lumeo.commands;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalCommandsTest {
  private final LocalCommands here = LocalCommands.direct();

  @TempDir Path folder;

  @Test
  void whatACommandSaysIsTold() throws Exception {
    var result = here.run(Command.of("sh", "-c", "echo out; echo err >&2; exit 7"));
    assertThat(result.exit()).isEqualTo(7);
    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.stderr()).isEqualTo("err\n");
    assertThat(result.succeeded()).isFalse();
    assertThat(result.truncated()).isFalse();
    assertThat(result.duration()).isPositive();
    assertThat(result.complaint()).isEqualTo("err");
    assertThat(here.run(Command.of("echo", "only this")).complaint()).isEqualTo("only this");
  }

  @Test
  void itsEnvironmentIsCleanButForItsOwnVariables() throws Exception {
    var variables = here.run(Command.of("env").with("LVM_SYSTEM_DIR", "/x y")).stdout();
    assertThat(variables.lines())
        .containsExactlyInAnyOrder(
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL=C",
            "TZ=UTC",
            "LVM_SUPPRESS_FD_WARNINGS=1",
            "LVM_SYSTEM_DIR=/x y");
  }

  @Test
  void aPromptFindsItsInputClosed() throws Exception {
    var result = here.run(Command.of("sh", "-c", "read answer || echo nobody answers"));
    assertThat(result.stdout()).isEqualTo("nobody answers\n");
  }

  @Test
  void inputIsReadToItsEnd() throws Exception {
    var text = "x".repeat(300_000) + "é";
    assertThat(here.run(Command.of("cat").reading(text)).stdout()).isEqualTo(text);
    assertThat(here.run(Command.of("true").reading(text)).succeeded())
        .as("not wanting it is fine")
        .isTrue();
  }

  @Test
  void outputBeyondTheBoundIsDroppedAndTheCommandGoesOn() throws Exception {
    var script = "head -c 1000000 /dev/zero | tr '\\0' a; echo done >&2";
    var result = here.run(Command.of("sh", "-c", script).keeping(1000));
    assertThat(result.stdout()).isEqualTo("a".repeat(1000));
    assertThat(result.stderr()).isEqualTo("done\n");
    assertThat(result.truncated()).isTrue();
  }

  @Test
  void outputThatIsNoTextDoesNotStopAnything() throws Exception {
    assertThat(here.run(Command.of("printf", "a\\377b")).stdout()).isEqualTo("a\uFFFDb");
  }

  @Test
  void aCommandThatIsLateIsEndedWithAllThatItStarted() throws Exception {
    var pids = folder.resolve("pids");
    var script = "sleep 1000 & echo $! > %s; echo $$ >> %s; sleep 1000".formatted(pids, pids);
    assertThatThrownBy(
            () -> here.run(Command.of("sh", "-c", script).within(Duration.ofMillis(700))))
        .isInstanceOf(CommandFailure.TimedOut.class)
        .hasMessageContaining("sleep 1000")
        .hasMessageContaining("700 ms");
    assertThat(Files.readAllLines(pids)).hasSize(2).noneMatch(LocalCommandsTest::isRunning);
  }

  @Test
  void oneThatDoesNotHeedIsKilled() {
    var script = "trap '' TERM; while :; do sleep 1; done";
    assertThatThrownBy(
            () -> here.run(Command.of("sh", "-c", script).within(Duration.ofMillis(300))))
        .isInstanceOf(CommandFailure.TimedOut.class);
  }

  @Test
  void oneThatCannotBeKilledIsStuckAndNotWaitedFor() throws Exception {
    var deaf =
        new Ending() {
          @Override
          public void ask(ProcessHandle process) {}

          @Override
          public void kill(ProcessHandle process) {}
        };
    var command = Command.of("sleep", "9").within(Duration.ofMillis(100));
    assertThatThrownBy(() ->
            new ProcessRun(command, "this host", command.deadline(), deaf)
                .run(new ProcessBuilder("sleep", "9")))
        .isInstanceOf(CommandFailure.Stuck.class)
        .hasMessageContaining("kernel");
  }

  @Test
  void anInterruptedThreadEndsItsCommandFirst() throws Exception {
    var pid = folder.resolve("pid");
    var outcome = new CompletableFuture<Throwable>();
    var thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                here.run(Command.of("sh", "-c", "echo $$ > %s; exec sleep 1000".formatted(pid)));
                outcome.complete(new AssertionError("it ended by itself"));
              } catch (CommandFailure | InterruptedException e) {
                outcome.complete(e);
              }
            });
    await().until(() -> Files.exists(pid) && Files.size(pid) > 1);
    thread.interrupt();
    assertThat(outcome.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    assertThat(isRunning(Files.readString(pid).strip())).isFalse();
  }

  @Test
  void whatItLeavesRunningIsNotWaitedFor() throws Exception {
    var result = here.run(Command.of("sh", "-c", "sleep 15 & echo started"));
    assertThat(result.stdout()).isEqualTo("started\n");
    assertThat(result.duration()).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void aProgramThatIsNotThereHasNotStarted() {
    assertThatThrownBy(() -> here.run(Command.of("no-such-program", "x")))
        .isInstanceOf(CommandFailure.NotStarted.class)
        .hasMessageContaining("no-such-program x");
    assertThatThrownBy(() -> here.run(Command.of(folder.resolve("none").toString())))
        .isInstanceOf(CommandFailure.NotStarted.class);
  }

  @Test
  void lettersThatJavaCannotPassOnAreRefusedAndNotReplaced() {
    assertThatThrownBy(() -> Encoding.check(List.of("rm", "/data/ä"), US_ASCII))
        .isInstanceOf(CommandFailure.NotStarted.class)
        .hasMessageContaining("LC_ALL=C.UTF-8");
  }

  @Test
  void aCommandIsCheckedWhenItIsMade() {
    assertThatThrownBy(() -> Command.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Command.of("a", "b\0c")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Command.of("a").with("X Y", "z"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Command.of("a").with("X", "z\0"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Command.of("a").within(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Command.of("lvs", "x").program()).isEqualTo("lvs");
  }

  /// With a `sudo` that does what the real one does with these options, and asks for nothing.
  @Test
  void throughSudoTheDeadlineIsKeptOnItsSide() throws Exception {
    var sudo = folder.resolve("sudo");
    Files.writeString(
        sudo,
        """
        #!/bin/sh
        [ "$1 $2" = "-n --" ] || exit 9
        shift 2
        exec "$@"
        """);
    Files.setPosixFilePermissions(sudo, PosixFilePermissions.fromString("rwx------"));
    var enclosure = new Enclosure(Command.of("sleep", "60").within(Duration.ofMillis(800)), true);
    var line = enclosure.arguments();
    assertThat(line).startsWith("sudo", "-n", "--", "env", "-i").endsWith("1", "sleep", "60");
    line.set(0, sudo.toString());
    var run =
        new ProcessRun(enclosure.command(), "h", enclosure.outerDeadline(), Ending.BY_SIGNALS);
    var result = run.run(new ProcessBuilder(line));
    assertThatThrownBy(() -> enclosure.interpret(result, "h"))
        .isInstanceOf(CommandFailure.TimedOut.class);
  }

  @Test
  void whatIsNotEndedOnItsSideEitherIsStuck() {
    var enclosure = new Enclosure(Command.of("dd"), true);
    var run = new ProcessRun(enclosure.command(), "h", Duration.ofMillis(200), Ending.BY_SIGNALS);
    assertThatThrownBy(() -> enclosure.run(run, new ProcessBuilder("sleep", "60")))
        .isInstanceOf(CommandFailure.Stuck.class)
        .hasMessageContaining("60 s");
  }

  @Test
  void whatSudoItselfRefusesHasNotStarted() {
    var enclosure = new Enclosure(Command.of("lvs"), true);
    var refused =
        new CommandResult(1, "", "sudo: a password is required\n", Duration.ofMillis(5), false);
    assertThatThrownBy(() -> enclosure.interpret(refused, "h"))
        .isInstanceOf(CommandFailure.NotStarted.class)
        .hasMessageContaining("a password is required");
    var missing =
        new CommandResult(
            127, "", "timeout: failed to run command 'lvs'\n", Duration.ofMillis(5), false);
    assertThatThrownBy(() -> enclosure.interpret(missing, "h"))
        .isInstanceOf(CommandFailure.NotStarted.class);
    assertThatThrownBy(() -> new Enclosure(Command.of("a=b"), false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSudoThatIsThereOrNotIsCalled() {
    var through = LocalCommands.throughSudo();
    assertThat(through.host()).isEqualTo("this host");
    assertThatThrownBy(() -> through.run(Command.of("no-such-program")))
        .isInstanceOf(CommandFailure.NotStarted.class);
  }

  private static boolean isRunning(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isPresent()
        && !ProcessState.awaitGone(
            ProcessHandle.of(Long.parseLong(pid)).orElseThrow(), Duration.ofSeconds(5));
  }
}
