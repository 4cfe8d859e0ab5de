package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// When a device is slower than it should be. Pure.
public sealed interface PerformanceRule {

  /// Whether the rule is broken.
  ///
  /// @param reason with figures; empty when it is kept, or when too little is known
  record Verdict(boolean broken, String reason) {
    static final Verdict KEPT = new Verdict(false, "");
  }

  /// Judges the newest loads.
  ///
  /// @param loads oldest first
  /// @param usual what is usual for [DiskRates#iops] now, or null when that is not known
  Verdict judge(List<Load> loads, Baseline.@Nullable Usual usual, Instant now);

  /// IOPS fell by a share of what is usual, although the device always had something to do: fewer
  /// requests because nobody asks are no fault.
  ///
  /// @param share 0 to 1: 0.5 is a fall to the half
  /// @param window whose median is compared
  record IopsFall(double share, Duration window) implements PerformanceRule {
    private static final int FEWEST_LOADS = 3;
    private static final double DEMAND = 1;
    private static final double BEYOND_NOISE = 3;

    /// A fall by half over ten minutes.
    public static IopsFall standard() {
      return new IopsFall(0.5, Duration.ofMinutes(10));
    }

    @Override
    public Verdict judge(List<Load> loads, Baseline.@Nullable Usual usual, Instant now) {
      var recent = loads.stream().filter(load -> load.at().isAfter(now.minus(window))).toList();
      if (usual == null || recent.size() < FEWEST_LOADS) {
        return Verdict.KEPT;
      }
      var iops =
          Statistics.median(recent.stream().mapToDouble(load -> load.rates().iops()).toArray());
      var queue =
          Statistics.median(
              recent.stream().mapToDouble(load -> load.rates().queueDepth()).toArray());
      var fell =
          iops < (1 - share) * usual.median()
              && iops < usual.median() - BEYOND_NOISE * usual.deviation();
      if (!fell || queue < DEMAND) {
        return Verdict.KEPT;
      }
      return new Verdict(
          true,
          String.format(
              Locale.ROOT,
              "%.0f IOPS over %d minutes with %.1f requests under way, where %.0f are usual at"
                  + " this hour",
              iops,
              window.toMinutes(),
              queue,
              usual.median()));
    }
  }

  /// Requests took longer than a limit, all the time.
  ///
  /// @param limitSeconds for the mean of reads and writes
  /// @param lasting how long it must have been so
  record LatencyOver(double limitSeconds, Duration lasting) implements PerformanceRule {

    /// 100 ms for five minutes.
    public static LatencyOver standard() {
      return new LatencyOver(0.1, Duration.ofMinutes(5));
    }

    @Override
    public Verdict judge(List<Load> loads, Baseline.@Nullable Usual usual, Instant now) {
      var since = now.minus(lasting);
      var least = Double.POSITIVE_INFINITY;
      for (var load : loads.reversed()) {
        var latency = load.rates().latencySeconds();
        if (latency == null || latency <= limitSeconds) {
          return Verdict.KEPT;
        }
        least = Math.min(least, latency);
        if (!load.at().isAfter(since)) {
          return new Verdict(
              true,
              String.format(
                  Locale.ROOT,
                  "requests took at least %.0f ms for %d minutes, and %.0f ms is the limit",
                  least * 1000,
                  lasting.toMinutes(),
                  limitSeconds * 1000));
        }
      }
      return Verdict.KEPT;
    }
  }
}
