package io.lumeo.agent.watch;

import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditRecord;
import io.lumeo.audit.AuditResult;
import io.lumeo.forecasts.Event;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the record of what was done says to forecasts: steps that will not happen again. Pure.
final class AuditEvents {
  private AuditEvents() {}

  /// The verbs of what a person did by hand.
  private static final String BY_HAND = "lvm.";

  /// The events of a host's pools and volumes, by uuid.
  static Map<String, List<Event>> of(List<AuditRecord> records, Inventory inventory) {
    var events = new HashMap<String, List<Event>>();
    for (var record : records) {
      var entry = record.entry();
      var kind = kind(entry.verb());
      if (kind.isEmpty() || !happened(entry.result())) {
        continue;
      }
      var event = new Event(record.time(), kind.get());
      for (var uuid : concerned(entry, kind.get(), inventory)) {
        events.computeIfAbsent(uuid, any -> new ArrayList<>()).add(event);
      }
    }
    return events;
  }

  private static boolean happened(AuditResult result) {
    return result == AuditResult.DONE || result == AuditResult.PARTIAL;
  }

  /// What a verb does to what is used; the line that is written before a change does nothing.
  private static Optional<Event.Kind> kind(String verb) {
    return switch (verb) {
      case "grow.delegate" -> Optional.empty(); // it only says who is to extend
      case "trim", BY_HAND + "trim" -> Optional.of(Event.Kind.TRIM);
      case "snapshot.restore", BY_HAND + "roll-back" -> Optional.of(Event.Kind.RESTORE);
      case "trash.purge", BY_HAND + "purge" -> Optional.of(Event.Kind.SNAPSHOT_DELETION);
      case BY_HAND + "grow-file-system" -> Optional.of(Event.Kind.EXTENSION);
      default ->
          verb.startsWith("grow.") || verb.startsWith(BY_HAND + "extend-")
              ? Optional.of(Event.Kind.EXTENSION)
              : Optional.empty();
    };
  }

  /// Whose use it changed: what it was done to, and what that draws its space from. An extension is
  /// how a group fills, and no event of it. What is gone by now may have drawn from any pool of its
  /// host; a step that a series does not have is not taken out of it.
  private static Set<String> concerned(AuditEntry entry, Event.Kind kind, Inventory inventory) {
    var uuids = new HashSet<>(entry.targets());
    if (entry.verb().startsWith(BY_HAND)) {
      entry.targets().forEach(target -> uuids.addAll(within(target, inventory)));
      return uuids;
    }
    if (kind == Event.Kind.EXTENSION) {
      return uuids;
    }
    for (var target : entry.targets()) {
      var volume = inventory.volume(target);
      if (volume.isPresent()) {
        uuids.add(volume.get().pool());
      } else if (entry.reason().startsWith(inventory.system() + ": ")) {
        inventory.pools().stream()
            .filter(pool -> pool.kind() != Pool.Kind.VOLUME_GROUP)
            .forEach(pool -> uuids.add(pool.uuid()));
      }
    }
    return uuids;
  }

  /// Of what was done by hand only the group is recorded, so it may concern whatever lies in it.
  private static Set<String> within(String group, Inventory inventory) {
    var uuids = new HashSet<String>();
    var pools = new HashSet<String>();
    inventory.pool(group).ifPresent(pool -> pools.add(pool.uuid()));
    for (var pool : inventory.pools()) {
      if (pool.parent() != null && pools.contains(pool.parent())) {
        uuids.add(pool.uuid());
      }
    }
    pools.addAll(uuids);
    inventory.volumes().stream()
        .filter(volume -> pools.contains(volume.pool()))
        .forEach(volume -> uuids.add(volume.uuid()));
    return uuids;
  }
}
