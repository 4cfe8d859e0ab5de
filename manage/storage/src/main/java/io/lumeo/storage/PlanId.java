package io.lumeo.storage;

import java.time.Instant;
import java.util.Locale;
import java.util.random.RandomGenerator;

/// The name of one plan: a [Ulid]. What the plan makes carries it in a tag, so that a restart knows
/// its own half-made things.
public record PlanId(String text) {

  /// Checks its form.
  public PlanId {
    if (!isOne(text)) {
      throw new IllegalArgumentException("'" + text + "' is not the name of a plan");
    }
  }

  /// A new name for a plan that is made at that moment, to the millisecond.
  public static PlanId at(Instant moment, RandomGenerator random) {
    return new PlanId(Ulid.at(moment, random).text());
  }

  /// Whether that is the name of a plan.
  public static boolean isOne(String text) {
    return Ulid.isOne(text);
  }

  /// When the plan was made. Deciding code asks this and no clock, so that the same plan is made
  /// again when it is looked at once more before its first step.
  public Instant moment() {
    return new Ulid(text).moment();
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
