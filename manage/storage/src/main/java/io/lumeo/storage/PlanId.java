package io.lumeo.storage;

import java.time.Instant;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// The name of one plan: its moment and 80 random bits, in 26 letters that sort by time (a ULID).
/// What the plan makes carries it in a tag, so that a restart knows its own half-made things.
///
/// @see <a href="https://github.com/ulid/spec">The ULID specification</a>
public record PlanId(String text) {
  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final Pattern FORM = Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}");
  private static final int TIME_LETTERS = 10;
  private static final int RANDOM_LETTERS = 16;
  private static final int BITS = 5;

  /// Checks its form.
  public PlanId {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("'" + text + "' is not the name of a plan");
    }
  }

  /// A new name for a plan that is made at that moment, to the millisecond.
  public static PlanId at(Instant moment, RandomGenerator random) {
    var letters = new StringBuilder();
    for (int i = TIME_LETTERS - 1; i >= 0; i--) {
      letters.append(ALPHABET.charAt((int) (moment.toEpochMilli() >>> (i * BITS)) & 31));
    }
    for (int i = 0; i < RANDOM_LETTERS; i++) {
      letters.append(ALPHABET.charAt(random.nextInt(32)));
    }
    return new PlanId(letters.toString());
  }

  /// Whether that is the name of a plan.
  public static boolean isOne(String text) {
    return FORM.matcher(text).matches();
  }

  /// When the plan was made. Deciding code asks this and no clock, so that the same plan is made
  /// again when it is looked at once more before its first step.
  public Instant moment() {
    long millis = 0;
    for (int i = 0; i < TIME_LETTERS; i++) {
      millis = millis << BITS | ALPHABET.indexOf(text.charAt(i));
    }
    return Instant.ofEpochMilli(millis);
  }

  /// A few letters for the names of volumes, where the whole would be too long.
  public String brief() {
    return text.substring(text.length() - 8).toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return text;
  }
}
