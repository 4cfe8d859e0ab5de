package io.lumeo.configuration;

import java.util.regex.Pattern;

/// Names by pattern: `*` is any characters, `?` is one; everything else is itself.
public record Glob(String text) {
  /// Everything.
  public static final Glob ANY = new Glob("*");

  public boolean matches(String name) {
    var regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      regex.append(
          switch (c) {
            case '*' -> ".*";
            case '?' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(name).matches();
  }

  /// Whether there is a name that both match.
  boolean overlaps(Glob other) {
    // reachable[j]: some name matches what we have seen of ours and the first j of theirs.
    var theirs = other.text;
    var reachable = new boolean[theirs.length() + 1];
    reachable[0] = true;
    passStars(reachable, theirs);
    for (int i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      var next = new boolean[theirs.length() + 1];
      for (int j = 0; j <= theirs.length(); j++) {
        if (!reachable[j]) {
          continue;
        }
        if (c == '*') {
          java.util.Arrays.fill(next, j, next.length, true);
        } else if (j < theirs.length() && theirs.charAt(j) == '*') {
          next[j] = true;
        } else if (j < theirs.length()
            && (c == '?' || theirs.charAt(j) == '?' || c == theirs.charAt(j))) {
          next[j + 1] = true;
        }
      }
      passStars(next, theirs);
      reachable = next;
    }
    return reachable[theirs.length()];
  }

  private static void passStars(boolean[] reachable, String theirs) {
    for (int j = 0; j < theirs.length(); j++) {
      reachable[j + 1] |= reachable[j] && theirs.charAt(j) == '*';
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
