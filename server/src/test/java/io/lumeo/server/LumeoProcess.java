package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `lumeo up` as a process of its own, as the shell would start it.
final class LumeoProcess implements AutoCloseable {
  private static final int SECONDS = 30;

  private final Process process;
  private final Path directory;
  private final Path log;

  private LumeoProcess(Process process, Path directory, Path log) {
    this.process = process;
    this.directory = directory;
    this.log = log;
  }

  /// How a command ended; its output and errors together.
  record Outcome(int exitCode, String output) {}

  /// Starts the server and returns when it serves.
  static LumeoProcess up(Path directory) throws Exception {
    var words = List.of("up", directory.toString(), "--nbd", "0", "--rest", "0");
    return up(command(words), directory);
  }

  /// As above, of no directory that is said, in this working directory.
  static LumeoProcess upIn(Path workingDirectory) throws Exception {
    var command = command(List.of("up", "--nbd", "0", "--rest", "0"));
    return up(in(workingDirectory, command), workingDirectory.resolve("lumeo-data"));
  }

  private static LumeoProcess up(ProcessBuilder command, Path directory) throws Exception {
    var log = directory.resolveSibling(directory.getFileName() + ".log");
    var lumeo = new LumeoProcess(command.redirectOutput(log.toFile()).start(), directory, log);
    lumeo.awaitWelcome();
    return lumeo;
  }

  private static ProcessBuilder in(Path workingDirectory, ProcessBuilder command) {
    command.environment().remove("LUMEO_DIR");
    return command.directory(workingDirectory.toFile());
  }

  /// Starts an agent; it is not ready yet.
  static LumeoProcess agent(Path configuration, Path log) throws Exception {
    var words = List.of("agent", "--config", configuration.toString());
    var process = command(words).redirectOutput(log.toFile()).start();
    return new LumeoProcess(process, log.resolveSibling("."), log);
  }

  /// Lets a moment pass, in which it must not end.
  void expectRunning() throws Exception {
    assertThat(process.waitFor(10, TimeUnit.MILLISECONDS)).as(log()).isFalse();
  }

  private static ProcessBuilder command(List<String> words) {
    var line = new ArrayList<String>();
    // Tests that run in the background of a script, or under nohup, inherit an ignored SIGINT or
    // SIGHUP, which a JVM respects.
    line.addAll(List.of("env", "--default-signal=INT,HUP"));
    line.add(ProcessHandle.current().info().command().orElseThrow());
    line.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-ea"));
    line.add("-Dslf4j.internal.verbosity=ERROR");
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(words);
    return new ProcessBuilder(line).redirectErrorStream(true);
  }

  /// Runs a command to its end.
  static Outcome run(String... words) throws Exception {
    return run(command(List.of(words)));
  }

  /// As above, in this working directory, where no directory is said.
  static Outcome runIn(Path workingDirectory, String... words) throws Exception {
    return run(in(workingDirectory, command(List.of(words))));
  }

  private static Outcome run(ProcessBuilder command) throws Exception {
    var process = command.start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), output);
  }

  private void awaitWelcome() throws Exception {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!log().contains("Ctrl-C stops it.")) {
      assertThat(process.waitFor(10, TimeUnit.MILLISECONDS)).as(log()).isFalse();
      assertThat(System.nanoTime()).as(log()).isLessThan(deadline);
    }
  }

  UnixDomainSocketAddress socket() {
    return UnixDomainSocketAddress.of(directory.resolve("nbd.sock"));
  }

  long pid() {
    return process.pid();
  }

  String log() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  /// Sends a signal and returns the exit code.
  int signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start().waitFor();
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as(log()).isTrue();
    return process.exitValue();
  }

  /// Kills it without a word.
  void kill() throws Exception {
    process.destroyForcibly();
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }
}
