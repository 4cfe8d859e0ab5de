package io.lumeo.agent.watch;

import io.lumeo.alerts.Quantity;
import io.lumeo.forecasts.Forecast;
import io.lumeo.forecasts.Full;
import io.lumeo.forecasts.FullDate;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Outlook;
import io.lumeo.forecasts.Sample;
import io.lumeo.reports.Growth;
import io.lumeo.reports.Growth.Band;
import io.lumeo.reports.Growth.Point;
import io.lumeo.storage.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a pool grew and will, as a report shows it. Pure.
final class GrowthReport {
  /// More points than a picture can show are left out evenly.
  private static final int MOST_POINTS = 240;

  private static final Duration AHEAD = Duration.ofDays(30);
  private static final int BANDS = 15;

  private GrowthReport() {}

  /// The growth of one pool.
  ///
  /// @param history of used bytes, oldest first
  /// @param outlook of the host, or null when nothing is foreseen yet
  /// @param foreseen whether the future is to be shown, or only what was
  /// @return nothing when nothing was ever measured
  static Optional<Growth> of(
      Pool pool, List<Sample> history, @Nullable HostOutlook outlook, boolean foreseen) {
    if (history.isEmpty()) {
      return Optional.empty();
    }
    var ahead =
        outlook == null || !foreseen
            ? null
            : outlook.outlook(pool.uuid(), Measure.DATA_USED).orElse(null);
    var size = pool.data().sizeBytes();
    return Optional.of(
        new Growth(
            size,
            points(history),
            ahead instanceof Forecast forecast ? bands(forecast) : List.of(),
            ahead instanceof Forecast forecast ? forecast.growthPerDay() : perDay(history),
            outlook == null || !foreseen ? null : full(outlook, pool),
            confidence(ahead, size),
            basis(ahead)));
  }

  private static List<Point> points(List<Sample> history) {
    var every = Math.max(1, (history.size() + MOST_POINTS - 1) / MOST_POINTS);
    var points = new ArrayList<Point>();
    // From the end, so that the newest is always among them.
    for (var i = history.size() - 1; i >= 0; i -= every) {
      points.addFirst(new Point(history.get(i).at(), history.get(i).value()));
    }
    return points;
  }

  private static double perDay(List<Sample> history) {
    var first = history.getFirst();
    var last = history.getLast();
    var days = Duration.between(first.at(), last.at()).toMillis() / 86_400_000.0;
    return days <= 0 ? 0 : (last.value() - first.value()) / days;
  }

  private static List<Band> bands(Forecast forecast) {
    var bands = new ArrayList<Band>();
    for (var i = 0; i <= BANDS; i++) {
      var at = forecast.from().plus(AHEAD.multipliedBy(i).dividedBy(BANDS));
      var band = forecast.at(at);
      bands.add(new Band(at, band.low(), band.likely(), band.high()));
    }
    return bands;
  }

  private static Growth.@Nullable Full full(HostOutlook outlook, Pool pool) {
    var first = FullDate.first(outlook.datesOf(pool.uuid())).orElse(null);
    Instant early = first == null ? null : first.when().early();
    return first == null || early == null
        ? null
        : new Growth.Full(early, first.when().likely(), first.when().late(), word(first.what()));
  }

  static String word(Full what) {
    return switch (what) {
      case DATA -> "data";
      case DATA_WITH_GROUP -> "data, with all that the group can give,";
      case METADATA -> "metadata";
      case FILE_SYSTEM -> "file system";
      case SNAPSHOT_STORE -> "snapshot store";
    };
  }

  private static String confidence(@Nullable Outlook ahead, long size) {
    return ahead == null ? "not looked ahead" : ahead.confidence((double) size).text();
  }

  private static String basis(@Nullable Outlook ahead) {
    return switch (ahead) {
      case Forecast forecast ->
          "A %s through %s; it was off by %s when it had to foresee what was known %s later."
              .formatted(
                  method(forecast),
                  text(forecast.window()),
                  Quantity.BYTES.text(forecast.meanAbsoluteError()),
                  text(forecast.horizon()));
      case Outlook.TooLittleData little ->
          "%s were measured, and %s are needed."
              .formatted(text(little.history()), text(little.needed()));
      case null -> "";
    };
  }

  private static String method(Forecast forecast) {
    return switch (forecast.method()) {
      case THEIL_SEN_LINE -> "straight line";
      case DAMPED_TREND -> "damped trend";
      case WEEKLY_PATTERN -> "weekly pattern";
    };
  }

  private static String text(Duration span) {
    return Quantity.SECONDS.text((double) span.toSeconds());
  }
}
