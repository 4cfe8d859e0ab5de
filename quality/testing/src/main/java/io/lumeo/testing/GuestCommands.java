package io.lumeo.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.testing.KernelRig.GuestGone;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The guest of a [KernelRig] as a host whose storage is managed: the same contract as for this
/// host or one behind ssh, deadlines and all. A guest that was powered off is unreachable.
///
/// @param folders of programs that come before the host's own
record GuestCommands(KernelRig guest, List<Path> folders) implements Commands {

  /// How long what is to end may take: the guest's one processor is slow.
  private static final Duration GRACE = Duration.ofSeconds(10);

  @Override
  public String host() {
    return "guest";
  }

  @Override
  public CommandResult run(Command command) throws CommandFailure, InterruptedException {
    long began = System.nanoTime();
    try {
      var request = guest.begin(script(command), command.input());
      try {
        request.await(command.deadline());
      } catch (TimeoutException overdue) {
        throw overdue(command, request);
      } catch (InterruptedException interrupted) {
        end(request);
        throw interrupted;
      }
      return result(command, request, Duration.ofNanos(System.nanoTime() - began));
    } catch (GuestGone gone) {
      throw new CommandFailure.Unreachable(
          "%s could not be run in the guest: it is gone".formatted(command), gone);
    }
  }

  private String script(Command command) {
    var variables = new TreeMap<>(command.wholeEnvironment());
    variables.merge(
        "PATH",
        folders.stream().map(Path::toString).collect(Collectors.joining(":")),
        (path, more) -> more.isEmpty() ? path : more + ":" + path);
    variables.put("DM_DISABLE_UDEV", "1");
    variables.put("LVM_SYSTEM_DIR", "/run/lvm-system");
    return Stream.concat(
            Stream.concat(
                Stream.of("exec", "env", "-i"),
                variables.entrySet().stream()
                    .map(entry -> entry.getKey() + "=" + KernelRig.quoted(entry.getValue()))),
            command.arguments().stream().map(KernelRig::quoted))
        .collect(Collectors.joining(" "));
  }

  private CommandResult result(Command command, KernelRig.Request request, Duration duration)
      throws CommandFailure {
    int limit = command.outputLimitBytes();
    var stdout = request.bytes("stdout");
    var stderr = request.bytes("stderr");
    var said = text(stderr, limit);
    if (request.status() == 127 && said.startsWith("env: ")) {
      throw new CommandFailure.NotStarted(
          "%s could not be started in the guest: %s".formatted(command, said.strip()));
    }
    return new CommandResult(
        request.status(),
        text(stdout, limit),
        said,
        duration,
        stdout.length > limit || stderr.length > limit);
  }

  private static String text(byte[] bytes, int limit) {
    return new String(Arrays.copyOf(bytes, Math.min(bytes.length, limit)), UTF_8);
  }

  private CommandFailure overdue(Command command, KernelRig.Request request)
      throws GuestGone, InterruptedException {
    return end(request)
        ? new CommandFailure.TimedOut(
            "%s in the guest was ended after %s".formatted(command, command.deadline()))
        : new CommandFailure.Stuck(
            "%s in the guest did not end in %s and cannot be killed"
                .formatted(command, command.deadline()));
  }

  private static boolean end(KernelRig.Request request) throws GuestGone, InterruptedException {
    request.ask();
    if (hasEnded(request)) {
      return true;
    }
    request.kill();
    return hasEnded(request);
  }

  private static boolean hasEnded(KernelRig.Request request)
      throws GuestGone, InterruptedException {
    try {
      request.await(GRACE);
      return true;
    } catch (TimeoutException stillThere) {
      return false;
    }
  }
}
