package io.lumeo.agent;

import io.lumeo.audit.Executed;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/// Takes down which commands are run while something is done, so that the record holds what was
/// really executed and not what was planned.
///
/// Safe for use by several threads: each hears what is done on its own behalf only.
public final class Transcript implements Commands {
  private static final ScopedValue<Page> PAGE = ScopedValue.newInstance();

  private final Commands commands;
  private final TimeSource time;

  /// Where commands are written down.
  ///
  /// @param wanted which are worth it, by their arguments
  record Page(Predicate<List<String>> wanted, List<Executed> lines) {
    static Page of(Predicate<List<String>> wanted) {
      return new Page(wanted, new CopyOnWriteArrayList<>());
    }
  }

  /// The same commands, taken down.
  public Transcript(Commands commands, TimeSource time) {
    this.commands = commands;
    this.time = time;
  }

  /// Does something whose commands are to be taken down on `page`.
  static <T, X extends Throwable> T during(Page page, ScopedValue.CallableOp<T, X> work) throws X {
    return ScopedValue.where(PAGE, page).call(work);
  }

  @Override
  public String host() {
    return commands.host();
  }

  @Override
  public CommandResult run(Command command) throws CommandFailure, InterruptedException {
    if (!PAGE.isBound() || !PAGE.get().wanted().test(command.arguments())) {
      return commands.run(command);
    }
    var began = time.nanos();
    var exit = -1;
    try {
      var result = commands.run(command);
      exit = result.exit();
      return result;
    } finally {
      PAGE.get()
          .lines()
          .add(new Executed(command.arguments(), exit, Duration.ofNanos(time.nanos() - began)));
    }
  }
}
