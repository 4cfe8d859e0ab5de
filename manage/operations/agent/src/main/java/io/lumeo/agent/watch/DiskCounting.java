package io.lumeo.agent.watch;

import io.lumeo.agent.HostSetup;
import io.lumeo.forecasts.DiskCounters;
import io.lumeo.storage.StorageFailure;
import java.time.Instant;
import java.util.Map;

/// What the kernel has counted of each volume's requests.
@FunctionalInterface
interface DiskCounting {

  /// The counters of the volumes and pools that are active, by uuid; of a system without block
  /// devices of the kernel, none.
  ///
  /// @param inventoryAt when what is known of the host was read: a later one may mean other devices
  /// @throws StorageFailure if the host does not say
  Map<String, DiskCounters> read(HostSetup host, Instant inventoryAt) throws StorageFailure;
}
