package io.lumeo.configuration;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `alerts:`.
final class AlertKeys {
  private static final Key<List<String>> CHANNELS =
      Key.defaulting(
          "channels",
          Listing.of(Scalars.reference(Reading.Names.CHANNEL)),
          List.of(),
          "[]",
          "where alerts go, by name of channel");
  private static final Key<Duration> REPEAT =
      Key.defaulting(
          "repeat",
          Scalars.duration(Duration.ofMinutes(1), Duration.ofDays(365)),
          Duration.ofHours(4),
          "4h",
          "after how long an alert that still holds is told again");

  private static final Map<AlertRule, Key<AlertSettings.Rule>> RULES = rules();
  private static final Key<Map<AlertRule, AlertSettings.Rule>> RULES_KEY =
      Key.defaulting(
          "rules",
          Section.of(
              "rules",
              "What is worth an alert, where it is not as usual",
              List.copyOf(RULES.values()),
              AlertKeys::writtenRules),
          Map.of(),
          "{}",
          "what is worth an alert, where it is not as usual");

  private static final Key<Glob> HOST =
      Key.defaulting(
          "host", Scalars.references(Reading.Names.HOST), Glob.ANY, "'*'", "which hosts, by name");
  private static final Key<Glob> OBJECT =
      Key.defaulting(
          "object", Scalars.PATH_GLOB, Glob.ANY, "'*'", "which pools or volumes, by name");
  private static final Key<Glob> RULE =
      Key.defaulting("rule", rulePattern(), Glob.ANY, "'*'", "which rules");
  private static final Key<Instant> FROM =
      Key.optional("from", Scalars.MOMENT, "since when (default: always)");
  private static final Key<Instant> UNTIL =
      Key.required("until", Scalars.MOMENT, "until when; a silence without an end is forgotten");
  private static final Key<String> AUTHOR = Key.required("author", Scalars.PROSE, "who wanted it");
  private static final Key<String> REASON = Key.required("reason", Scalars.PROSE, "why");
  private static final Key<List<AlertSettings.Silence>> SILENCES =
      Key.defaulting(
          "silences",
          Listing.of(
              Section.of(
                      "silence",
                      "A time in which some alerts are not told",
                      List.of(HOST, OBJECT, RULE, FROM, UNTIL, AUTHOR, REASON),
                      values ->
                          new AlertSettings.Silence(
                              values.get(HOST),
                              values.get(OBJECT),
                              values.get(RULE),
                              values.find(FROM),
                              values.get(UNTIL),
                              values.get(AUTHOR),
                              values.get(REASON)))
                  .checked(AlertKeys::endsAfterItsBegin)),
          List.of(),
          "[]",
          "times in which some alerts are not told");

  static final Section<AlertSettings> SHAPE =
      Section.of(
          "alerts",
          "What is worth telling, to whom, and when not",
          List.of(CHANNELS, REPEAT, RULES_KEY, SILENCES),
          values ->
              new AlertSettings(
                  values.get(CHANNELS),
                  values.get(REPEAT),
                  values.get(RULES_KEY),
                  values.get(SILENCES)));

  static final AlertSettings STANDARD =
      new AlertSettings(List.of(), Duration.ofHours(4), Map.of(), List.of());

  private AlertKeys() {}

  private static Map<AlertRule, Key<AlertSettings.Rule>> rules() {
    var keys = new LinkedHashMap<AlertRule, Key<AlertSettings.Rule>>();
    for (var rule : AlertRule.values()) {
      keys.put(rule, Key.optional(rule.id(), rule(rule), "when " + rule.about()));
    }
    return keys;
  }

