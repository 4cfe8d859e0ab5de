package io.lumeo.agent;

import io.lumeo.commands.Commands;
import io.lumeo.configuration.HostSettings;
import io.lumeo.storage.StorageSystem;

/// Storage that is looked after, and the means to do so.
///
/// @param commands runs programs on the host that has the storage: hooks, and what only a driver
///   would know otherwise
public record HostSetup(HostSettings settings, StorageSystem system, Commands commands) {

  /// What the configuration calls it.
  public String name() {
    return settings.name();
  }
}
