package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How much of its volume a file system spans, from its own tools, to the byte: a volume that is
/// larger was extended and its file system was not. What `statfs` says is no answer, as ext4 leaves
/// its tables out of it and XFS its log.
final class FileSystemSpan {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration BATCH_DEADLINE = Duration.ofMinutes(1);

  /// How many one command is asked about: an argument vector has its limits.
  private static final int BATCH = 100;

  private static final Pattern EXT_BLOCKS = Pattern.compile("(?m)^Block count:\\s+(\\d+)$");
  private static final Pattern EXT_BLOCK_BYTES = Pattern.compile("(?m)^Block size:\\s+(\\d+)$");
  private static final Pattern XFS_DATA =
      Pattern.compile("(?m)^data\\s+=\\s*bsize=(\\d+)\\s+blocks=(\\d+)");

  private FileSystemSpan() {}

  /// Whether this class knows the type.
  static boolean knows(String type) {
    return isExt(type) || type.equals("xfs");
  }

  private static boolean isExt(String type) {
    return type.matches("ext[234]");
  }

  /// Which file system is asked about.
  ///
  /// @param place the mount point of a mounted XFS, whose superblock on the device may be old; else
  ///   the device
  record Question(String type, String place) {
    private Command command() {
      return Command.of(Stream.concat(tool().stream(), Stream.of(place)).toList()).within(DEADLINE);
    }

    private List<String> tool() {
      return isExt(type) ? List.of("dumpe2fs", "-h") : List.of("xfs_info");
    }

    private OptionalLong answer(String output) {
      return isExt(type) ? ext(output) : xfs(output);
    }
  }

  /// The answers that there are. Many questions are asked by few commands, as each costs a process
  /// here and two there, on another host a round trip too; what is not answered so is asked alone.
  static Map<Question, Long> ask(HostCommands host, List<Question> questions)
      throws StorageFailure {
    var answers = new HashMap<Question, Long>();
    var byTool =
        questions.stream()
            .distinct()
            .collect(
                Collectors.groupingBy(Question::tool, LinkedHashMap::new, Collectors.toList()));
    for (var alike : byTool.values()) {
      for (int first = 0; first < alike.size(); first += BATCH) {
        var some = alike.subList(first, Math.min(alike.size(), first + BATCH));
        answers.putAll(some.size() > 1 ? together(host, some) : Map.of());
        for (var question : some) {
          if (!answers.containsKey(question)) {
            alone(host, question).ifPresent(span -> answers.put(question, span));
          }
        }
      }
    }
    return answers;
  }

  /// `find` writes the name of each place and then runs the tool on it. What the tool writes has
  /// something that a stranger chose in it, a label: so a name that comes twice is not believed,
  /// nor anything beside it.
  private static Map<Question, Long> together(HostCommands host, List<Question> questions)
      throws StorageFailure {
    var arguments = new ArrayList<>(List.of("find"));
    questions.forEach(question -> arguments.add(question.place()));
    arguments.addAll(List.of("-maxdepth", "0", "-print", "-exec"));
    arguments.addAll(questions.getFirst().tool());
    arguments.addAll(List.of("{}", ";"));
    try {
      // Its status says only whether any of them went wrong.
      var output = host.run(Command.of(arguments).within(BATCH_DEADLINE)).stdout();
      var byPlace =
          questions.stream().collect(Collectors.toMap(Question::place, q -> q, (a, b) -> a));
      return answers(output, byPlace);
    } catch (StorageFailure.CommandFailed noFind) {
      return Map.of();
    }
  }

  private static Map<Question, Long> answers(String output, Map<String, Question> byPlace) {
    var texts = new HashMap<Question, StringBuilder>();
    var text = new StringBuilder();
    for (var line : output.lines().toList()) {
      var question = byPlace.get(line);
      if (question == null) {
        text.append(line).append('\n');
      } else {
        text = new StringBuilder();
        if (texts.put(question, text) != null) {
          return Map.of();
        }
      }
    }
    var answers = new HashMap<Question, Long>();
    texts.forEach((question, said) ->
        question.answer(said.toString()).ifPresent(span -> answers.put(question, span)));
    return answers;
  }

  /// Empty when the tool is not there or does not know either.
  private static OptionalLong alone(HostCommands host, Question question) throws StorageFailure {
    try {
      var result = host.run(question.command());
      return result.succeeded() ? question.answer(result.stdout()) : OptionalLong.empty();
    } catch (StorageFailure.CommandFailed noSuchTool) {
      return OptionalLong.empty();
    }
  }

  static OptionalLong ext(String output) {
    var blocks = EXT_BLOCKS.matcher(output);
    var bytes = EXT_BLOCK_BYTES.matcher(output);
    return blocks.find() && bytes.find()
        ? OptionalLong.of(Long.parseLong(blocks.group(1)) * Long.parseLong(bytes.group(1)))
        : OptionalLong.empty();
  }

  static OptionalLong xfs(String output) {
    var data = XFS_DATA.matcher(output);
    return data.find()
        ? OptionalLong.of(Long.parseLong(data.group(1)) * Long.parseLong(data.group(2)))
        : OptionalLong.empty();
  }
}
