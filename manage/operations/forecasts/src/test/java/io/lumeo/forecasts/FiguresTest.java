package io.lumeo.forecasts;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The figures of docs/forecasts.md: each recorded series is forecast from many days and compared
/// with what came. `-Drewrite` writes them anew.
class FiguresTest {
  private static final Path DOCUMENT = Repository.path(Path.of("docs/forecasts.md"));
  private static final String BEGIN = "<!-- figures: written by FiguresTest with -Drewrite -->\n";
  private static final String END = "<!-- end of figures -->\n";
  private static final long SEED = 20260101;
  private static final Duration DAY = Duration.ofDays(1);
  private static final int FIRST_DAY = 90;
  private static final int LAST_DAY = 200;
  private static final int FULL_AFTER = 60;

  /// What came of all forecasts of one series.
  private record Figures(
      Map<Method, Integer> methods,
      double unchangedWeek,
      double errorWeek,
      double errorMonth,
      double heldWeek,
      double heldMonth,
      double publishedWeek,
      double daysOff,
      double heldDate) {}

  @Test
  void theFiguresInTheDocumentAreTrue() throws IOException {
    var document = Files.readString(DOCUMENT);
    var begin = document.indexOf(BEGIN) + BEGIN.length();
    var end = document.indexOf(END);
    assertThat(begin).isGreaterThanOrEqualTo(BEGIN.length()).isLessThanOrEqualTo(end);
    var figures = table();
    if (!System.getProperty("rewrite", "").isBlank()) {
      Files.writeString(DOCUMENT, document.substring(0, begin) + figures + document.substring(end));
    } else {
      assertThat(document.substring(begin, end)).isEqualTo(figures);
    }
  }

  private static String table() {
    var lines = new ArrayList<String>();
    lines.add(
        "| series | method | error after 7 d, GiB | had it stayed the same | back-test said |"
            + " error after 28 d | within P10..P90, 7 d / 28 d | full in 60 d: off by |"
            + " within P10..P90 |");
    lines.add("| --- | --- | --: | --: | --: | --: | --: | --: | --: |");
    for (var shape : Shape.values()) {
      lines.add(row(shape, figures(shape)));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String row(Shape shape, Figures figures) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.1f | %.1f | %.1f | %.1f | %.0f %% / %.0f %% | %s |",
        shape.description(),
        methods(figures.methods()),
        figures.errorWeek(),
        figures.unchangedWeek(),
        figures.publishedWeek(),
        figures.errorMonth(),
        figures.heldWeek() * 100,
        figures.heldMonth() * 100,
        Double.isNaN(figures.daysOff())
            ? "– | –"
            : String.format(
                Locale.ROOT, "%.0f d | %.0f %%", figures.daysOff(), figures.heldDate() * 100));
  }

  private static String methods(Map<Method, Integer> counts) {
    var most = Collections.max(counts.values());
    var total = counts.values().stream().mapToInt(Integer::intValue).sum();
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue().equals(most))
        .map(entry -> "%s (%d of %d)".formatted(name(entry.getKey()), entry.getValue(), total))
        .findFirst()
        .orElseThrow();
  }

  private static String name(Method method) {
    return switch (method) {
      case THEIL_SEN_LINE -> "line";
      case DAMPED_TREND -> "damped trend";
      case WEEKLY_PATTERN -> "weekly";
    };
  }

  private static Figures figures(Shape shape) {
    var methods = new TreeMap<Method, Integer>();
    var sums = new EnumMap<Sum, List<Double>>(Sum.class);
    for (var sum : Sum.values()) {
      sums.put(sum, new ArrayList<>());
    }
    for (var day = FIRST_DAY; day <= LAST_DAY; day += 5) {
      var now = Shape.at(day);
      var forecast =
          (Forecast) Forecaster.look(shape.samples(SEED, 0, day, DAY), shape.events(day), now);
      methods.merge(forecast.method(), 1, Integer::sum);
      sums.get(Sum.PUBLISHED).add(forecast.meanAbsoluteError());
      var week = shape.value(SEED, day + 7);
      var month = shape.value(SEED, day + 28);
      sums.get(Sum.UNCHANGED).add(Math.abs(week - forecast.current()));
      compare(sums, Sum.WEEK, Sum.WEEK_HELD, forecast.at(Shape.at(day + 7)), week);
      compare(sums, Sum.MONTH, Sum.MONTH_HELD, forecast.at(Shape.at(day + 28)), month);
      var full = firstAbove(shape, day);
      if (full != null) {
        var crossing = forecast.reaches(full.limit());
        sums.get(Sum.DAYS_OFF).add(Math.abs(days(crossing.likely()) - days(full.at())));
        var held =
            days(crossing.early()) <= days(full.at()) && days(crossing.late()) >= days(full.at());
        sums.get(Sum.DATE_HELD).add(held ? 1.0 : 0.0);
      }
    }
    return new Figures(
        methods,
        mean(sums, Sum.UNCHANGED),
        mean(sums, Sum.WEEK),
        mean(sums, Sum.MONTH),
        mean(sums, Sum.WEEK_HELD),
        mean(sums, Sum.MONTH_HELD),
        mean(sums, Sum.PUBLISHED),
        mean(sums, Sum.DAYS_OFF),
        mean(sums, Sum.DATE_HELD));
  }

  private enum Sum {
    UNCHANGED,
    WEEK,
    WEEK_HELD,
    MONTH,
    MONTH_HELD,
    PUBLISHED,
    DAYS_OFF,
    DATE_HELD
  }

  private static void compare(
      Map<Sum, List<Double>> sums, Sum error, Sum held, Band band, double truth) {
    sums.get(error).add(Math.abs(truth - band.likely()));
    sums.get(held).add(truth >= band.low() && truth <= band.high() ? 1.0 : 0.0);
  }

  private static double mean(Map<Sum, List<Double>> sums, Sum sum) {
    return sums.get(sum).stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  private record Filled(double limit, Instant at) {}

  /// A limit that the series first reaches sixty days on, or nothing for one that is that high now.
  private static @Nullable Filled firstAbove(Shape shape, int day) {
    var limit = 0.0;
    for (var i = 0; i < FULL_AFTER; i++) {
      limit = Math.max(limit, shape.value(SEED, day + i));
    }
    for (var i = FULL_AFTER; i < FULL_AFTER + 30; i++) {
      if (shape.value(SEED, day + i) > limit && shape != Shape.FLAT) {
        return new Filled(shape.value(SEED, day + i), Shape.at(day + i));
      }
    }
    return null;
  }

  private static double days(@Nullable Instant at) {
    var far = at == null ? Shape.START.plus(Forecast.FARTHEST) : at;
    return (double) Duration.between(Shape.START, far).toHours() / 24;
  }
}
