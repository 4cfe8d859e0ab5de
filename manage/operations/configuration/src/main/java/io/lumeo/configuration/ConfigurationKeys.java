package io.lumeo.configuration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The whole file.
final class ConfigurationKeys {
  private static final Key<Path> STATE =
      Key.defaulting(
          "state",
          Scalars.PATH,
          Path.of("/var/lib/lumeo"),
          "/var/lib/lumeo",
          "the folder that operations remember in");

  private static final Key<Path> AUDIT_FILE =
      Key.defaulting(
          "file",
          Scalars.PATH,
          Path.of("/var/log/lumeo/audit.jsonl"),
          "/var/log/lumeo/audit.jsonl",
          "the record");
  private static final Key<Path> ANCHOR =
      Key.optional(
          "anchor",
          Scalars.PATH,
          "a second file that is told where the record ends, best on other storage");
  private static final Key<Long> ROTATE_AT =
      Key.defaulting(
          "rotateAt",
          Scalars.SIZE.meaning((bytes, yaml, path, reading) -> {
            if (bytes < 1 << 20) {
              throw new WrongValue("is less than 1MiB");
            }
          }),
          64L << 20,
          "64MiB",
          "when the record goes on in a new file");
  private static final Key<AuditSettings> AUDIT =
      Key.defaulting(
          "audit",
          Section.of(
              "audit",
              "Where what was done is recorded",
              List.of(AUDIT_FILE, ANCHOR, ROTATE_AT),
              values ->
                  new AuditSettings(
                      values.get(AUDIT_FILE), values.find(ANCHOR), values.get(ROTATE_AT))),
          new AuditSettings(Path.of("/var/log/lumeo/audit.jsonl"), Optional.empty(), 64L << 20),
          "in /var/log/lumeo",
          "where what was done is recorded");

  private static final Key<List<HostSettings>> HOSTS =
      list("hosts", HostKeys.SHAPE, "the storage to be looked after");
  private static final Key<List<PolicySettings>> POLICIES =
      list("policies", PolicyKeys.SHAPE, "snapshots, by schedules");
  private static final Key<List<GrowthSettings>> GROWTH =
      list(
          "growth",
          GrowthKeys.SHAPE,
          "what grows before it is full; the first rule that matches holds");
  private static final Key<List<TrimSettings>> TRIM =
      list("trim", TrimKeys.SHAPE, "when freed blocks return to their pools");

  private static final Scalar<Duration> IN_THE_TRASH =
      Scalars.duration(Duration.ZERO, Duration.ofDays(365));
  private static final Key<Duration> THIN_TRASH =
      Key.defaulting(
          "thin", IN_THE_TRASH, TrashSettings.standard().thin(), "1d", "of a thin snapshot");
  private static final Key<Duration> CLASSIC_TRASH =
      Key.defaulting(
          "classic",
          IN_THE_TRASH,
          TrashSettings.standard().classic(),
          "10m",
          "of a classic one, which costs every write to its origin until it is gone");
  private static final Key<TrashSettings> TRASH =
      Key.defaulting(
          "trash",
          Section.of(
              "trash",
              "How long what a policy no longer keeps can be taken back; 0s for not at all",
              List.of(THIN_TRASH, CLASSIC_TRASH),
              values -> new TrashSettings(values.get(THIN_TRASH), values.get(CLASSIC_TRASH))),
          TrashSettings.standard(),
          "thin ones 1d, classic ones 10m",
          "how long what a policy no longer keeps can be taken back");

  private static final Key<MonitorSettings> MONITORS =
      Key.defaulting(
          "monitors",
          MonitorKeys.SHAPE,
          MonitorKeys.STANDARD,
          "see there",
          "how closely things are watched");
  private static final Key<AlertSettings> ALERTS =
      Key.defaulting(
          "alerts",
          AlertKeys.SHAPE,
          AlertKeys.STANDARD,
          "see there",
          "what is worth telling, to whom, and when not");
  private static final Key<List<ChannelSettings>> CHANNELS =
      list("channels", ChannelKeys.SHAPE, "ways to tell somebody");
  private static final Key<List<ReportSettings>> REPORTS =
      list("reports", ReportKeys.SHAPE, "reports, by schedules");

  private static final Key<Integer> METRICS_PORT =
      Key.defaulting(
          "port",
          Scalars.whole(0, 65_535),
          9846,
          "9846",
          "the port on the loopback address; 0 for none");
  private static final Key<MetricsSettings> METRICS =
      Key.defaulting(
          "metrics",
          Section.of(
              "metrics",
              "Where Prometheus fetches what is measured",
              List.of(METRICS_PORT),
              values -> new MetricsSettings(values.get(METRICS_PORT))),
          new MetricsSettings(9846),
          "port 9846",
          "where Prometheus fetches what is measured");

  static final Section<Configuration> SHAPE =
      Section.of(
          "configuration",
          "What lumeo's agent is told",
          List.of(
              STATE, AUDIT, HOSTS, POLICIES, TRASH, GROWTH, TRIM, MONITORS, ALERTS, CHANNELS,
              REPORTS, METRICS),
          values ->
              new Configuration(
                  values.get(STATE),
                  values.get(AUDIT),
                  values.get(HOSTS),
                  values.get(POLICIES),
                  values.get(TRASH),
                  values.get(GROWTH),
                  values.get(TRIM),
                  values.get(MONITORS),
                  values.get(ALERTS),
                  values.get(CHANNELS),
                  values.get(REPORTS),
                  values.get(METRICS)));

  private ConfigurationKeys() {}

  private static <T> Key<List<T>> list(String name, Shape<T> item, String about) {
    return Key.defaulting(name, Listing.of(item), List.of(), "[]", about);
  }
}
