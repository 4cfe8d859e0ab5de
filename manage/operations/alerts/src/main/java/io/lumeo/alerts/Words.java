package io.lumeo.alerts;

import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sentences with places to be filled in: `{name}`.
final class Words {
  private static final Pattern PLACE = Pattern.compile("\\{([a-z_]+)\\}");
  private static final Pattern HARMLESS = Pattern.compile("[\\w@%+=:,./-]+");
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029]");

  private Words() {}

  static String fill(String text, UnaryOperator<String> value) {
    return PLACE
        .matcher(text)
        .replaceAll(place -> Matcher.quoteReplacement(value.apply(place.group(1))));
  }

  /// On one line and without anything that a terminal or a header would obey.
  static String oneLine(String text) {
    return CONTROL.matcher(text).replaceAll("?");
  }

  /// As one word for a shell.
  static String quoted(String word) {
    return HARMLESS.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
