package io.lumeo.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;

/// A record of the log as one line of fields, `name=value`, of which programs can make sense: time
/// and level, who says it, the message, and what was thrown with it.
///
/// Whatever is in a message, from other hosts too, it stays one line and one field. The JVM makes
/// it, by the name in `logging.properties`.
public final class LogLine extends Formatter {
  /// What must not reach a terminal or end a line: control characters, those that turn the
  /// direction of writing, separators of lines, and what ends a field.
  private static final Pattern SPECIAL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\"\\\\]");

  /// As the JVM makes it.
  public LogLine() {}

  @Override
  public String format(LogRecord record) {
    var line = new StringBuilder();
    line.append("time=").append(time(record));
    line.append(" level=").append(level(record.getLevel()));
    line.append(" logger=").append(record.getLoggerName());
    field(line, "message", formatMessage(record));
    var thrown = record.getThrown();
    if (thrown != null) {
      field(line, "error", thrown.toString());
      field(line, "trace", trace(thrown));
    }
    return line.append('\n').toString();
  }

  private static Instant time(LogRecord record) {
    return record.getInstant().truncatedTo(ChronoUnit.MILLIS);
  }

  /// In the words of other logs.
  private static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "error";
    }
    if (level.intValue() < Level.INFO.intValue()) {
      return "debug";
    }
    return level.getName().toLowerCase(Locale.ROOT);
  }

  private static String trace(Throwable thrown) {
    var trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    return trace.toString().strip();
  }

  private static void field(StringBuilder line, String name, String value) {
    line.append(' ').append(name).append("=\"");
    var special = SPECIAL.matcher(value);
    int done = 0;
    while (special.find()) {
      line.append(value, done, special.start()).append(escaped(special.group()));
      done = special.end();
    }
    line.append(value, done, value.length()).append('"');
  }

  /// As JSON does.
  private static String escaped(String special) {
    return switch (special) {
      case "\"" -> "\\\"";
      case "\\" -> "\\\\";
      case "\n" -> "\\n";
      case "\t" -> "\\t";
      default -> {
        var units = new StringBuilder();
        special.chars().forEach(unit -> units.append("\\u%04x".formatted(unit)));
        yield units.toString();
      }
    };
  }
}
