package io.lumeo.alerts;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// All that is to be told at one moment, gravest first: people get one message of ten alerts, not
/// ten messages.
///
/// @param id the same for every attempt to deliver it, so that a receiver can tell a repetition
public record Message(String id, Instant at, List<Notice> notices) {

  public Message {
    notices = List.copyOf(notices);
  }

  /// One line of what it is about.
  public String subject() {
    var first = notices.getFirst();
    var mark = first.isResolved() ? "resolved" : first.severity().word();
    var more = notices.size() > 1 ? " (and %d more)".formatted(notices.size() - 1) : "";
    return "[%s] %s%s".formatted(mark, first.text().title(), more);
  }

  /// The whole message as plain text.
  public String text() {
    return notices.stream().map(Message::text).collect(Collectors.joining("\n\n"));
  }

  private static String text(Notice notice) {
    var lines = new StringBuilder();
    lines.append(heading(notice)).append(notice.text().title());
    if (notice.isResolved()) {
      return lines.append("\nIt is over since ").append(notice.endedAt()).append('.').toString();
    }
    lines.append('\n').append(notice.text().meaning());
    lines.append("\nSince ").append(notice.begunAt()).append('.');
    for (var step : notice.text().next()) {
      lines.append("\n  - ").append(step);
    }
    return lines.toString();
  }

  static String heading(Notice notice) {
    var word = notice.severity().word().toUpperCase(Locale.ROOT);
    return switch (notice.kind()) {
      case FIRING -> word + ": ";
      case WORSE -> word + " (worse than before): ";
      case STILL_FIRING -> word + " (still): ";
      case RESOLVED -> "RESOLVED: ";
    };
  }
}
