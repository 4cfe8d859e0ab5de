package io.lumeo.reports;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the use of a pool grew, and how it is foreseen to go on.
///
/// @param sizeBytes what there is, which the use grows towards
/// @param history in order of time
/// @param forecast in order of time, after the history; empty when nothing can be foreseen
/// @param bytesPerDay the middle of what is foreseen, negative when it shrinks
/// @param full when it will be full, or null if not within sight
/// @param confidence such as `high` or `insufficient data`
/// @param basis how that was found: the model and its error, for whoever wonders
public record Growth(
    long sizeBytes,
    List<Point> history,
    List<Band> forecast,
    double bytesPerDay,
    @Nullable Full full,
    String confidence,
    String basis) {

  public Growth {
    history = List.copyOf(history);
    forecast = List.copyOf(forecast);
  }

  /// What was in use at a moment.
  public record Point(Instant at, double bytes) {}

  /// What is foreseen for a moment: it will be less with one chance in ten, in two, nine in ten.
  public record Band(Instant at, double low, double middle, double high) {}

  /// When it will be full: before that with one chance in ten, in two, nine in ten.
  ///
  /// @param middle null if not within sight
  /// @param late null if not within sight
  /// @param what such as `data` or `metadata`
  public record Full(
      Instant early, @Nullable Instant middle, @Nullable Instant late, String what) {}
}
