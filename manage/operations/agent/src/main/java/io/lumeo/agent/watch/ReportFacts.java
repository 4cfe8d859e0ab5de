package io.lumeo.agent.watch;

import io.lumeo.agent.Trouble;
import io.lumeo.alerts.Notice;
import io.lumeo.audit.AuditRecord;
import io.lumeo.configuration.Configuration;
import io.lumeo.forecasts.Baseline;
import io.lumeo.forecasts.Sample;
import io.lumeo.storage.Inventory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All that a report is made of. A value.
///
/// @param hosts what is known of each host that was looked at
/// @param outlooks what is foreseen, by host
/// @param histories what pools used, by uuid
/// @param standings how policies are doing, by host
/// @param standing the alerts that fire and are not silenced
/// @param troubles what the agent could not do
/// @param records what was done in the time of the report
record ReportFacts(
    Configuration configuration,
    List<Watched> hosts,
    Map<String, HostOutlook> outlooks,
    Map<String, List<Sample>> histories,
    Map<String, List<PolicyObservations.Standing>> standings,
    List<Notice> standing,
    List<Trouble> troubles,
    List<AuditRecord> records,
    Habits habits) {

  /// What is usual for a volume.
  @FunctionalInterface
  interface Habits {
    Baseline.@Nullable Usual usual(String host, String uuid, Instant at);
  }

  Optional<Watched> host(String name) {
    return hosts.stream().filter(host -> host.host().equals(name)).findFirst();
  }

  /// The name that people know a uuid by; the uuid itself of what is gone.
  String name(String uuid) {
    for (var host : hosts) {
      var inventory = host.inventory();
      if (inventory != null) {
        var name = name(inventory, uuid);
        if (name.isPresent()) {
          return name.get();
        }
      }
    }
    return uuid;
  }

  private static Optional<String> name(Inventory inventory, String uuid) {
    var pool = inventory.pools().stream().filter(any -> any.uuid().equals(uuid)).findFirst();
    return pool.isPresent()
        ? pool.map(any -> Names.of(inventory, any))
        : inventory.volumes().stream()
            .filter(any -> any.uuid().equals(uuid))
            .findFirst()
            .map(any -> Names.of(inventory, any));
  }
}
