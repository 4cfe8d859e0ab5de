package io.lumeo.alerts;

import io.lumeo.alerts.Alert.Announcement;
import io.lumeo.alerts.Measure.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Decides what is wrong and what is to be told: values in, values out, the same answer whenever it
/// is asked again.
///
/// An alert's way is that of a thermostat with patience. Its value asks for a level; when it has
/// asked for long enough, the level is believed. Going down takes a margin and a time of its own,
/// and the time doubles with each return within a day, so that something that flaps is told of once
/// and not all night.
///
/// A host that does not answer says nothing of its volumes: their alerts then stay as they are.
/// What is no longer seen on a host that does answer is gone, and its alerts end.
public final class Evaluator {
  private static final Duration FLAPPING_WINDOW = Duration.ofDays(1);
  private static final int MOST_DOUBLINGS = 5;
  private static final Comparator<Notice> GRAVEST_FIRST =
      Comparator.comparing(Notice::isResolved)
          .thenComparing(Notice::severity, Comparator.reverseOrder())
          .thenComparing(notice -> notice.alert().rule())
          .thenComparing(notice -> notice.alert().labels().toString());

  private final AlertSettings settings;
  private final Instant now;
  private final Map<String, Rule> rules;

  private Evaluator(AlertSettings settings, Instant now) {
    this.settings = settings;
    this.now = now;
    this.rules =
        settings.rules().stream().collect(Collectors.toMap(Rule::name, Function.identity()));
  }

  /// One look.
  ///
  /// @param previous what came of the look before
  /// @param observations all that is known now, each value the newest there is, however old
  public static Evaluation evaluate(
      AlertState previous, List<Observation> observations, AlertSettings settings, Instant now) {
    return new Evaluator(settings, now).evaluate(previous, observations);
  }

  /// Every alert that fires and is not silenced, gravest first.
  static List<Notice> standing(AlertState state, AlertSettings settings, Instant now) {
    return new Evaluator(settings, now).standing(state.alerts());
  }

  private Evaluation evaluate(AlertState previous, List<Observation> observations) {
    var seen = read(observations);
    var alerts = new ArrayList<Alert>();
    for (var alert : known(previous, seen)) {
      if (!isUnknowable(alert, seen, observations)) {
        alerts.add(step(alert, seen.get(Key.of(alert))));
      } else {
        alerts.add(alert);
      }
    }
    var message = message(alerts, previous.messagedAt());
    var told = message.map(Message::notices).orElse(List.of());
    var remembered =
        alerts.stream().map(alert -> told(alert, told)).filter(this::isWorthRemembering).toList();
    var state = new AlertState(remembered, message.isPresent() ? now : previous.messagedAt());
    return new Evaluation(state, message, standing(remembered));
  }

  /// What each rule sees. Of several values for one thing, the worst counts.
  private Map<Key, Seen> read(List<Observation> observations) {
    var seen = new LinkedHashMap<Key, Seen>();
    for (var rule : settings.rules()) {
      for (var reading : rule.measure().read(observations, now)) {
        seen.merge(new Key(rule.name(), reading.labels()), new Seen(rule, reading), Seen::worseOf);
      }
    }
    return seen;
  }

  /// What makes an alert the same one at every look.
  private record Key(String rule, SortedMap<String, String> labels) {
    static Key of(Alert alert) {
      return new Key(alert.rule(), alert.labels());
    }
  }

  private record Seen(Rule rule, Reading reading) {
    Seen worseOf(Seen other) {
      var otherIsWorse =
          switch (rule.direction()) {
            case ABOVE -> other.reading.value() > reading.value();
            case BELOW -> other.reading.value() < reading.value();
          };
      var otherSaysMore = other.reading.value() == reading.value() && reading.because().isEmpty();
      return otherIsWorse || otherSaysMore ? other : this;
    }
  }

