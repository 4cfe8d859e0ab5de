package io.lumeo.tuning;

import io.lumeo.forecasts.TuningResult;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// One study while it measures: runs workloads, says how far it has come, stops when asked, and
/// keeps what came out by what it was measured with. Used by one thread.
final class Measuring {
  private final String kind;
  private final Fio fio;
  private final Effort effort;
  private final Progress progress;
  private final int total;
  private final Map<SortedMap<String, String>, List<SortedMap<String, Double>>> measured =
      new LinkedHashMap<>();
  private int done;

  /// @param total how many workloads there will be
  Measuring(String kind, Fio fio, Effort effort, Progress progress, int total) {
    this.kind = kind;
    this.fio = fio;
    this.effort = effort;
    this.progress = progress;
    this.total = total;
  }

  /// Measures a workload over the whole region.
  SortedMap<String, Double> run(
      SortedMap<String, String> parameters, Workload workload, Scratch volume)
      throws StorageFailure {
    return run(parameters, workload, volume, effort.regionBytes());
  }

  /// Measures a workload.
  ///
  /// @param totalBytes how much of the region is written or read
  /// @return what came out, which more can be added to
  SortedMap<String, Double> run(
      SortedMap<String, String> parameters, Workload workload, Scratch volume, long totalBytes)
      throws StorageFailure {
    var with = new TreeMap<>(parameters);
    with.put("workload", workload.label());
    step(with);
    var figures = fio.run(workload, volume.device(), totalBytes, effort);
    var named = new TreeMap<>(figures.named(workload.writes() ? "write" : "read"));
    named.put("done_bytes", (double) figures.bytes());
    measured.computeIfAbsent(with, _ -> new ArrayList<>()).add(named);
    done++;
    return named;
  }

  private void step(SortedMap<String, String> with) throws StorageFailure {
    if (progress.isCancelled()) {
      throw new StorageFailure.Cancelled(
          "the study %s was stopped after %d of %d measurements; nothing of it is kept"
              .formatted(kind, done, total));
    }
    progress.report(kind + ": " + String.join(", ", with.values()), done, total);
  }

  /// The median of each figure over the rounds.
  List<TuningResult> results(String machine, Instant at) {
    progress.report(kind + ": done", done, total);
    return measured.entrySet().stream()
        .map(entry ->
            new TuningResult(
                kind, new TreeMap<>(entry.getKey()), medians(entry.getValue()), machine, at))
        .toList();
  }

  private static SortedMap<String, Double> medians(List<SortedMap<String, Double>> rounds) {
    var medians = new TreeMap<String, Double>();
    for (var name : rounds.getFirst().keySet()) {
      medians.put(
          name,
          median(rounds.stream().mapToDouble(round -> round.getOrDefault(name, 0.0)).toArray()));
    }
    return medians;
  }

  static double median(double[] values) {
    var sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
