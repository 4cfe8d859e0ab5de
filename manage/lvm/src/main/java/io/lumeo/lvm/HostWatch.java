package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.storage.StorageFailure.Unreachable;

/// A host's commands, and whether one of them hangs inside the kernel: then the host gets no more
/// changes until somebody has looked at it, as each would hang behind the first.
final class HostWatch implements Commands {
  private final Commands commands;
  private volatile String stuck = "";

  HostWatch(Commands commands) {
    this.commands = commands;
  }

  @Override
  public String host() {
    return commands.host();
  }

  @Override
  public CommandResult run(Command command) throws CommandFailure, InterruptedException {
    try {
      return commands.run(command);
    } catch (CommandFailure.Stuck e) {
      stuck = command.toString();
      throw e;
    }
  }

  /// Guards that nothing hangs.
  void checkNotStuck() throws Unreachable {
    if (!stuck.isEmpty()) {
      throw new Unreachable(
          "%s takes no changes since a command hangs in its kernel (%s); look at dmsetup info and the kernel's log"
              .formatted(host(), stuck));
    }
  }

  /// A look at the whole host has succeeded, so LVM answers again.
  void answers() {
    stuck = "";
  }
}
