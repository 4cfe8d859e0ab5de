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
    if (verb.startsWith("grow.")) {
      return Optional.of(Event.Kind.EXTENSION);
    }
    return switch (verb) {
      case "trim" -> Optional.of(Event.Kind.TRIM);
      case "snapshot.restore" -> Optional.of(Event.Kind.RESTORE);
      case "trash.purge" -> Optional.of(Event.Kind.SNAPSHOT_DELETION);
      default -> Optional.empty();
    };
  }

  /// Whose use it changed: what it was done to, and what that draws its space from. An extension is
  /// how a group fills, and no event of it. What is gone by now may have drawn from any pool of its
  /// host; a step that a series does not have is not taken out of it.
  private static Set<String> concerned(AuditEntry entry, Event.Kind kind, Inventory inventory) {
    var uuids = new HashSet<>(entry.targets());
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
}
