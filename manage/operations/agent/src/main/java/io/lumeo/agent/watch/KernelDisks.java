package io.lumeo.agent.watch;

import io.lumeo.agent.HostSetup;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.commands.Commands;
import io.lumeo.configuration.HostSettings;
import io.lumeo.forecasts.DiskCounters;
import io.lumeo.forecasts.DiskCounters.Named;
import io.lumeo.lvm.VolumeDevices;
import io.lumeo.storage.StorageFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// The counters of LVM's volumes, from `/proc/diskstats`. Which device is which volume is asked
/// anew only when other devices have come, or the host was read again: a poll is one short command.
///
/// Safe for use by several threads.
final class KernelDisks implements DiskCounting {
  private static final Command STATISTICS =
      Command.of("cat", "/proc/diskstats").within(Duration.ofSeconds(20));

  private final Map<String, Devices> known = new ConcurrentHashMap<>();

  /// @param numbers of all block devices that there were
  /// @param volumes number of a device → uuid
  private record Devices(Instant inventoryAt, Set<String> numbers, Map<String, String> volumes) {}

  @Override
  public Map<String, DiskCounters> read(HostSetup host, Instant inventoryAt) throws StorageFailure {
    return switch (host.settings().location()) {
      case HostSettings.LocalLvm _, HostSettings.RemoteLvm _ -> ofVolumes(host, inventoryAt);
      case HostSettings.LumeoPool _ -> Map.of();
    };
  }

  private Map<String, DiskCounters> ofVolumes(HostSetup host, Instant inventoryAt)
      throws StorageFailure {
    var lines = statistics(host.commands());
    var numbers = lines.stream().map(Named::device).collect(Collectors.toSet());
    var devices = known.get(host.name());
    if (devices == null
        || !devices.numbers().equals(numbers)
        || !devices.inventoryAt().equals(inventoryAt)) {
      devices = new Devices(inventoryAt, numbers, VolumeDevices.read(host.commands()));
      known.put(host.name(), devices);
    }
    var counters = new HashMap<String, DiskCounters>();
    for (var line : lines) {
      var volume = devices.volumes().get(line.device());
      if (volume != null) {
        counters.put(volume, line.counters());
      }
    }
    return counters;
  }

  private static List<Named> statistics(Commands commands) throws StorageFailure {
    try {
      var result = commands.run(STATISTICS);
      if (!result.succeeded()) {
        throw new StorageFailure.CommandFailed(
            "%s on %s ended with status %d: %s"
                .formatted(STATISTICS, commands.host(), result.exit(), result.complaint()));
      }
      return result.stdout().lines().map(DiskCounters::parseDiskstats).toList();
    } catch (CommandFailure e) {
      throw new StorageFailure.CommandFailed(String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new StorageFailure.CommandFailed(
          "/proc/diskstats of %s is not as expected: %s".formatted(commands.host(), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageFailure.Cancelled(
          "%s on %s was interrupted".formatted(STATISTICS, commands.host()));
    }
  }
}