  /// The alerts from before, then one for each thing that has just crossed a threshold.
  private List<Alert> known(AlertState previous, Map<Key, Seen> seen) {
    var known = new ArrayList<>(previous.alerts());
    var before = previous.alerts().stream().map(Key::of).collect(Collectors.toSet());
    seen.forEach((fingerprint, what) -> {
      if (!before.contains(fingerprint)
          && what.rule().reached(labels(what), what.reading().value(), -1) >= 0) {
        known.add(Alert.unseen(what.rule().name(), labels(what), now));
      }
    });
    return known;
  }

  private static SortedMap<String, String> labels(Seen seen) {
    return seen.reading().labels();
  }

  /// Whether nothing can be known of an alert's thing now: it is not seen, and its host is down or
  /// nothing at all is seen.
  private boolean isUnknowable(Alert alert, Map<Key, Seen> seen, List<Observation> observations) {
    if (seen.containsKey(Key.of(alert)) || !rules.containsKey(alert.rule())) {
      return false;
    }
    return observations.isEmpty() || downHosts(observations).contains(host(alert));
  }

  private static String host(Alert alert) {
    return alert.labels().getOrDefault("host", "");
  }

  private static Set<String> downHosts(List<Observation> observations) {
    var down = new HashSet<String>();
    for (var observation : observations) {
      if (observation.metric().equals("lumeo_host_up") && observation.value() == 0) {
        down.add(observation.labels().getOrDefault("host", ""));
      }
    }
    return down;
  }

  /// One step of an alert's life, by what is seen of it now, or by its absence.
  private Alert step(Alert before, @Nullable Seen seen) {
    var alert =
        seen == null ? before : before.seen(seen.reading().value(), seen.reading().because());
    var rule = rules.get(alert.rule());
    if (rule == null) {
      return at(alert, -1, alert.level() == -1 ? alert.changedAt() : now, List.of());
    }
    var level = Math.min(alert.level(), rule.stepsOf(alert.labels()).size() - 1);
    var asked = seen == null ? -1 : rule.reached(alert.labels(), alert.value(), level);
    var firings = recent(alert.firings());
    if (asked > level) {
      return rise(alert, rule, asked, firings);
    }
    if (asked < level) {
      return fall(alert, rule, asked, firings);
    }
    return at(alert, level, alert.changedAt(), firings);
  }

  private Alert rise(Alert alert, Rule rule, int asked, List<Instant> firings) {
    var since = earlier(alert.risingSince());
    if (since.plus(rule.hold()).isAfter(now)) {
      return new Alert(
          alert.rule(),
          alert.labels(),
          alert.value(),
          alert.because(),
          alert.level(),
          since,
          null,
          alert.changedAt(),
          firings,
          alert.announced());
    }
    var begun = new ArrayList<>(firings);
    if (alert.level() < 0) {
      begun.add(now);
    }
    return at(alert, asked, now, begun);
  }

  private Alert fall(Alert alert, Rule rule, int asked, List<Instant> firings) {
    var since = earlier(alert.fallingSince());
    var returns = Math.clamp(firings.size() - 1, 0, MOST_DOUBLINGS);
    if (since.plus(rule.clearAfter().multipliedBy(1L << returns)).isAfter(now)) {
      return new Alert(
          alert.rule(),
          alert.labels(),
          alert.value(),
          alert.because(),
          alert.level(),
          null,
          since,
          alert.changedAt(),
          firings,
          alert.announced());
    }
    return at(alert, asked, now, firings);
  }

  private static Alert at(Alert alert, int level, Instant changedAt, List<Instant> firings) {
    return new Alert(
        alert.rule(),
        alert.labels(),
        alert.value(),
        alert.because(),
        level,
        null,
        null,
        changedAt,
        firings,
        alert.announced());
  }

  /// A time that was noted, or now: also when the clock has been set back since.
  private Instant earlier(@Nullable Instant noted) {
    return noted == null || noted.isAfter(now) ? now : noted;
  }

  /// The firings that count as flapping: those of the last day. A clock that was set back makes
  /// later ones of no account.
  private List<Instant> recent(List<Instant> firings) {
    var begin = now.minus(FLAPPING_WINDOW);
    var recent = firings.stream().filter(at -> at.isAfter(begin) && !at.isAfter(now)).toList();
    return recent.subList(Math.max(0, recent.size() - MOST_DOUBLINGS - 1), recent.size());
  }

