package io.lumeo.cli.operations;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.RecordedSystem;
import io.lumeo.agent.Transcript;
import io.lumeo.cli.lvm.HostOptions;
import io.lumeo.cli.lvm.HostSystems;
import io.lumeo.commands.Command;
import io.lumeo.commands.Commands;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.HostSettings.LocalLvm;
import io.lumeo.configuration.HostSettings.LumeoPool;
import io.lumeo.configuration.HostSettings.RemoteLvm;
import io.lumeo.pools.PoolSystem;
import io.lumeo.rest.DirectoryPool;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds hosts by the configuration, if there is one, and else as `ssh` does. With a configuration,
/// what is changed by hand is in its record.
///
/// A host that the configuration knows has the name and the state folder there that it has for the
/// agent, however it was named here: so both see the same plans and wait for the same locks.
public final class ConfiguredHosts implements HostSystems {
  private static final String THIS_HOST = "local";

  private final Surroundings surroundings;

  /// Hosts as these surroundings know them.
  public ConfiguredHosts(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public StorageSystem open(HostOptions options) throws StorageFailure, IOException {
    var configuration = ConfigurationFile.ifThere(options.configuration(), surroundings);
    var system = setup(options, configuration).system();
    return configuration.isEmpty() ? system : recorded(system, configuration.get());
  }

  private StorageSystem recorded(StorageSystem system, Configuration configuration)
      throws IOException {
    return new RecordedSystem(
        system,
        () -> Workplace.open(surroundings, configuration, false),
        new RecordedSystem.Author(surroundings.actor(), surroundings.author()),
        surroundings.time());
  }

  /// The host that the options name, with the way to run commands on it.
  HostSetup setup(HostOptions options) throws StorageFailure, IOException {
    return setup(options, ConfigurationFile.ifThere(options.configuration(), surroundings));
  }

  private HostSetup setup(HostOptions options, Optional<Configuration> configuration)
      throws StorageFailure {
    var settings =
        settings(options.host(), configuration.map(Configuration::hosts).orElse(List.of()));
    return setup(settings, state(options.state(), configuration), options.sudo());
  }

  /// Where plans and locks are kept.
  Path state(@Nullable Path named, Optional<Configuration> configuration) {
    if (named != null) {
      return named;
    }
    return surroundings
        .environment()
        .apply("LUMEO_STATE")
        .map(Path::of)
        .or(() -> configuration.map(Configuration::state))
        .orElse(surroundings.usualState());
  }

  private static HostSettings settings(@Nullable String wanted, List<HostSettings> hosts) {
    for (var host : hosts) {
      if (isMeant(host, wanted)) {
        return host;
      }
    }
    return wanted == null
        ? new HostSettings(THIS_HOST, new LocalLvm(Command.DEFAULT_DEADLINE))
        : new HostSettings(systemName(wanted), new RemoteLvm(wanted, Command.DEFAULT_DEADLINE));
  }

  private static boolean isMeant(HostSettings host, @Nullable String wanted) {
    if (wanted == null) {
      return host.location() instanceof LocalLvm;
    }
    return host.name().equals(wanted)
        || (host.location() instanceof RemoteLvm remote && remote.destination().equals(wanted));
  }

  /// A host as its settings say. Nothing is asked of it yet.
  ///
  /// @param state where plans and locks are kept
  HostSetup setup(HostSettings settings, Path state, boolean sudo) throws StorageFailure {
    var folder = state.toAbsolutePath();
    return switch (settings.location()) {
      case LocalLvm(var deadline) ->
          lvm(settings, surroundings.connections().local(sudo), deadline, folder);
      case RemoteLvm(var destination, var deadline) ->
          lvm(settings, surroundings.connections().ssh(destination, sudo), deadline, folder);
      case LumeoPool pool ->
          new HostSetup(
              settings,
              new PoolSystem(
                  settings.name(),
                  new DirectoryPool(pool.folder()),
                  folder,
                  surroundings.time(),
                  surroundings.random()),
              new Transcript(surroundings.connections().local(sudo), surroundings.time()));
    };
  }

  private HostSetup lvm(HostSettings settings, Commands commands, Duration deadline, Path state) {
    return HostSetup.lvm(
        settings, commands, deadline, state, surroundings.time(), surroundings.random());
  }

  /// A name for a destination, made of what a folder's name may have: no two destinations have the
  /// same, as they would share plans and locks.
  static String systemName(String destination) {
    var name = new StringBuilder("ssh-");
    for (var c : destination.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '-';
      name.append(plain ? String.valueOf((char) c) : "_%02x".formatted(c & 0xff));
    }
    return name.toString();
  }
}
