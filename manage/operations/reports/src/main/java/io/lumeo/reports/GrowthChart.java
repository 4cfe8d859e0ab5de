package io.lumeo.reports;

import io.lumeo.alerts.Quantity;
import io.lumeo.reports.Growth.Band;
import io.lumeo.reports.Growth.Point;
import io.lumeo.reports.Html.Element;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// The use of a pool over time: what was, as a line; what is foreseen, as a band around a dashed
/// one; and the size that it grows towards. Above one and a quarter of the size nothing is drawn:
/// there is no such use.
final class GrowthChart {
  private static final double WIDTH = 480;
  private static final double HEIGHT = 254;
  private static final double LEFT = 72;
  private static final double RIGHT = 470;
  private static final double TOP = 16;
  private static final double BOTTOM = 196;
  private static final int DATES = 4;
  private static final double MOST_LINES = 5;
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH);

  private final Growth growth;
  private final ZoneId zone;
  private final Instant begin;
  private final Instant end;
  private final double size;
  private final double top;

  private GrowthChart(Growth growth, ZoneId zone) {
    this.growth = growth;
    this.zone = zone;
    this.size = (double) growth.sizeBytes();
    this.begin = growth.history().getFirst().at();
    this.end =
        growth.forecast().isEmpty()
            ? growth.history().getLast().at()
            : growth.forecast().getLast().at();
    var most = growth.history().stream().mapToDouble(Point::bytes).max().orElse(0);
    var foreseen = growth.forecast().stream().mapToDouble(Band::high).max().orElse(0);
    this.top = Math.max(Math.max(most, 1), Math.max(size, Math.min(foreseen, size * 1.2))) * 1.05;
  }

  /// The chart, if there is enough to draw: two points at different times.
  static Optional<Element> of(Growth growth, ZoneId zone, String name) {
    var history = growth.history();
    if (history.size() < 2 || !history.getFirst().at().isBefore(history.getLast().at())) {
      return Optional.empty();
    }
    return Optional.of(new GrowthChart(growth, zone).draw(name));
  }

  private Element draw(String name) {
    var chart = Svg.picture(WIDTH, HEIGHT, "Use of " + name + " over time").with("class", "chart");
    drawSizes(chart);
    drawDates(chart);
    drawForecast(chart);
    chart.add(path(growth.history(), Point::at, Point::bytes, "was"));
    drawCapacity(chart);
    drawLegend(chart);
    return chart;
  }

  private void drawSizes(Element chart) {
    var step = step();
    for (var bytes = 0.0; bytes <= top; bytes += step) {
      chart.add(Svg.line(LEFT, y(bytes), RIGHT, y(bytes), bytes == 0 ? "axis" : "grid"));
      chart.add(Svg.text(LEFT - 6, y(bytes) + 4, "end", Quantity.BYTES.text(bytes)));
    }
    chart.add(Svg.line(LEFT, TOP, LEFT, BOTTOM, "axis"));
  }

  /// A round size that gives a handful of lines.
  private double step() {
    var step = 1.0;
    while (top / (step * 1024) > MOST_LINES) {
      step *= 1024;
    }
    var rounds = new double[] {1, 2, 5, 10, 20, 50, 100, 200, 500};
    for (var round : rounds) {
      if (top / (step * round) <= MOST_LINES) {
        return step * round;
      }
    }
    return step * 1024;
  }

  private void drawDates(Element chart) {
    var whole = Duration.between(begin, end);
    for (var i = 0; i <= DATES; i++) {
      var at = begin.plus(whole.multipliedBy(i).dividedBy(DATES));
      var anchor = i == 0 ? "start" : i == DATES ? "end" : "middle";
      chart.add(Svg.line(x(at), BOTTOM, x(at), BOTTOM + 4, "axis"));
      chart.add(Svg.text(x(at), BOTTOM + 18, anchor, DAY.format(at.atZone(zone))));
    }
  }

  private void drawForecast(Element chart) {
    if (growth.forecast().isEmpty()) {
      return;
    }
    var last = growth.history().getLast();
    var bands = new ArrayList<Band>();
    bands.add(new Band(last.at(), last.bytes(), last.bytes(), last.bytes()));
    bands.addAll(growth.forecast());
    var upper = points(bands, Band::at, Band::high);
    var lower = points(bands.reversed(), Band::at, Band::low);
    chart.add(Html.element("polygon").with("points", upper + " " + lower).with("class", "band"));
    chart.add(path(bands, Band::at, Band::middle, "foreseen"));
    chart.add(Svg.line(x(last.at()), TOP, x(last.at()), BOTTOM, "now"));
    chart.add(Svg.text(x(last.at()) - 4, TOP + 10, "end", "now"));
  }

  private void drawCapacity(Element chart) {
    var height = y(size);
    chart.add(Svg.line(LEFT, height, RIGHT, height, "size"));
    chart.add(
        Svg.text(
            LEFT + 6, Math.max(height - 4, TOP - 4), "start", "size " + Quantity.BYTES.text(size)));
  }

  private void drawLegend(Element chart) {
    var y = HEIGHT - 10;
    chart.add(Svg.line(LEFT, y - 4, LEFT + 24, y - 4, "was"));
    chart.add(Svg.text(LEFT + 30, y, "start", "in use"));
    if (!growth.forecast().isEmpty()) {
      chart.add(Svg.rectangle(LEFT + 90, y - 11, 24, 12, "band"));
      chart.add(Svg.line(LEFT + 90, y - 5, LEFT + 114, y - 5, "foreseen"));
      chart.add(Svg.text(LEFT + 120, y, "start", "foreseen, 8 chances in 10 within"));
    }
  }

  private <T> Element path(
      List<T> points, Function<T, Instant> at, ToDoubleFunction<T> bytes, String style) {
    return Html.element("polyline").with("points", points(points, at, bytes)).with("class", style);
  }

  private <T> String points(List<T> points, Function<T, Instant> at, ToDoubleFunction<T> bytes) {
    return points.stream()
        .map(point ->
            Svg.number(x(at.apply(point))) + "," + Svg.number(y(bytes.applyAsDouble(point))))
        .collect(Collectors.joining(" "));
  }

  private double x(Instant at) {
    var share =
        (double) Duration.between(begin, at).toMillis() / Duration.between(begin, end).toMillis();
    return LEFT + Math.clamp(share, 0, 1) * (RIGHT - LEFT);
  }

  private double y(double bytes) {
    return BOTTOM - Math.clamp(bytes / top, 0, 1) * (BOTTOM - TOP);
  }
}
