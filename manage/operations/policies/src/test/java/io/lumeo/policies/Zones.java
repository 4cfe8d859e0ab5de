package io.lumeo.policies;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Every zone that the JDK knows, over ten years. Zones whose clocks agree at every instant of
/// these years are one behaviour under many names, and one of them stands for all.
final class Zones {
  static final Instant BEGIN = Instant.parse("2020-01-01T00:00:00Z");
  static final Instant END = Instant.parse("2030-01-01T00:00:00Z");

  private Zones() {}

  private record Behaviour(ZoneOffset first, List<ZoneOffsetTransition> transitions) {}

  static Set<String> all() {
    return new TreeSet<>(ZoneId.getAvailableZoneIds());
  }

  static List<ZoneId> distinct() {
    var zones = new LinkedHashMap<Behaviour, ZoneId>();
    for (var name : all()) {
      var zone = ZoneId.of(name);
      zones.putIfAbsent(behaviour(zone), zone);
    }
    return List.copyOf(zones.values());
  }

  static ZoneId representative(ZoneId zone) {
    return distinct().stream()
        .filter(candidate -> behaviour(candidate).equals(behaviour(zone)))
        .findFirst()
        .orElseThrow();
  }

  static List<ZoneOffsetTransition> transitions(ZoneId zone) {
    var transitions = new ArrayList<ZoneOffsetTransition>();
    var rules = zone.getRules();
    for (var next = rules.nextTransition(BEGIN);
        next != null && next.getInstant().isBefore(END);
        next = rules.nextTransition(next.getInstant())) {
      transitions.add(next);
    }
    return transitions;
  }

  private static Behaviour behaviour(ZoneId zone) {
    return new Behaviour(zone.getRules().getOffset(BEGIN), transitions(zone));
  }
}
