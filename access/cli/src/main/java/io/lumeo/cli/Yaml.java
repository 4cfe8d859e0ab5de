package io.lumeo.cli;

import io.lumeo.rest.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Writes trees as YAML 1.2 in block style. JSON is YAML, so every string that could be read as
/// something else is written as JSON writes it.
final class Yaml {
  /// Starts with a letter or slash and holds nothing that YAML gives a meaning to.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./+-]*");

  /// What a reader of YAML 1.1 or 1.2 takes for a truth value or nothing.
  private static final Pattern RESERVED = Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null");

  private Yaml() {}

  /// The text, without a final line break.
  static String write(@Nullable Object tree) {
    var text = new StringBuilder();
    node(text, tree, 0);
    return text.toString().stripTrailing();
  }

  private static void node(StringBuilder text, @Nullable Object tree, int depth) {
    switch (tree) {
      case Map<?, ?> map when !map.isEmpty() ->
          map.forEach((name, value) -> {
            indent(text, depth).append(scalar(name.toString())).append(':');
            child(text, value, depth + 1);
          });
      case List<?> list when !list.isEmpty() -> {
        for (var item : list) {
          indent(text, depth).append('-');
          child(text, item, depth + 1);
        }
      }
      case null, default -> text.append(scalar(tree)).append('\n');
    }
  }

  /// A value after `name:` or `-`: scalars on the line, the rest below, but the first field of a
  /// map in a list beside its hyphen.
  private static void child(StringBuilder text, @Nullable Object value, int depth) {
    if (isScalar(value)) {
      text.append(' ').append(scalar(value)).append('\n');
      return;
    }
    var nested = new StringBuilder();
    node(nested, value, depth);
    if (text.charAt(text.length() - 1) == '-') {
      text.append(' ').append(nested.substring(2 * depth));
    } else {
      text.append('\n').append(nested);
    }
  }

  private static boolean isScalar(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> map.isEmpty();
      case List<?> list -> list.isEmpty();
      case null, default -> true;
    };
  }

  private static String scalar(@Nullable Object value) {
    if (value instanceof String text
        && PLAIN.matcher(text).matches()
        && !RESERVED.matcher(text).matches()) {
      return text;
    }
    return new String(Json.write(value), StandardCharsets.UTF_8);
  }

  private static StringBuilder indent(StringBuilder text, int depth) {
    return text.append("  ".repeat(depth));
  }
}
