package io.lumeo.agent;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.CommandResult;
import io.lumeo.commands.Commands;
import io.lumeo.commands.LocalCommands;
import io.lumeo.commands.SshCommands;
import io.lumeo.configuration.HostSettings;
import io.lumeo.lvm.DriverRules;
import io.lumeo.lvm.LvmSystem;
import io.lumeo.storage.StorageSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// Makes what the configuration calls hosts: the LVM of this machine, that of others behind `ssh`,
/// and Lumeo's own pools.
public final class Hosts {
  private final Path state;
  private final Path runtime;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Pools pools;

  /// Opens Lumeo's own pools, which know nothing of agents.
  @FunctionalInterface
  public interface Pools {
    /// Opens one.
    ///
    /// @param name what the configuration calls it
    /// @param folder where its files are
    StorageSystem open(String name, Path folder);
  }

  /// Nothing is asked of any host yet.
  ///
  /// @param state the folder of journals and locks
  /// @param runtime a folder with a short name, for the sockets of `ssh`
  public Hosts(Path state, Path runtime, TimeSource time, RandomGenerator random, Pools pools) {
    this.state = state;
    this.runtime = runtime;
    this.time = time;
    this.random = random;
    this.pools = pools;
  }

  /// A host as its settings say. Nothing is asked of it yet.
  public HostSetup open(HostSettings settings) {
    return switch (settings.location()) {
      case HostSettings.LocalLvm(var deadline) -> lvm(settings, local(), deadline);
      case HostSettings.RemoteLvm(var destination, var deadline) ->
          lvm(settings, remote(destination), deadline);
      case HostSettings.LumeoPool(var folder) ->
          new HostSetup(settings, pools.open(settings.name(), folder), taken(local()));
    };
  }

  private HostSetup lvm(HostSettings settings, Commands commands, Duration deadline) {
    var heard = taken(new Patient(commands, deadline));
    return new HostSetup(
        settings,
        new LvmSystem(settings.name(), heard, state, DriverRules.defaults(), time, random),
        heard);
  }

  private Commands taken(Commands commands) {
    return new Transcript(commands, time);
  }

  /// LVM needs root's rights.
  private static Commands local() {
    return isRoot(System.getProperty("user.name", ""))
        ? LocalCommands.direct()
        : LocalCommands.throughSudo();
  }

  private Commands remote(String destination) {
    var commands = SshCommands.to(destination, runtime);
    var user = destination.replaceFirst("^ssh://", "").replaceFirst("@.*$", "");
    return isRoot(user) ? commands : commands.throughSudo();
  }

  private static boolean isRoot(String user) {
    return user.equals("root");
  }

  /// Gives every command that asks for nothing else as long as the host's settings say.
  private record Patient(Commands commands, Duration deadline) implements Commands {
    @Override
    public String host() {
      return commands.host();
    }

    @Override
    public CommandResult run(Command command) throws CommandFailure, InterruptedException {
      return commands.run(
          command.deadline().equals(Command.DEFAULT_DEADLINE) ? command.within(deadline) : command);
    }
  }
}
