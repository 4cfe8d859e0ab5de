package io.lumeo.configuration;

import java.time.Duration;
import java.util.List;

/// `monitors:`.
final class MonitorKeys {
  private static final Scalar<Duration> INTERVAL =
      Scalars.duration(Duration.ofSeconds(1), Duration.ofHours(1));
  private static final Scalar<Duration> LATENCY_LIMIT =
      Scalars.duration(Duration.ofMillis(1), Duration.ofMinutes(1));
  private static final Scalar<Integer> DROP = Scalars.share(1, 99);

  private static final Key<Duration> POLL_INTERVAL =
      Key.defaulting(
          "pollInterval", INTERVAL, Duration.ofSeconds(15), "15s", "how often one looks");
  private static final Key<Duration> SLOWEST_POLL =
      Key.defaulting(
          "slowestPoll",
          INTERVAL,
          Duration.ofMinutes(1),
          "1m",
          "how rarely one looks while nothing happens");
  private static final Key<Integer> IOPS_DROP =
      Key.defaulting("iopsDrop", DROP, 50, "50%", "by how much below its usual a volume may fall");
  private static final Key<Duration> LATENCY =
      Key.defaulting(
          "latency",
          LATENCY_LIMIT,
          Duration.ofMillis(100),
          "100ms",
          "how long a volume may take to answer");

  private static final Key<List<Selector>> VOLUMES =
      Key.required("volumes", Listing.atLeastOne(SelectorKeys.SHAPE), "what any of these selects");
  private static final Key<Integer> OWN_IOPS_DROP =
      Key.optional("iopsDrop", DROP, "by how much below its usual a volume may fall");
  private static final Key<Duration> OWN_LATENCY =
      Key.optional("latency", LATENCY_LIMIT, "how long a volume may take to answer");
  private static final Key<List<MonitorSettings.Limits>> LIMITS =
      Key.defaulting(
          "limits",
          Listing.of(
              Section.of(
                  "limits",
                  "Limits of some volumes",
                  List.of(VOLUMES, OWN_IOPS_DROP, OWN_LATENCY),
                  values ->
                      new MonitorSettings.Limits(
                          values.get(VOLUMES),
                          values.find(OWN_IOPS_DROP),
                          values.find(OWN_LATENCY)))),
          List.of(),
          "[]",
          "limits of some volumes, the first that matches");

  static final Section<MonitorSettings> SHAPE =
      Section.of(
              "monitors",
              "How closely things are watched",
              List.of(POLL_INTERVAL, SLOWEST_POLL, IOPS_DROP, LATENCY, LIMITS),
              values ->
                  new MonitorSettings(
                      values.get(POLL_INTERVAL),
                      values.get(SLOWEST_POLL),
                      values.get(IOPS_DROP),
                      values.get(LATENCY),
                      values.get(LIMITS)))
          .checked(MonitorKeys::slowestIsSlower);

  static final MonitorSettings STANDARD =
      new MonitorSettings(
          Duration.ofSeconds(15), Duration.ofMinutes(1), 50, Duration.ofMillis(100), List.of());

  private MonitorKeys() {}

  private static void slowestIsSlower(Values values, Reading reading) {
    var usual = values.find(POLL_INTERVAL);
    var slowest = values.find(SLOWEST_POLL);
    if (usual.isPresent() && slowest.isPresent() && slowest.get().compareTo(usual.get()) < 0) {
      reading.mistake(
          values.place(values.isWritten(SLOWEST_POLL) ? SLOWEST_POLL : POLL_INTERVAL),
          Section.join(
              values.path(), values.isWritten(SLOWEST_POLL) ? "slowestPoll" : "pollInterval"),
          "the slowest poll (%s) is faster than the usual (%s)"
              .formatted(Scalars.text(slowest.get()), Scalars.text(usual.get())));
    }
  }
}
