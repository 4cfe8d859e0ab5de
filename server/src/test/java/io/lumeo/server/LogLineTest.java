package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Repository;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LogLineTest {
  private static final Pattern FIELD =
      Pattern.compile("([a-z]+)=(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|([^ \"]+))(?: |\n$)");
  private static final Pattern ESCAPED = Pattern.compile("\\\\(?:u([0-9a-f]{4})|(.))");

  private static LogRecord record(Level level, String message) {
    var record = new LogRecord(level, message);
    record.setLoggerName("io.lumeo.thin.Pool");
    record.setInstant(Instant.parse("2026-11-27T12:00:00.123456Z"));
    return record;
  }

  /// Reads a line as a program would, without knowing how it was written.
  private static Map<String, String> fields(String line) {
    assertThat(line).endsWith("\n").hasLineCount(1);
    var fields = new LinkedHashMap<String, String>();
    var field = FIELD.matcher(line);
    int end = 0;
    while (field.lookingAt()) {
      var quoted = field.group(2);
      fields.put(field.group(1), quoted == null ? field.group(3) : unescaped(quoted));
      end = field.end();
      field.region(end, line.length());
    }
    assertThat(end).as(line).isEqualTo(line.length());
    return fields;
  }

  private static String unescaped(String text) {
    return ESCAPED
        .matcher(text)
        .replaceAll(escape -> {
          var character =
              escape.group(1) != null
                  ? Character.toString(Integer.parseInt(escape.group(1), 16))
                  : switch (escape.group(2)) {
                    case "n" -> "\n";
                    case "t" -> "\t";
                    default -> escape.group(2);
                  };
          return java.util.regex.Matcher.quoteReplacement(character);
        });
  }

  @Test
  void aRecordIsALineOfFields() {
    var record = record(Level.WARNING, "the pool ''{0}'' is full");
    record.setParameters(new Object[] {"a \"b\""});

    assertThat(new LogLine().format(record))
        .isEqualTo(
            "time=2026-11-27T12:00:00.123Z level=warning logger=io.lumeo.thin.Pool"
                + " message=\"the pool 'a \\\"b\\\"' is full\"\n");
    assertThat(fields(new LogLine().format(record(Level.SEVERE, "x"))))
        .containsEntry("level", "error");
    assertThat(fields(new LogLine().format(record(Level.FINE, "x"))))
        .containsEntry("level", "debug");
  }

  @Test
  void whatWasThrownIsAFieldAndNotMoreLines() {
    var record = record(Level.SEVERE, "GET /metrics failed");
    var thrown = new IOException("no\nway", new IllegalStateException("deep"));
    record.setThrown(thrown);

    var fields = fields(new LogLine().format(record));

    assertThat(fields.keySet())
        .containsExactly("time", "level", "logger", "message", "error", "trace");
    assertThat(fields).containsEntry("error", "java.io.IOException: no\nway");
    assertThat(fields.get("trace"))
        .contains("at " + LogLineTest.class.getName())
        .contains("Caused by: java.lang.IllegalStateException: deep");
  }

  @SeededTest(seeds = 200)
  void anyMessageIsOneLineAndIsReadAgain(Random random) {
    var message = new StringBuilder();
    for (int i = random.nextInt(30); i > 0; i--) {
      message.appendCodePoint(random.nextInt(random.nextBoolean() ? 0x80 : 0x2100));
    }

    var fields = fields(new LogLine().format(record(Level.INFO, message.toString())));

    assertThat(fields).containsEntry("message", message.toString());
  }

  @Test
  void theProcessIsConfiguredToWriteSuchLines() throws IOException {
    var configuration = new Properties();
    var file = Repository.path(Path.of("server/src/main/lumeo/logging.properties"));
    try (var text = Files.newBufferedReader(file)) {
      configuration.load(text);
    }
    assertThat(configuration)
        .containsEntry("java.util.logging.ConsoleHandler.formatter", LogLine.class.getName());
  }
}
