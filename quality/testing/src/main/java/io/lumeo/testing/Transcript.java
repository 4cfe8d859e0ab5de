package io.lumeo.testing;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// What commands answered on a real host, as text: recorded in the rig, and given again in tests
/// that have none.
///
/// ```text
/// $ lvm version
/// = 0
/// |   LVM version:     2.03.16(2) (2022-05-18)
/// ! what it said on its errors
/// ```
public final class Transcript {
  /// Where the recordings of LVM hosts are kept.
  private static final Path LVM_HOSTS = Path.of("manage/lvm/src/test/resources/io/lumeo/lvm");

  private final Map<String, CommandResult> answers = new LinkedHashMap<>();

  /// One that holds nothing yet.
  public Transcript() {}

  /// The recording of the example host by one LVM, such as `debian12.transcript`.
  public static Transcript ofLvmHost(String recording) {
    var file = fileOfLvmHost(recording);
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("record it with -Drewrite in LvmInventoryIT", e);
    }
  }

  /// Where that recording is.
  public static Path fileOfLvmHost(String recording) {
    return Repository.path(LVM_HOSTS).resolve(recording);
  }

  private static Transcript parse(String text) {
    var transcript = new Transcript();
    for (var entry : text.split("(?m)^(?=\\$ )", -1)) {
      if (!entry.isBlank()) {
        var lines = entry.lines().toList();
        transcript.answers.put(
            lines.get(0).substring(2),
            new CommandResult(
                Integer.parseInt(lines.get(1).substring(2)),
                lines(lines, "| "),
                lines(lines, "! "),
                Duration.ZERO,
                false));
      }
    }
    return transcript;
  }

  private static String lines(Iterable<String> lines, String mark) {
    var text = new StringBuilder();
    for (var line : lines) {
      if (line.startsWith(mark)) {
        text.append(line, mark.length(), line.length()).append('\n');
      }
    }
    return text.toString();
  }

  /// The host that gives the same answers again, and knows no other command.
  public Commands replay() {
    return new Commands() {
      @Override
      public String host() {
        return "recorded";
      }

      @Override
      public CommandResult run(Command command) {
        return answer(command).orElseThrow(() -> new AssertionError("not recorded: " + command));
      }
    };
  }

  /// The answer to a command, if it was recorded.
  public Optional<CommandResult> answer(Command command) {
    return Optional.ofNullable(answers.get(command.toString()));
  }

  /// A host whose answers are remembered here.
  public Commands recording(Commands host) {
    return new Commands() {
      @Override
      public String host() {
        return host.host();
      }

      @Override
      public CommandResult run(Command command) throws CommandFailure, InterruptedException {
        var answer = host.run(command);
        answers.put(command.toString(), answer);
        return answer;
      }
    };
  }

  /// The same answers with one of them changed: for what no host could be brought to say.
  public Transcript with(String commandStart, UnaryOperator<CommandResult> change) {
    var changed = new Transcript();
    changed.answers.putAll(answers);
    if (changed.answers.keySet().stream().noneMatch(command -> command.startsWith(commandStart))) {
      throw new AssertionError("not recorded: " + commandStart);
    }
    changed.answers.replaceAll(
        (command, old) -> command.startsWith(commandStart) ? change.apply(old) : old);
    return changed;
  }

  /// The output of the command that begins so.
  public String output(String commandStart) {
    return answers.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(commandStart))
        .findFirst()
        .orElseThrow(() -> new AssertionError("not recorded: " + commandStart))
        .getValue()
        .stdout();
  }

  /// Keeps the answers.
  public void write(Path file) throws IOException {
    var text =
        answers.entrySet().stream()
            .map(entry ->
                "$ %s\n= %d\n%s%s"
                    .formatted(
                        entry.getKey(),
                        entry.getValue().exit(),
                        marked("| ", entry.getValue().stdout()),
                        marked("! ", entry.getValue().stderr())))
            .collect(Collectors.joining());
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String marked(String mark, String text) {
    return text.lines().map(line -> mark + line + "\n").collect(Collectors.joining());
  }
}
