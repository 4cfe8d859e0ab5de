package io.lumeo.audit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// A record as a line of JSON, in one form only: keys in this order, no blanks, what is empty left
/// out. The hash is that of the line's bytes up to `,"hash":`, so that whoever checks the chain
/// need not understand what is in it.
///
/// What a terminal or a reader of lines would obey (controls, line separators, marks that turn the
/// direction of text) is escaped: a name cannot forge a line.
final class AuditLine {
  /// A record that is longer is shortened before it is written.
  static final int MAX_BYTES = 1 << 20;

  private static final int HASH_LENGTH = 64;
  private static final byte[] HASH_KEY = bytes(",\"hash\":\"");
  private static final byte[] PREVIOUS_KEY = bytes(",\"prevHash\":\"");
  private static final byte[] END = bytes("\"}");
  private static final int HASH_TAIL = HASH_KEY.length + HASH_LENGTH + END.length;
  private static final int PREVIOUS_TAIL = PREVIOUS_KEY.length + HASH_LENGTH + 1;
  private static final byte[] SEQUENCE_KEY = bytes("{\"seq\":");
  private static final JsonFactory JSON = new JsonFactory();

  /// What the chain needs to know of a line.
  record Link(long sequence, String previousHash, String hash) {}

  private AuditLine() {}

  /// The line, without its end.
  static byte[] write(
      long sequence, String id, Instant time, AuditEntry entry, String previousHash) {
    var line = new StringBuilder();
    line.append("{\"seq\":").append(sequence);
    text(line, "id", id);
    text(line, "time", time.toString());
    text(line, "actor", entry.actor());
    text(line, "source", entry.source());
    text(line, "verb", entry.verb());
    if (!entry.targets().isEmpty()) {
      texts(line.append(",\"targets\":"), entry.targets());
    }
    optional(line, "decision", entry.decision());
    if (!entry.executed().isEmpty()) {
      executed(line, entry.executed());
    }
    if (!entry.duration().isZero()) {
      line.append(",\"ms\":").append(entry.duration().toMillis());
    }
    map(line, "before", entry.before());
    map(line, "after", entry.after());
    optional(line, "backup", entry.backup().orElse(""));
    text(line, "result", entry.result().word());
    optional(line, "reason", entry.reason());
    text(line, "prevHash", previousHash);
    var hashed = bytes(line.toString());
    line.append(",\"hash\":\"").append(Sha256.of(hashed, hashed.length)).append("\"}");
    return bytes(line.toString());
  }

  private static void executed(StringBuilder line, List<Executed> commands) {
    line.append(",\"executed\":");
    var separator = '[';
    for (var command : commands) {
      texts(line.append(separator).append("{\"argv\":"), command.argv());
      line.append(",\"exit\":").append(command.exit());
      line.append(",\"ms\":").append(command.duration().toMillis()).append('}');
      separator = ',';
    }
    line.append(']');
  }

  private static void map(StringBuilder line, String key, SortedMap<String, String> map) {
    if (!map.isEmpty()) {
      line.append(",\"").append(key).append("\":");
      var separator = '{';
      for (var entry : map.entrySet()) {
        quote(line.append(separator), entry.getKey());
        quote(line.append(':'), entry.getValue());
        separator = ',';
      }
      line.append('}');
    }
  }

  private static void texts(StringBuilder line, List<String> texts) {
    line.append('[');
    for (int i = 0; i < texts.size(); i++) {
      quote(i == 0 ? line : line.append(','), texts.get(i));
    }
    line.append(']');
  }

  private static void optional(StringBuilder line, String key, String text) {
    if (!text.isEmpty()) {
      text(line, key, text);
    }
  }

  private static void text(StringBuilder line, String key, String text) {
    quote(line.append(",\"").append(key).append("\":"), text);
  }

