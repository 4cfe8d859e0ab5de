package io.lumeo.configuration;

import java.util.List;
import java.util.Set;

/// A report that is made by a schedule.
///
/// @param channels who gets it; it is also kept with the state
public record ReportSettings(
    String name,
    TimetableSettings timetable,
    Format format,
    Set<Content> content,
    List<Glob> hosts,
    List<String> channels) {

  /// As what.
  public enum Format {
    HTML,
    MARKDOWN
  }

  /// What is in it.
  public enum Content {
    ATTENTION,
    SIZES,
    HEALTH,
    GROWTH,
    FORECASTS,
    PERFORMANCE,
    ACTIONS
  }
}