  private boolean isWorthRemembering(Alert alert) {
    return alert.phase() != Alert.Phase.RESOLVED
        || alert.announced() != null
        || !alert.firings().isEmpty();
  }

  /// What is to be told now, in one message, unless it is to wait for company.
  private Optional<Message> message(List<Alert> alerts, @Nullable Instant messagedAt) {
    var notices =
        alerts.stream().map(this::due).flatMap(Optional::stream).sorted(GRAVEST_FIRST).toList();
    if (notices.isEmpty() || (mayWait(notices) && isSoonAfter(messagedAt))) {
      return Optional.empty();
    }
    return Optional.of(new Message(id(notices), now, notices));
  }

  private static boolean mayWait(List<Notice> notices) {
    return notices.stream()
        .noneMatch(notice -> notice.severity() == Severity.CRITICAL && !notice.isResolved());
  }

  private boolean isSoonAfter(@Nullable Instant messagedAt) {
    return messagedAt != null
        && !messagedAt.isAfter(now)
        && messagedAt.plus(settings.groupFor()).isAfter(now);
  }

  private String id(List<Notice> notices) {
    var alerts =
        notices.stream()
            .map(notice ->
                "%s %d %s"
                    .formatted(notice.kind(), notice.alert().level(), notice.alert().fingerprint()))
            .collect(Collectors.joining());
    return "%d-%s".formatted(now.toEpochMilli(), Alert.fingerprint(alerts, Map.of()));
  }

  /// What is to be told of one alert now, if anything.
  private Optional<Notice> due(Alert alert) {
    var told = alert.announced();
    if (alert.level() < 0) {
      return told == null
          ? Optional.empty()
          : Optional.of(notice(Notice.Kind.RESOLVED, alert, told.severity()));
    }
    var severity = severity(alert);
    if (isSilenced(alert, severity)) {
      return Optional.empty();
    }
    if (told == null) {
      return Optional.of(notice(Notice.Kind.FIRING, alert, severity));
    }
    if (alert.level() > told.level()) {
      return Optional.of(notice(Notice.Kind.WORSE, alert, severity));
    }
    var again = told.at().plus(settings.repeatAfter());
    return again.isAfter(now) && !told.at().isAfter(now)
        ? Optional.empty()
        : Optional.of(notice(Notice.Kind.STILL_FIRING, alert, severity));
  }

  private boolean isSilenced(Alert alert, Severity severity) {
    return settings.silences().stream().anyMatch(silence -> silence.covers(alert, severity, now));
  }

  private Severity severity(Alert alert) {
    return Objects.requireNonNull(rules.get(alert.rule())).severity(alert.labels(), alert.level());
  }

  private Notice notice(Notice.Kind kind, Alert alert, Severity severity) {
    var rule = rules.get(alert.rule());
    var text = rule == null ? AlertText.retired(alert) : AlertText.of(rule, alert, now);
    var begun = alert.firings().isEmpty() ? alert.changedAt() : alert.firings().getLast();
    var ended = kind == Notice.Kind.RESOLVED ? alert.changedAt() : null;
    return new Notice(kind, alert, severity, text, begun, ended);
  }

  private Alert told(Alert alert, List<Notice> told) {
    for (var notice : told) {
      if (notice.alert().equals(alert)) {
        return alert.told(
            notice.isResolved() ? null : new Announcement(alert.level(), notice.severity(), now));
      }
    }
    return alert;
  }

  private List<Notice> standing(List<Alert> alerts) {
    return alerts.stream()
        .filter(alert -> alert.phase() == Alert.Phase.FIRING && rules.containsKey(alert.rule()))
        .filter(alert -> !isSilenced(alert, severity(alert)))
        .map(alert -> notice(Notice.Kind.STILL_FIRING, alert, severity(alert)))
        .sorted(GRAVEST_FIRST)
        .toList();
  }
}
