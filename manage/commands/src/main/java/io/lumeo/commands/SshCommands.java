package io.lumeo.commands;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Runs programs on another host, through the user's own `ssh`: with their `ssh_config`, keys,
/// agent and jump hosts, as if they had typed it. One connection serves all commands for a while.
///
/// `ssh` never asks anything here: a host whose key is not known yet, or a key with a pass phrase
/// and no agent, is [CommandFailure.Unreachable] with what `ssh` says. The remote user's shell must
/// be a POSIX one, and the host must have `env` and `timeout`.
///
/// When the thread that waits is interrupted, the connection's end here is ended at once; the
/// command goes on there, to its deadline at the latest.
///
/// Safe for use by several threads.
public final class SshCommands implements Commands, AutoCloseable {

  /// The remote side marks a command's own status 255, so that it is not taken for `ssh`'s.
  private static final String OWN_STATUS_255 = "lumeo: the command itself ended with 255";

  /// `$0` is the mark above. It is a shell's script because no program does this; what varies comes
  /// in as arguments.
  private static final String REMOTE_SCRIPT =
      "\"$@\"; s=$?; [ $s -ne 255 ] || printf '%s' \"$0\" >&2; exit $s";

  private static final int SSH_FAILED = 255;
  private static final int LONGEST_SOCKET_PATH = 107;

  /// `ssh` adds a dot and sixteen letters while it makes the socket of 40 letters and a slash.
  private static final int SOCKET_NAME_LENGTH = 1 + 40 + 17;

  private final String destination;
  private final Path folder;
  private final List<String> options;
  private final boolean sudo;

  private SshCommands(String destination, Path folder, List<String> options, boolean sudo) {
    this.destination = destination;
    this.folder = folder;
    this.options = options;
    this.sudo = sudo;
  }

  /// For the host that `ssh` knows by this name: `host`, `user@host`, `ssh://user@host:port`, or a
  /// `Host` of its configuration.
  ///
  /// @param runtimeFolder where the connection's socket is to lie; made, for its owner only, when
  ///   it is not there
  /// @throws IllegalArgumentException if the name is not one, or the folder's is too long
  public static SshCommands to(String destination, Path runtimeFolder) {
    if (destination.isBlank() || destination.startsWith("-")) {
      throw new IllegalArgumentException("not a destination for ssh: '" + destination + "'");
    }
    var folder = runtimeFolder.toAbsolutePath();
    if (folder.toString().length() + SOCKET_NAME_LENGTH > LONGEST_SOCKET_PATH
        || folder.toString().contains("\"")) {
      throw new IllegalArgumentException(
          "ssh can have no socket in %s; choose a folder with a shorter name of plain letters"
              .formatted(folder));
    }
    return new SshCommands(destination, folder, List.of(), false);
  }

  /// The same, with more options for `ssh`, such as `-F` and a file or `-p` and a port.
  public SshCommands withOptions(List<String> newOptions) {
    return new SshCommands(destination, folder, List.copyOf(newOptions), sudo);
  }

  /// The same, with root's rights through `sudo -n`: the rule there must allow `env`, with any
  /// arguments and without a password.
  public SshCommands throughSudo() {
    return new SshCommands(destination, folder, options, true);
  }

  @Override
  public String host() {
    return destination;
  }

  @Override
  public CommandResult run(Command command) throws CommandFailure, InterruptedException {
    var enclosure = new Enclosure(command, sudo);
    var line = sshLine();
    line.add(ShellQuoting.line(remote(enclosure.arguments())));
    Encoding.check(line);
    var deadline = enclosure.outerDeadline();
    var run = new ProcessRun(command, host(), deadline, Ending.BY_SIGNALS);
    return enclosure.interpret(
        reached(command, enclosure.run(run, new ProcessBuilder(line))), host());
  }

  private static List<String> remote(List<String> arguments) {
    var all = new ArrayList<>(List.of("sh", "-c", REMOTE_SCRIPT, OWN_STATUS_255));
    all.addAll(arguments);
    return all;
  }

  /// `ssh` with all but the remote command. What is set here wins over the user's configuration, so
  /// it is only what this class depends on.
  private List<String> sshLine() {
    makeFolder();
    var line = new ArrayList<>(List.of("ssh", "-T", "-x"));
    line.addAll(options);
    option(line, "BatchMode=yes");
    option(line, "ConnectTimeout=10");
    option(line, "ServerAliveInterval=5");
    option(line, "ServerAliveCountMax=3");
    option(line, "ClearAllForwardings=yes");
    option(line, "RemoteCommand=none");
    option(line, "ControlMaster=auto");
    option(line, "ControlPersist=120");
    option(line, "ControlPath=\"" + folder.toString().replace("%", "%%") + "/%C\"");
    line.add("--");
    line.add(destination);
    return line;
  }

  private static void option(List<String> line, String option) {
    line.add("-o");
    line.add(option);
  }

  private void makeFolder() {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder + " for ssh's connections", e);
    }
  }

  private CommandResult reached(Command command, CommandResult result) throws CommandFailure {
    if (result.exit() != SSH_FAILED) {
      return result;
    }
    if (result.truncated()) {
      return result; // So much is said by no ssh: it is the command's own.
    }
    if (!result.stderr().endsWith(OWN_STATUS_255)) {
      throw new CommandFailure.Unreachable(
          "%s could not be run on %s, or the connection was lost: %s"
              .formatted(command, destination, result.complaint()));
    }
    var said = result.stderr();
    return new CommandResult(
        result.exit(),
        result.stdout(),
        said.substring(0, said.length() - OWN_STATUS_255.length()),
        result.duration(),
        result.truncated());
  }

  /// Ends the connection, if there is one. Commands still work afterwards and make a new one.
  @Override
  public void close() {
    var line = sshLine();
    line.add(line.indexOf("--"), "-O");
    line.add(line.indexOf("--"), "exit");
    var goodbye = Command.of(line).within(Duration.ofSeconds(10)).keeping(4096);
    try {
      // Without a connection it fails, which is as good.
      new ProcessRun(goodbye, host(), goodbye.deadline(), Ending.BY_SIGNALS)
          .run(new ProcessBuilder(line));
    } catch (CommandFailure notEnded) {
      // It ends by itself when nobody has used it for two minutes.
      return;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
