package io.lumeo.cli.operations;

import io.lumeo.cli.lvm.HostOptions;
import io.lumeo.cli.lvm.HostSystems;
import io.lumeo.commands.Commands;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.HostSettings.LocalLvm;
import io.lumeo.configuration.HostSettings.Location;
import io.lumeo.configuration.HostSettings.LumeoPool;
import io.lumeo.configuration.HostSettings.RemoteLvm;
import io.lumeo.lvm.DriverRules;
import io.lumeo.lvm.LvmSystem;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds hosts by the configuration, if there is one, and else as `ssh` does.
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

  /// @param isHere whether it is this host, which has the state folder
  private record Target(String name, Commands commands, boolean isHere) {}

  private static DriverRules rules(Path backups) {
    var usual = DriverRules.defaults();
    return new DriverRules(
        usual.reservePercent(),
        backups,
        usual.backupsKept(),
        usual.backupDays(),
        usual.runtimeFolder());
  }

  @Override
  public StorageSystem open(HostOptions options) throws StorageFailure, IOException {
    var configuration = ConfigurationFile.ifThere(options.configuration(), surroundings);
    var target = target(options, configuration.map(Configuration::hosts).orElse(List.of()));
    var state = state(options.state(), configuration).toAbsolutePath();
    return new LvmSystem(
        target.name(),
        target.commands(),
        state,
        target.isHere() ? rules(state.resolve("vgcfg")) : DriverRules.defaults(),
        surroundings.clock(),
        surroundings.random());
  }

  private Path state(@Nullable Path named, Optional<Configuration> configuration) {
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

  private Target target(HostOptions options, List<HostSettings> hosts) throws StorageFailure {
    var wanted = options.host();
    for (var host : hosts) {
      if (isMeant(host, wanted)) {
        return new Target(
            host.name(),
            commands(host.location(), host.name(), options.sudo()),
            host.location() instanceof LocalLvm);
      }
    }
    return wanted == null
        ? new Target(THIS_HOST, surroundings.connections().local(options.sudo()), true)
        : new Target(
            systemName(wanted), surroundings.connections().ssh(wanted, options.sudo()), false);
  }

  private static boolean isMeant(HostSettings host, @Nullable String wanted) {
    if (wanted == null) {
      return host.location() instanceof LocalLvm;
    }
    return host.name().equals(wanted)
        || (host.location() instanceof RemoteLvm remote && remote.destination().equals(wanted));
  }

  private Commands commands(Location location, String name, boolean sudo) throws StorageFailure {
    return switch (location) {
      case LocalLvm _ -> surroundings.connections().local(sudo);
      case RemoteLvm remote -> surroundings.connections().ssh(remote.destination(), sudo);
      case LumeoPool pool ->
          throw new StorageFailure.Unsupported(
              "'%s' is a pool of Lumeo's own; say 'lumeo pool show --dir %s' and its like"
                  .formatted(name, pool.folder()));
    };
  }

  /// A name for a destination, made of what a folder's name may have: no two destinations have the
  /// same, as they would share plans and locks.
  static String systemName(String destination) {
    var name = new StringBuilder("ssh-");
    for (var c : destination.getBytes(StandardCharsets.UTF_8)) {
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '.'
          || c == '-') {
        name.append((char) c);
      } else {
        name.append("_%02x".formatted(c & 0xff));
      }
    }
    return name.toString();
  }
}
