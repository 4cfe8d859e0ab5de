package io.lumeo.configuration;

import java.time.Duration;
import java.util.List;

/// `trim:`.
final class TrimKeys {
  private static final Key<String> NAME =
      Key.required("name", Scalars.naming(Reading.Names.TRIM, Scalars.ID), "what messages call it");
  private static final Key<List<Selector>> VOLUMES =
      Key.required("volumes", Listing.atLeastOne(SelectorKeys.SHAPE), "what any of these selects");
  private static final Key<Duration> DEADLINE =
      Key.defaulting(
          "deadline",
          Scalars.duration(Duration.ofSeconds(1), Duration.ofDays(7)),
          Duration.ofHours(1),
          "1h",
          "how long one volume may take");

  static final Section<TrimSettings> SHAPE =
      Section.of(
          "trim",
          "When the blocks that file systems have freed return to their pools",
          TimetableKeys.between(List.of(NAME, VOLUMES), List.of(DEADLINE)),
          values ->
              new TrimSettings(
                  values.get(NAME),
                  values.get(VOLUMES),
                  TimetableKeys.make(values),
                  values.get(DEADLINE)));

  private TrimKeys() {}
}
