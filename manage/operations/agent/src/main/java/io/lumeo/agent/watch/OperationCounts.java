package io.lumeo.agent.watch;

import io.lumeo.agent.TrimGain;
import io.lumeo.alerts.Observation;
import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// How many operations there were since the agent began, how they ended, how long they took and
/// what trims gave back, by the record of what was done. For one thread at a time.
final class OperationCounts {
  private static final List<Duration> BOUNDS =
      List.of(
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofMinutes(1),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30));

  /// What the line before a change is marked with: it is no operation of its own.
  private static final String BEGIN = "begin.";

  private final Function<AuditQuery, List<AuditRecord>> audit;
  private final Map<Key, Long> ended = new HashMap<>();
  private final Map<String, Durations> durations = new TreeMap<>();
  private final Map<String, Long> reclaimedBytes = new TreeMap<>();
  private Instant from;
  private long counted;

  private record Key(String verb, String result) {}

  /// Counts up to each bound, of all, and the sum.
  private record Durations(List<Long> upTo, long count, double seconds) {
    static final Durations NONE = new Durations(BOUNDS.stream().map(any -> 0L).toList(), 0, 0);

    Durations plus(Duration duration) {
      var next = new ArrayList<Long>();
      for (var i = 0; i < BOUNDS.size(); i++) {
        next.add(upTo.get(i) + (duration.compareTo(BOUNDS.get(i)) <= 0 ? 1 : 0));
      }
      return new Durations(List.copyOf(next), count + 1, seconds + duration.toMillis() / 1000.0);
    }
  }

  /// @param from since when is counted
  OperationCounts(Function<AuditQuery, List<AuditRecord>> audit, Instant from) {
    this.audit = audit;
    this.from = from;
  }

  /// Counts what was recorded since the last time, and says what there is.
  ///
  /// @param hosts those of the configuration; a counter has to be seen at 0 before it rises
  List<Observation> observations(List<String> hosts) {
    hosts.forEach(host -> reclaimedBytes.putIfAbsent(host, 0L));
    for (var record : audit.apply(ForecastRound.since(from)).reversed()) {
      if (record.sequence() > counted) {
        counted = record.sequence();
        from = record.time().isAfter(from) ? record.time() : from;
        count(record);
        countTrim(record.entry());
      }
    }
    var seen = new ArrayList<Observation>();
    ended.forEach((key, count) ->
        seen.add(
            Observation.of(
                "lumeo_operations_total",
                Map.of("op", key.verb(), "result", key.result()),
                (double) count)));
    durations.forEach((verb, spans) -> seen.addAll(histogram(verb, spans)));
    reclaimedBytes.forEach((host, bytes) ->
        seen.add(
            Observation.of(
                "lumeo_trim_reclaimed_bytes_total", Map.of("host", host), (double) bytes)));
    return seen;
  }

  private void count(AuditRecord record) {
    var entry = record.entry();
    if (entry.verb().startsWith(BEGIN)) {
      return;
    }
    ended.merge(new Key(entry.verb(), entry.result().word()), 1L, Long::sum);
    if (!entry.executed().isEmpty()) {
      durations.put(
          entry.verb(),
          durations.getOrDefault(entry.verb(), Durations.NONE).plus(entry.duration()));
    }
  }

  /// The agent's reasons begin with the host.
  private void countTrim(AuditEntry entry) {
    var bytes = TrimGain.in(entry);
    if (bytes.isPresent()) {
      reclaimedBytes.replaceAll(
          (host, sum) -> entry.reason().startsWith(host + ": ") ? sum + bytes.getAsLong() : sum);
    }
  }

  private static List<Observation> histogram(String verb, Durations spans) {
    var name = "lumeo_operation_duration_seconds";
    var seen = new ArrayList<Observation>();
    for (var i = 0; i < BOUNDS.size(); i++) {
      var labels = Map.of("op", verb, "le", String.valueOf(BOUNDS.get(i).toSeconds()));
      seen.add(Observation.of(name + "_bucket", labels, (double) spans.upTo().get(i)));
    }
    seen.add(
        Observation.of(name + "_bucket", Map.of("op", verb, "le", "+Inf"), (double) spans.count()));
    seen.add(Observation.of(name + "_sum", Map.of("op", verb), spans.seconds()));
    return seen;
  }
}
