package io.lumeo.alerts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A look after another, with what was seen and told.
final class Seen {
  static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  AlertSettings settings = AlertSettings.defaults();
  AlertState state = AlertState.empty();
  Instant now = START;
  Evaluation last = new Evaluation(AlertState.empty(), Optional.empty(), List.of());
  final List<String> told = new ArrayList<>();

  /// Looks at what is there now.
  Seen look(Observation... observations) {
    last = Evaluator.evaluate(state, List.of(observations), settings, now);
    state = last.state();
    last.message()
        .ifPresent(message ->
            message
                .notices()
                .forEach(notice ->
                    told.add(
                        "%s %s %s"
                            .formatted(
                                notice.kind(), notice.severity().word(), notice.alert().rule()))));
    return this;
  }

  Seen after(Duration time) {
    now = now.plus(time);
    return this;
  }

  Seen afterMinutes(long minutes) {
    return after(Duration.ofMinutes(minutes));
  }

  /// What was told since this was last asked.
  List<String> told() {
    var since = List.copyOf(told);
    told.clear();
    return since;
  }

  static Observation up(String host) {
    return Observation.of("lumeo_host_up", Map.of("host", host), 1);
  }

  static Observation down(String host) {
    return Observation.of("lumeo_host_up", Map.of("host", host), 0);
  }

  /// How full the snapshot `db-snap` of host `db1` is.
  static Observation snapshot(double ratio) {
    return snapshot("db1", "db-snap", ratio);
  }

  static Observation snapshot(String host, String lv, double ratio) {
    return Observation.of(
        "lumeo_snapshot_cow_used_ratio",
        Map.of("host", host, "vg", "vg0", "pool", "", "lv", lv),
        ratio);
  }

  static Observation latency(double seconds) {
    return Observation.of(
        "lumeo_volume_latency_seconds",
        Map.of("host", "db1", "vg", "vg0", "pool", "", "lv", "data"),
        seconds);
  }
}
