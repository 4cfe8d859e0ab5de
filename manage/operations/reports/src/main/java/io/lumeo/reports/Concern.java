package io.lumeo.reports;

import io.lumeo.alerts.Notice;
import io.lumeo.alerts.Severity;
import java.time.Instant;
import java.util.List;

/// Something that needs a person.
///
/// @param host whose trouble it is; empty when it is no host's
/// @param next what to do
public record Concern(
    Severity severity,
    String host,
    String title,
    String meaning,
    List<String> next,
    Instant since) {

  public Concern {
    next = List.copyOf(next);
  }

  /// An alert that fires.
  public static Concern of(Notice notice) {
    return new Concern(
        notice.severity(),
        notice.alert().labels().getOrDefault("host", ""),
        notice.text().title(),
        notice.text().meaning(),
        notice.text().next(),
        notice.begunAt());
  }
}
