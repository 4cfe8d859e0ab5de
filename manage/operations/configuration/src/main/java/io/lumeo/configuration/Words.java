package io.lumeo.configuration;

import java.util.Collection;
import java.util.Optional;

/// Words in messages: what was probably meant, and how a stranger's text is shown.
final class Words {
  private static final int SHOWN_CHARACTERS = 60;

  private Words() {}

  /// The one of `known` that `word` is most likely a slip of, if any is near enough.
  static Optional<String> meant(String word, Collection<String> known) {
    var limit = Math.max(1, word.length() / 3);
    var best = Optional.<String>empty();
    for (var candidate : known) {
      var distance = distance(fold(word), fold(candidate));
      if (distance <= limit) {
        limit = distance - 1;
        best = Optional.of(candidate);
      }
    }
    return best;
  }

  /// `; did you mean 'x'?`, or which there are.
  static String suggestion(String word, Collection<String> known) {
    return meant(word, known)
        .map("; did you mean '%s'?"::formatted)
        .orElseGet(() -> known.isEmpty() ? "" : "; there are: " + String.join(", ", known));
  }

  /// On one line, not too long, without anything a terminal would obey.
  static String shown(String text) {
    var shown = new StringBuilder();
    text.codePoints()
        .limit(SHOWN_CHARACTERS)
        .forEach(c -> {
          var type = Character.getType(c);
          var harmless =
              !Character.isISOControl(c)
                  && type != Character.FORMAT
                  && type != Character.LINE_SEPARATOR
                  && type != Character.PARAGRAPH_SEPARATOR
                  && type != Character.SURROGATE;
          shown.appendCodePoint(harmless ? c : '\uFFFD');
        });
    return text.codePointCount(0, text.length()) > SHOWN_CHARACTERS
        ? shown.append('…').toString()
        : shown.toString();
  }

  /// Case and the ways to join words are what people get wrong most often, and cost nothing.
  private static String fold(String word) {
    return word.toLowerCase(java.util.Locale.ROOT).replaceAll("[-_ ]", "");
  }

  /// Levenshtein's.
  private static int distance(String a, String b) {
    var row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      var diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        var replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