  /// The keys that make sense for one rule: a level only where it has one, in its own unit.
  private static Section<AlertSettings.Rule> rule(AlertRule rule) {
    var enabled = Key.defaulting("enabled", Scalars.TRUTH, true, "true", "whether it is looked at");
    var warning = level(rule, "warning", rule.warning());
    var critical = level(rule, "critical", rule.critical());
    var holdsFor =
        Key.optional("for", Scalars.DURATION, "how long it must be so before it is said");
    var channels =
        Key.defaulting(
            "channels",
            Listing.of(Scalars.reference(Reading.Names.CHANNEL)),
            List.of(),
            "those of all alerts",
            "where these alerts go instead");
    var keys = new ArrayList<Key<?>>(List.of(enabled));
    warning.ifPresent(keys::add);
    critical.ifPresent(keys::add);
    keys.addAll(List.of(holdsFor, channels));
    return Section.of(
            "rule-" + rule.id(),
            "When " + rule.about(),
            keys,
            values ->
                new AlertSettings.Rule(
                    values.get(enabled),
                    warning.filter(values::isWritten).map(values::get),
                    critical.filter(values::isWritten).map(values::get),
                    values.find(holdsFor),
                    values.get(channels)))
        .checked((values, reading) -> {
          if (warning.isPresent() && critical.isPresent()) {
            criticalIsWorse(rule, warning.get(), critical.get(), values, reading);
          }
        });
  }

  private static Optional<Key<AlertRule.Level>> level(
      AlertRule rule, String name, Optional<AlertRule.Level> standard) {
    return standard.map(level ->
        switch (level) {
          case AlertRule.Level.Percent(var percent) ->
              Key.defaulting(
                  name,
                  Scalars.map(Scalars.share(1, 100), value -> new AlertRule.Level.Percent(value)),
                  level,
                  percent + "%",
                  (rule.falls() ? "how little is left" : "how full") + " for a " + name);
          case AlertRule.Level.Time(var time) ->
              Key.defaulting(
                  name,
                  Scalars.map(Scalars.DURATION, value -> new AlertRule.Level.Time(value)),
                  level,
                  Scalars.text(time),
                  rule.falls() ? "how much time is left for a " + name : "how long for a " + name);
        });
  }

  private static void criticalIsWorse(
      AlertRule rule,
      Key<AlertRule.Level> warning,
      Key<AlertRule.Level> critical,
      Values values,
      Reading reading) {
    var first = values.find(warning);
    var second = values.find(critical);
    if (first.isPresent() && second.isPresent()) {
      var order = compare(first.get(), second.get());
      if (rule.falls() ? order < 0 : order > 0) {
        var key = values.isWritten(warning) ? warning : critical;
        reading.mistake(
            values.place(key),
            Section.join(values.path(), key.name()),
            "the warning of %s at %s comes after the critical alert at %s"
                .formatted(rule.id(), text(first.get()), text(second.get())));
      }
    }
  }

  private static int compare(AlertRule.Level one, AlertRule.Level other) {
    return switch (one) {
      case AlertRule.Level.Percent(var percent) ->
          other instanceof AlertRule.Level.Percent(var most) ? Integer.compare(percent, most) : 0;
      case AlertRule.Level.Time(var time) ->
          other instanceof AlertRule.Level.Time(var longest) ? time.compareTo(longest) : 0;
    };
  }

  private static String text(AlertRule.Level level) {
    return switch (level) {
      case AlertRule.Level.Percent(var percent) -> percent + "%";
      case AlertRule.Level.Time(var time) -> Scalars.text(time);
    };
  }

  private static Map<AlertRule, AlertSettings.Rule> writtenRules(Values values) {
    var written = new EnumMap<AlertRule, AlertSettings.Rule>(AlertRule.class);
    RULES.forEach((rule, key) -> values.find(key).ifPresent(said -> written.put(rule, said)));
    return java.util.Collections.unmodifiableMap(written);
  }

  private static Scalar<Glob> rulePattern() {
    return Scalars.GLOB.meaning((glob, yaml, path, reading) -> {
      var ids = java.util.Arrays.stream(AlertRule.values()).map(AlertRule::id).toList();
      if (ids.stream().noneMatch(glob::matches)) {
        throw new WrongValue("is no rule" + Words.suggestion(glob.text(), ids));
      }
    });
  }

  private static void endsAfterItsBegin(Values values, Reading reading) {
    var from = values.find(FROM);
    var until = values.find(UNTIL);
    if (from.isPresent() && until.isPresent() && !from.get().isBefore(until.get())) {
      reading.mistake(
          values.place(UNTIL), Section.join(values.path(), "until"), "is not after 'from'");
    }
  }
}
