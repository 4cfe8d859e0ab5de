package io.lumeo.commands;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A program to run, and how much it may take. No shell ever sees it.
///
/// ```
/// Command.of("lvm", "lvs", "--reportformat", "json").within(Duration.ofSeconds(30))
/// ```
///
/// @param arguments the program and its arguments, at least one; none holds a NUL character
/// @param deadline how long it may run; it is killed after that
/// @param outputLimitBytes how much of each of its outputs is kept; the rest is read and dropped
/// @param input what it reads, or null for nothing: its input is closed then
/// @param environment variables beside those that every command gets, see [Commands]
public record Command(
    List<String> arguments,
    Duration deadline,
    int outputLimitBytes,
    @Nullable ByteBuffer input,
    Map<String, String> environment) {

  private static final Map<String, String> FOR_ALL =
      Map.of(
          "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LC_ALL", "C",
          "TZ", "UTC",
          "LVM_SUPPRESS_FD_WARNINGS", "1");

  /// How long a command may run unless it says otherwise.
  public static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(1);

  /// How much output is kept of a command that says nothing else: a report of 20,000 volumes fits.
  public static final int DEFAULT_OUTPUT_LIMIT_BYTES = 64 << 20;

  public Command {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
    input = input == null ? null : input.asReadOnlyBuffer();
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("a command names at least its program");
    }
    if (arguments.stream().anyMatch(Command::holdsNul)
        || environment.values().stream().anyMatch(Command::holdsNul)) {
      throw new IllegalArgumentException("an argument cannot hold a NUL: " + quoted(arguments));
    }
    if (!environment.keySet().stream().allMatch(name -> name.matches("[A-Za-z_][A-Za-z0-9_]*"))) {
      throw new IllegalArgumentException("not names of variables: " + environment.keySet());
    }
    if (deadline.isNegative() || deadline.isZero() || outputLimitBytes < 0) {
      throw new IllegalArgumentException(
          "deadline %s, output %d".formatted(deadline, outputLimitBytes));
    }
  }

  /// A program with its arguments, the default limits and no input.
  public static Command of(List<String> arguments) {
    return new Command(arguments, DEFAULT_DEADLINE, DEFAULT_OUTPUT_LIMIT_BYTES, null, Map.of());
  }

  /// A program with its arguments, the default limits and no input.
  public static Command of(String program, String... arguments) {
    var all = new ArrayList<String>();
    all.add(program);
    all.addAll(List.of(arguments));
    return of(all);
  }

  /// The same, with another deadline.
  public Command within(Duration newDeadline) {
    return new Command(arguments, newDeadline, outputLimitBytes, input, environment);
  }

  /// The same, keeping so much of each output.
  public Command keeping(int newOutputLimitBytes) {
    return new Command(arguments, deadline, newOutputLimitBytes, input, environment);
  }

  /// The same, reading `text` in UTF-8.
  public Command reading(String text) {
    return new Command(
        arguments, deadline, outputLimitBytes, ByteBuffer.wrap(text.getBytes(UTF_8)), environment);
  }

  /// The same, with one more environment variable.
  public Command with(String variable, String value) {
    var more = new TreeMap<>(environment);
    more.put(variable, value);
    return new Command(arguments, deadline, outputLimitBytes, input, more);
  }

  /// All the variables that it is run with: those that every command gets, and its own.
  public Map<String, String> wholeEnvironment() {
    var variables = new TreeMap<>(FOR_ALL);
    variables.putAll(environment);
    return variables;
  }

  /// The program's name.
  public String program() {
    return arguments.getFirst();
  }

  /// As one would type it: for messages and for people, never to be run.
  @Override
  public String toString() {
    return quoted(arguments);
  }

  private static String quoted(List<String> arguments) {
    return arguments.stream().map(ShellQuoting::readable).collect(Collectors.joining(" "));
  }

  private static boolean holdsNul(String argument) {
    return argument.indexOf('\0') >= 0;
  }
}
