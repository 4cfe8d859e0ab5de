package io.lumeo.agent;

import io.lumeo.commands.Commands;
import io.lumeo.configuration.HostSettings;
import io.lumeo.lvm.DriverRules;
import io.lumeo.lvm.LvmSystem;
import io.lumeo.storage.StorageSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// Storage that is looked after, and the means to do so.
///
/// @param commands runs programs on the host that has the storage: hooks, and what only a driver
///   would know otherwise
public record HostSetup(HostSettings settings, StorageSystem system, Commands commands) {

  /// The LVM of a host. Nothing is asked of it yet.
  ///
  /// A host keeps the backups of its groups' metadata itself: this one in `state`, another one
  /// where it has its state if nobody says otherwise.
  ///
  /// @param commands as they are run on it
  /// @param deadline how long a command may take that asks for nothing else
  /// @param state the folder, here, of journals and locks
  /// @param random for the names of plans
  public static HostSetup lvm(
      HostSettings settings,
      Commands commands,
      Duration deadline,
      Path state,
      TimeSource time,
      RandomGenerator random) {
    var rules =
        settings.location() instanceof HostSettings.LocalLvm
            ? DriverRules.keepingStateIn(state)
            : DriverRules.defaults();
    var heard = new Transcript(new Patient(commands, deadline), time);
    return new HostSetup(
        settings, new LvmSystem(settings.name(), heard, state, rules, time, random), heard);
  }

  /// What the configuration calls it.
  public String name() {
    return settings.name();
  }
}
