package io.lumeo.storage;

import java.time.Instant;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// A name that is unique everywhere and sorts by time: 48 bits of milliseconds and 80 of chance, in
/// 26 letters of Crockford's base 32.
///
/// @see <a href="https://github.com/ulid/spec">The ULID specification</a>
public record Ulid(String text) {
  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final Pattern FORM = Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}");
  private static final long LATEST_MILLIS = (1L << 48) - 1;
  private static final int TIME_LETTERS = 10;
  private static final int RANDOM_LETTERS = 16;
  private static final int BITS = 5;

  /// Checks its form.
  public Ulid {
    if (!isOne(text)) {
      throw new IllegalArgumentException("'" + text + "' is not a ULID");
    }
  }

  /// A new one of that moment, to the millisecond. What is before 1970 is as of then.
  public static Ulid at(Instant moment, RandomGenerator random) {
    long millis = Math.clamp(moment.toEpochMilli(), 0, LATEST_MILLIS);
    var letters = new StringBuilder();
    for (int i = TIME_LETTERS - 1; i >= 0; i--) {
      letters.append(ALPHABET.charAt((int) (millis >>> (i * BITS)) & 31));
    }
    for (int i = 0; i < RANDOM_LETTERS; i++) {
      letters.append(ALPHABET.charAt(random.nextInt(32)));
    }
    return new Ulid(letters.toString());
  }

  /// Whether that is one.
  public static boolean isOne(String text) {
    return FORM.matcher(text).matches();
  }

  /// When it was made.
  public Instant moment() {
    long millis = 0;
    for (int i = 0; i < TIME_LETTERS; i++) {
      millis = millis << BITS | ALPHABET.indexOf(text.charAt(i));
    }
    return Instant.ofEpochMilli(millis);
  }

  /// The one that sorts right after it.
  public Ulid next() {
    int last = text.length() - 1;
    while (text.charAt(last) == 'Z') {
      last--;
    }
    var raised = ALPHABET.charAt(ALPHABET.indexOf(text.charAt(last)) + 1);
    return new Ulid(text.substring(0, last) + raised + "0".repeat(text.length() - 1 - last));
  }

  @Override
  public String toString() {
    return text;
  }
}