  private static void quote(StringBuilder line, String text) {
    line.append('"');
    text.codePoints()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            line.append('\\').append((char) c);
          } else if (isHarmless(c)) {
            line.appendCodePoint(c);
          } else if (Character.getType(c) == Character.SURROGATE) {
            line.append('\uFFFD'); // half a character is none, in JSON as in UTF-8
          } else {
            for (var unit : Character.toChars(c)) {
              line.append("\\u%04x".formatted((int) unit));
            }
          }
        });
    line.append('"');
  }

  private static boolean isHarmless(int c) {
    return switch ((byte) Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /// The place of a line in the chain, if the line is whole and its hash is its own.
  static Optional<Link> link(byte[] line) {
    var hashed = line.length - HASH_TAIL;
    if (hashed < SEQUENCE_KEY.length + 2 + PREVIOUS_TAIL
        || !hasAt(line, 0, SEQUENCE_KEY)
        || !hasAt(line, hashed, HASH_KEY)
        || !hasAt(line, line.length - END.length, END)
        || !hasAt(line, hashed - PREVIOUS_TAIL, PREVIOUS_KEY)
        || line[hashed - 1] != '"') {
      return Optional.empty();
    }
    var hash = latin(line, hashed + HASH_KEY.length, HASH_LENGTH);
    if (!hash.equals(Sha256.of(line, hashed))) {
      return Optional.empty();
    }
    return sequence(line)
        .map(sequence ->
            new Link(sequence, latin(line, hashed - 1 - HASH_LENGTH, HASH_LENGTH), hash));
  }

  private static Optional<Long> sequence(byte[] line) {
    var end = SEQUENCE_KEY.length;
    while (end < line.length && line[end] >= '0' && line[end] <= '9') {
      end++;
    }
    var digits = end - SEQUENCE_KEY.length;
    return digits == 0 || digits > 18
        ? Optional.empty()
        : Optional.of(Long.parseLong(latin(line, SEQUENCE_KEY.length, digits)));
  }

  private static boolean hasAt(byte[] line, int at, byte[] part) {
    return java.util.Arrays.equals(line, at, at + part.length, part, 0, part.length);
  }

  private static String latin(byte[] line, int offset, int length) {
    return new String(line, offset, length, StandardCharsets.ISO_8859_1);
  }

  /// The record in a line.
  ///
  /// @throws IllegalArgumentException if it is not one
  static AuditRecord read(String line) {
    var fields = new Fields();
    try (var json = JSON.createParser(ObjectReadContext.empty(), line)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        var key = json.currentName();
        json.nextToken();
        fields.read(key, json);
      }
      return fields.record();
    } catch (JacksonException | java.time.DateTimeException e) {
      throw new IllegalArgumentException("not a record: " + e.getMessage(), e);
    }
  }

  /// What has been read of a line.
  private static final class Fields {
    private final SortedMap<String, String> texts = new TreeMap<>();
    private final SortedMap<String, String> before = new TreeMap<>();
    private final SortedMap<String, String> after = new TreeMap<>();
    private final List<String> targets = new ArrayList<>();
    private final List<Executed> executed = new ArrayList<>();
    private long sequence;
    private Duration duration = Duration.ZERO;

    private void read(String key, JsonParser json) {
      switch (key) {
        case "seq" -> sequence = json.getLongValue();
        case "ms" -> duration = Duration.ofMillis(json.getLongValue());
        case "targets" -> targets.addAll(strings(json));
        case "before" -> before.putAll(map(json));
        case "after" -> after.putAll(map(json));
        case "executed" -> {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            executed.add(command(json));
          }
        }
        default -> texts.put(key, json.getString());
      }
    }

    private static List<String> strings(JsonParser json) {
      var strings = new ArrayList<String>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        strings.add(json.getString());
      }
      return List.copyOf(strings);
    }

    private static SortedMap<String, String> map(JsonParser json) {
      var map = new TreeMap<String, String>();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        var key = json.currentName();
        json.nextToken();
        map.put(key, json.getString());
      }
      return map;
    }

    private static Executed command(JsonParser json) {
      List<String> argv = List.of();
      var exit = 0;
      var duration = Duration.ZERO;
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        var key = json.currentName();
        json.nextToken();
        switch (key) {
          case "argv" -> argv = strings(json);
          case "exit" -> exit = json.getIntValue();
          default -> duration = Duration.ofMillis(json.getLongValue());
        }
      }
      return new Executed(argv, exit, duration);
    }

    private AuditRecord record() {
      return new AuditRecord(
          sequence,
          text("id"),
          Instant.parse(text("time")),
          new AuditEntry(
              text("actor"),
              text("source"),
              text("verb"),
              List.copyOf(targets),
              text("decision"),
              List.copyOf(executed),
              duration,
              before,
              after,
              Optional.ofNullable(texts.get("backup")),
              AuditResult.of(text("result")),
              text("reason")),
          text("prevHash"),
          text("hash"));
    }

    private String text(String key) {
      return texts.getOrDefault(key, "");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
