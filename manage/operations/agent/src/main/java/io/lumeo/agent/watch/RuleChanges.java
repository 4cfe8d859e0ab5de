package io.lumeo.agent.watch;

import io.lumeo.configuration.ConfigurationHistory;
import io.lumeo.configuration.ConfigurationHistory.Version;
import io.lumeo.configuration.ConfigurationReader;
import io.lumeo.configuration.PolicySettings;
import io.lumeo.configuration.ReadResult;
import io.lumeo.configuration.RetentionSettings;
import io.lumeo.configuration.Selector;
import io.lumeo.configuration.SnapshotSettings;
import io.lumeo.configuration.TimetableSettings;
import io.lumeo.forecasts.Event;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.state.Database;
import io.lumeo.storage.Inventory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// When the rules changed by which pools fill, by the history of the configuration: a policy with
/// another schedule, retention or choice of volumes, one that is new or gone. Safe for use by
/// several threads.
final class RuleChanges {
  private final Database database;

  /// What was read of each version, as versions never change; nothing of one that this program does
  /// not take.
  private final Map<Integer, Optional<Map<String, Rules>>> known = new ConcurrentHashMap<>();

  /// What of a policy decides how many snapshots there are. What people call it, whom it tells and
  /// how it is verified does not.
  private record Rules(
      List<Selector> volumes,
      List<Selector> except,
      TimetableSettings timetable,
      RetentionSettings retention,
      SnapshotSettings snapshot) {
    static Rules of(PolicySettings policy) {
      return new Rules(
          policy.volumes(),
          policy.except(),
          policy.timetable(),
          policy.retention(),
          policy.snapshot());
    }
  }

  /// @param database the state file, open for reading at least
  RuleChanges(Database database) {
    this.database = database;
  }

  /// The changes since `from`, by the uuids of the pools that hold snapshots of the policies that
  /// changed.
  Map<String, List<Event>> events(Inventory inventory, Instant from) {
    var events = new HashMap<String, List<Event>>();
    changes(from)
        .forEach((at, policies) ->
            pools(inventory, policies)
                .forEach(pool ->
                    events
                        .computeIfAbsent(pool, _ -> new ArrayList<>())
                        .add(new Event(at, Event.Kind.NEW_RULES))));
    return events;
  }

  /// Which policies changed, and when.
  private Map<Instant, Set<String>> changes(Instant from) {
    var changes = new HashMap<Instant, Set<String>>();
    if (!ConfigurationHistory.isIn(database)) {
      return changes;
    }
    var history = ConfigurationHistory.view(database);
    var versions = history.versions();
    for (var i = 0; i + 1 < versions.size() && !versions.get(i).time().isBefore(from); i++) {
      var changed = changed(rules(history, versions.get(i + 1)), rules(history, versions.get(i)));
      if (!changed.isEmpty()) {
        changes.put(versions.get(i).time(), changed);
      }
    }
    return changes;
  }

  private Optional<Map<String, Rules>> rules(ConfigurationHistory history, Version version) {
    return known.computeIfAbsent(
        version.number(),
        number ->
            switch (new ConfigurationReader().read(history.sources(number).orElse(List.of()))) {
              case ReadResult.Valid(var configuration) ->
                  Optional.of(
                      configuration.policies().stream()
                          .filter(PolicySettings::enabled)
                          .collect(Collectors.toUnmodifiableMap(PolicySettings::id, Rules::of)));
              case ReadResult.Refused _ -> Optional.empty();
            });
  }

  private static Set<String> changed(
      Optional<Map<String, Rules>> before, Optional<Map<String, Rules>> after) {
    if (before.isEmpty() || after.isEmpty()) {
      return Set.of();
    }
    var ids = new HashSet<>(before.get().keySet());
    ids.addAll(after.get().keySet());
    ids.removeIf(id -> Objects.equals(before.get().get(id), after.get().get(id)));
    return ids;
  }

  private static Set<String> pools(Inventory inventory, Set<String> policies) {
    return inventory.volumes().stream()
        .filter(volume -> {
          var run = SnapshotTags.run(volume.tags());
          return run != null && policies.contains(run.policy());
        })
        .map(volume -> volume.pool())
        .collect(Collectors.toUnmodifiableSet());
  }
}
