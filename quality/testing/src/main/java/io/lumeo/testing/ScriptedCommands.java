package io.lumeo.testing;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A host that a test answers for, and that can be as unreliable as one is told by a seed: commands
/// fail, hang, are killed, answer garbage or lose their connection, before or after they did what
/// they are for.
///
/// ```
/// var host = ScriptedCommands.answering(model::run).unreliable(new Random(seed), 0.1);
/// ```
///
/// Safe for use by several threads if the script is.
public final class ScriptedCommands implements Commands {

  /// What a host does in place of this one: changes what it has, and answers.
  @FunctionalInterface
  public interface Script {
    CommandResult run(Command command) throws CommandFailure, InterruptedException;
  }

  /// What can go wrong with one command.
  public enum Mishap {
    /// It does nothing and says that it failed.
    FAILS,
    /// It could not be started.
    IS_NOT_STARTED,
    /// It does nothing until its deadline.
    HANGS,
    /// It does what it is for, and then nothing until its deadline.
    HANGS_AFTERWARDS,
    /// It waits in the kernel, has done nothing and cannot be killed.
    IS_STUCK,
    /// Somebody kills it before it has done anything.
    IS_KILLED,
    /// Somebody kills it after it has done what it is for.
    IS_KILLED_AFTERWARDS,
    /// It does what it is for, and its answer is bytes without sense.
    ANSWERS_GARBAGE,
    /// It does what it is for, and its answer breaks off in the middle.
    ANSWERS_HALF,
    /// The host cannot be reached.
    IS_NOT_REACHED,
    /// It does what it is for, and the connection is lost.
    LOSES_CONNECTION,
    /// The thread that waits for it is interrupted; it has done what it is for.
    IS_INTERRUPTED
  }

  private static final int FAILED = 5;
  private static final int KILLED = 128 + 9;

  private final Script script;
  private final Random random;
  private final double probability;
  private final List<Mishap> mishaps;
  private final List<Command> ran = new CopyOnWriteArrayList<>();
  private final List<Mishap> happened = new CopyOnWriteArrayList<>();

  private ScriptedCommands(Script script, Random random, double probability, Set<Mishap> mishaps) {
    this.script = script;
    this.random = random;
    this.probability = probability;
    this.mishaps = List.copyOf(mishaps);
  }

  /// A reliable host.
  public static ScriptedCommands answering(Script script) {
    return new ScriptedCommands(script, new Random(0), 0, EnumSet.allOf(Mishap.class));
  }

  /// The same, where something goes wrong with each command by this probability, 0 to 1.
  public ScriptedCommands unreliable(Random random, double probability) {
    return new ScriptedCommands(script, random, probability, EnumSet.allOf(Mishap.class));
  }

  /// The same, where only these go wrong.
  public ScriptedCommands with(Set<Mishap> only) {
    return new ScriptedCommands(script, random, probability, only);
  }

  /// An answer of status 0.
  public static CommandResult success(String stdout) {
    return new CommandResult(0, stdout, "", Duration.ZERO, false);
  }

  /// An answer of another status.
  public static CommandResult failure(int exit, String stderr) {
    return new CommandResult(exit, "", stderr, Duration.ZERO, false);
  }

  /// What was asked for so far, whatever became of it.
  public List<Command> ran() {
    return List.copyOf(ran);
  }

  /// What went wrong so far.
  public List<Mishap> happened() {
    return List.copyOf(happened);
  }

  @Override
  public String host() {
    return "scripted";
  }

  @Override
  public CommandResult run(Command command) throws CommandFailure, InterruptedException {
    ran.add(command);
    var mishap = draw();
    return mishap == null ? script.run(command) : run(command, mishap);
  }

  private synchronized @Nullable Mishap draw() {
    if (random.nextDouble() >= probability) {
      return null;
    }
    var mishap = mishaps.get(random.nextInt(mishaps.size()));
    happened.add(mishap);
    return mishap;
  }

  private CommandResult run(Command command, Mishap mishap)
      throws CommandFailure, InterruptedException {
    return switch (mishap) {
      case FAILS -> failure(FAILED, "it failed because the test wants it");
      case IS_NOT_STARTED ->
          throw new CommandFailure.NotStarted(command + " could not be started: the test's doing");
      case HANGS -> throw timedOut(command);
      case HANGS_AFTERWARDS -> {
        script.run(command);
        throw timedOut(command);
      }
      case IS_STUCK ->
          throw new CommandFailure.Stuck(command + " cannot be killed: the test's doing");
      case IS_KILLED -> failure(KILLED, "");
      case IS_KILLED_AFTERWARDS -> {
        script.run(command);
        yield failure(KILLED, "");
      }
      case ANSWERS_GARBAGE -> answer(script.run(command), garbage());
      case ANSWERS_HALF -> {
        var answer = script.run(command);
        yield answer(answer, answer.stdout().substring(0, answer.stdout().length() / 2));
      }
      case IS_NOT_REACHED ->
          throw new CommandFailure.Unreachable("the host is not reached: the test's doing");
      case LOSES_CONNECTION -> {
        script.run(command);
        throw new CommandFailure.Unreachable("the connection is lost: the test's doing");
      }
      case IS_INTERRUPTED -> {
        script.run(command);
        throw new InterruptedException("the test's doing");
      }
    };
  }

  private static CommandFailure timedOut(Command command) {
    return new CommandFailure.TimedOut(command + " was ended after its deadline: the test's doing");
  }

  private static CommandResult answer(CommandResult answer, String stdout) {
    return new CommandResult(
        answer.exit(), stdout, answer.stderr(), answer.duration(), answer.truncated());
  }

  private synchronized String garbage() {
    var letters = new char[random.nextInt(200)];
    for (int i = 0; i < letters.length; i++) {
      letters[i] = (char) random.nextInt(256);
    }
    return new String(letters);
  }
}
