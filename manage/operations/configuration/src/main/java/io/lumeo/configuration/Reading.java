package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// What is noted while a configuration is read: mistakes, the names that are given, and what refers
/// to them. Names may be referred to before they are given, so references are looked at in the end.
final class Reading {
  private final List<Mistake> mistakes;
  private final Map<Names, Map<String, Place>> given = new EnumMap<>(Names.class);
  private final List<Reference> references = new ArrayList<>();
  private final List<GrowthClaim> growth = new ArrayList<>();
  private final Map<String, String> withoutReports = new LinkedHashMap<>();
  private final List<Carrier> carriers = new ArrayList<>();

  /// What has a name that others refer to.
  enum Names {
    HOST("host"),
    POLICY("policy"),
    GROWTH("growth rule"),
    TRIM("trim rule"),
    CHANNEL("channel"),
    REPORT("report");

    private final String word;

    Names(String word) {
      this.word = word;
    }
  }

  private record Reference(
      Names names, String text, Predicate<String> matches, Place place, String path) {}

  private record Carrier(String channel, Place place, String path) {}

  Reading(List<Mistake> mistakes) {
    this.mistakes = mistakes;
  }

  void mistake(Place place, String path, String message) {
    mistakes.add(new Mistake(place.file(), place.line(), place.column(), path, message));
  }

  int mistakeCount() {
    return mistakes.size();
  }

  /// Notes that something is called `name`; two of one kind cannot be.
  void give(Names names, String name, Place place, String path) {
    var first = given.computeIfAbsent(names, any -> new LinkedHashMap<>()).putIfAbsent(name, place);
    if (first != null) {
      mistake(
          place,
          path,
          "there is already a %s '%s', at %s; give this one another name"
              .formatted(names.word, Words.shown(name), first));
    }
  }

  /// Notes that `text` must match at least one name that is given somewhere.
  void refer(Names names, String text, Predicate<String> matches, Place place, String path) {
    references.add(new Reference(names, text, matches, place, path));
  }

  void claim(GrowthClaim claim) {
    growth.add(claim);
  }

  /// Notes that a report is to go to `channel`.
  void carryReports(String channel, Place place, String path) {
    carriers.add(new Carrier(channel, place, path));
  }

  void cannotCarryReports(String channel, String why) {
    withoutReports.put(channel, why);
  }

  /// Looks at everything that needs the whole.
  void end() {
    for (var reference : references) {
      var known = given.getOrDefault(reference.names(), Map.of()).keySet();
      if (known.stream().noneMatch(reference.matches())) {
        mistake(
            reference.place(),
            reference.path(),
            "there is no %s '%s'%s"
                .formatted(
                    reference.names().word,
                    Words.shown(reference.text()),
                    Words.suggestion(reference.text(), known)));
      }
    }
    for (var carrier : carriers) {
      var why = withoutReports.get(carrier.channel());
      if (why != null) {
        mistake(carrier.place(), carrier.path(), why);
      }
    }
    GrowthClaim.contradictions(growth, this);
  }
}
