package io.lumeo.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Over a real ssh to a real sshd, a private one on this machine with keys and configuration of its
/// own.
@Timeout(120)
class SshCommandsIT {
  @TempDir static Path folder;

  private static Process server;
  private static int port;

  @BeforeAll
  static void startServer() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.resolve("host_key").toString());
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.resolve("key").toString());
    Files.copy(folder.resolve("key.pub"), folder.resolve("authorized_keys"));
    port = freePort();
    Files.writeString(
        folder.resolve("sshd_config"),
        """
        Port %2$d
        ListenAddress 127.0.0.1
        HostKey %1$s/host_key
        AuthorizedKeysFile %1$s/authorized_keys
        PidFile %1$s/sshd.pid
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        """
            .formatted(folder, port));
    var hostKey = Files.readString(folder.resolve("host_key.pub"));
    Files.writeString(folder.resolve("known_hosts"), "[127.0.0.1]:%d %s".formatted(port, hostKey));
    configure("ssh_config", folder.resolve("key"), folder.resolve("known_hosts"));
    configure("ssh_config_stranger", folder.resolve("key"), folder.resolve("no_known_hosts"));
    Files.createDirectories(Path.of("/run/sshd"));
    server =
        new ProcessBuilder(
                "/usr/sbin/sshd", "-D", "-e", "-f", folder.resolve("sshd_config").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("sshd.log").toFile())
            .start();
    var log = folder.resolve("sshd.log");
    await().until(() -> !server.isAlive() || Files.readString(log).contains("listening"));
    assertThat(server.isAlive()).as(Files.readString(log)).isTrue();
  }

  private static void configure(String file, Path key, Path knownHosts) throws IOException {
    Files.writeString(
        folder.resolve(file),
        """
        Host box
          HostName 127.0.0.1
          Port %d
          IdentityFile %s
          IdentitiesOnly yes
          UserKnownHostsFile %s
          GlobalKnownHostsFile /dev/null
          StrictHostKeyChecking yes
        """
            .formatted(port, key, knownHosts));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void run(String... line) throws Exception {
    assertThat(new ProcessBuilder(line).inheritIO().start().waitFor()).isZero();
  }

  @AfterAll
  static void stopServer() {
    server.destroy();
  }

  private static SshCommands box() {
    return SshCommands.to("box", folder.resolve("r"))
        .withOptions(List.of("-F", folder.resolve("ssh_config").toString()));
  }

  @Test
  void whatACommandSaysThereIsTold() throws Exception {
    try (var box = box()) {
      var result =
          box.run(Command.of("sh", "-c", "echo \"$1\"; echo err >&2; exit 3", "sh", "it's $HOME"));
      assertThat(result.stdout()).isEqualTo("it's $HOME\n");
      assertThat(result.stderr()).isEqualTo("err\n");
      assertThat(result.exit()).isEqualTo(3);
      assertThat(box.host()).isEqualTo("box");
    }
  }

  @Test
  void wordsArriveAsTheyAreWhateverAShellWouldMakeOfThem() throws Exception {
    var words =
        List.of(
            "lvcreate",
            "--config",
            "log/prefix=\"\" report/time_format=\"%s\"",
            "vg/it's \"$(touch pwned)\" `touch pwned` $HOME",
            "a\nb;\ttouch pwned\\",
            "",
            "*~{a,b}!&|<>#",
            "é",
            "-n");
    var line = new ArrayList<>(List.of("printf", "%s\\0"));
    line.addAll(words);
    try (var box = box()) {
      assertThat(box.run(Command.of(line)).stdout().split("\0")).containsExactlyElementsOf(words);
    }
  }

  @Test
  void itsEnvironmentIsTheSameAsHere() throws Exception {
    try (var box = box()) {
      assertThat(box.run(Command.of("env").with("MINE", "a 'b'")).stdout().lines())
          .containsExactlyInAnyOrder(
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
              "LC_ALL=C",
              "TZ=UTC",
              "LVM_SUPPRESS_FD_WARNINGS=1",
              "MINE=a 'b'");
    }
  }

  @Test
  void inputGoesThereAndIsClosedOtherwise() throws Exception {
    try (var box = box()) {
      assertThat(box.run(Command.of("cat").reading("some text")).stdout()).isEqualTo("some text");
      assertThat(box.run(Command.of("cat")).stdout()).isEmpty();
    }
  }

  @Test
  void aCommandsOwn255IsNotTakenForSshs() throws Exception {
    try (var box = box()) {
      var result = box.run(Command.of("sh", "-c", "echo mine >&2; exit 255"));
      assertThat(result.exit()).isEqualTo(255);
      assertThat(result.stderr()).isEqualTo("mine\n");
    }
  }

  @Test
  void oneThatIsLateIsEndedThere() throws Exception {
    var pid = folder.resolve("late.pid");
    try (var box = box()) {
      var script = "echo $$ > %s; exec sleep 1000".formatted(pid);
      assertThatThrownBy(
              () -> box.run(Command.of("sh", "-c", script).within(Duration.ofSeconds(1))))
          .isInstanceOf(CommandFailure.TimedOut.class)
          .hasMessageContaining("box");
    }
    var process = ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
    assertThat(process.filter(p -> !ProcessState.awaitGone(p, Duration.ofSeconds(5)))).isEmpty();
  }

  @Test
  void aProgramThatIsNotThereHasNotStarted() throws Exception {
    try (var box = box()) {
      assertThatThrownBy(() -> box.run(Command.of("no-such-program")))
          .isInstanceOf(CommandFailure.NotStarted.class)
          .hasMessageContaining("box");
    }
  }

  @Test
  void manyThreadsShareOneConnection() throws Exception {
    try (var box = box();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(box.run(Command.of("true")).succeeded()).isTrue();
      var answers = new ArrayList<Future<String>>();
      for (int i = 0; i < 8; i++) {
        int number = i;
        answers.add(
            threads.submit(() -> box.run(Command.of("echo", "no " + number)).stdout().strip()));
      }
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo("no " + i);
      }
      try (var sockets = Files.list(folder.resolve("r"))) {
        assertThat(sockets).hasSize(1);
      }
    }
  }

  @Test
  void aHostThatIsAwayOrUnknownIsUnreachable() throws Exception {
    var away =
        SshCommands.to("ssh://127.0.0.1:" + freePort(), folder.resolve("r"))
            .withOptions(List.of("-F", "/dev/null"));
    assertThatThrownBy(() -> away.run(Command.of("true")))
        .isInstanceOf(CommandFailure.Unreachable.class)
        .hasMessageContaining("127.0.0.1");
    var stranger =
        SshCommands.to("box", folder.resolve("s"))
            .withOptions(List.of("-F", folder.resolve("ssh_config_stranger").toString()));
    assertThatThrownBy(() -> stranger.run(Command.of("true")))
        .isInstanceOf(CommandFailure.Unreachable.class)
        .hasMessageContaining("verification failed");
    away.close();
  }

  @Test
  void sudoIsAskedThereAndItsRefusalIsNoStart() throws Exception {
    try (var box = box()) {
      // Where there is no sudo, or it wants a password, nothing is run; where neither is so, it is.
      try {
        assertThat(box.throughSudo().run(Command.of("echo", "as root")).stdout())
            .isEqualTo("as root\n");
      } catch (CommandFailure.NotStarted refused) {
        assertThat(refused).hasMessageContaining("sudo");
      }
    }
  }

  @Test
  void whatSshWouldTakeForAnOptionIsRefused() {
    assertThatThrownBy(() -> SshCommands.to("-oProxyCommand=reboot", folder))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SshCommands.to("box", Path.of("/tmp/" + "long".repeat(20))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shorter");
  }
}
