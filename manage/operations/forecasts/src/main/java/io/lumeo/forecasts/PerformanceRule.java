package io.lumeo.forecasts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
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
      var missing = missingShare(loads, usual, now);
      if (usual == null || missing <= share) {
        return Verdict.KEPT;
      }
      return new Verdict(
          true,
          String.format(
              Locale.ROOT,
              "%.0f IOPS over %d minutes with %.1f requests under way, where %.0f are usual at"
                  + " this hour",
              median(recent(loads, now), DiskRates::iops),
              window.toMinutes(),
              median(recent(loads, now), DiskRates::queueDepth),
              usual.median()));
    }

    /// The share of the usual operations that are not done although they are asked for, 0 to 1; 0
    /// when nobody asks, when it is within the usual noise, or when too little is known.
    public double missingShare(List<Load> loads, Baseline.@Nullable Usual usual, Instant now) {
      var recent = recent(loads, now);
      if (usual == null || usual.median() <= 0 || recent.size() < FEWEST_LOADS) {
        return 0;
      }
      var iops = median(recent, DiskRates::iops);
      var isNoise = iops >= usual.median() - BEYOND_NOISE * usual.deviation();
      var isAsked = median(recent, DiskRates::queueDepth) >= DEMAND;
      return isNoise || !isAsked ? 0 : 1 - iops / usual.median();
    }

    private List<Load> recent(List<Load> loads, Instant now) {
      return loads.stream().filter(load -> load.at().isAfter(now.minus(window))).toList();
    }

    private static double median(List<Load> loads, ToDoubleFunction<DiskRates> figure) {
      return Statistics.median(
          loads.stream().mapToDouble(load -> figure.applyAsDouble(load.rates())).toArray());
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
