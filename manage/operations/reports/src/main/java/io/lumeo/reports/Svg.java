package io.lumeo.reports;

import io.lumeo.reports.Html.Element;
import java.util.Locale;

/// Pictures inside the page. They are drawn rather than styled, since printers leave out
/// backgrounds.
final class Svg {
  private Svg() {}

  static Element picture(double width, double height, String label) {
    return Html.element("svg")
        .with("viewBox", "0 0 %s %s".formatted(number(width), number(height)))
        .with("role", "img")
        .with("aria-label", label);
  }

  static Element line(double x1, double y1, double x2, double y2, String style) {
    return Html.element("line")
        .with("x1", x1)
        .with("y1", y1)
        .with("x2", x2)
        .with("y2", y2)
        .with("class", style);
  }

  static Element rectangle(double x, double y, double width, double height, String style) {
    return Html.element("rect")
        .with("x", x)
        .with("y", y)
        .with("width", Math.max(0, width))
        .with("height", height)
        .with("class", style);
  }

  static Element text(double x, double y, String anchor, String text) {
    return Html.element("text", text).with("x", x).with("y", y).with("text-anchor", anchor);
  }

  /// A bar that is filled from the left.
  static Element bar(double ratio, String style) {
    var percent = Math.round(ratio * 100);
    return picture(100, 10, percent + " %")
        .with("class", "bar")
        .with("preserveAspectRatio", "none")
        .add(rectangle(0, 0, 100, 10, "track"))
        .add(rectangle(0, 0, Math.clamp(ratio, 0, 1) * 100, 10, style));
  }

  static String number(double value) {
    var rounded = Math.round(value * 10) / 10.0;
    return rounded == Math.rint(rounded)
        ? Long.toString((long) rounded)
        : String.format(Locale.ROOT, "%.1f", rounded);
  }
}
