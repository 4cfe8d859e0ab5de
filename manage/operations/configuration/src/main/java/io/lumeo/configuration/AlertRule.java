package io.lumeo.configuration;

import java.time.Duration;
import java.util.Optional;

/// What an alert can be about, with the levels and times that hold unless the file says otherwise.
public enum AlertRule {
  POOL_DATA("the data of a pool fills", percent(80), percent(85), minutes(1)),
  POOL_METADATA("the metadata of a pool fills", percent(70), percent(85), minutes(1)),
  SNAPSHOT_STORE("the store of a classic snapshot fills", percent(70), percent(80), minutes(1)),
  SNAPSHOT_INVALID("a classic snapshot has overflowed and is lost", minutes(0)),
  POOL_STATE("a pool is read-only, out of space, failed or needs a check", minutes(0)),
  GROUP_FREE("a volume group has less free than the next step of growth", minutes(5)),
  SELF_EXTENSION("a pool is to be extended by LVM, and LVM will not do it", minutes(5)),
  EXTENSION_FAILED("something could not be grown", minutes(0)),
  CLEAN_UP_FAILED("snapshots that are due could not be removed", minutes(0)),
  TIME_TO_FULL(
      "something will be full soon, as forecast", time(Duration.ofDays(7)), none(), minutes(30)),
  MINUTES_TO_FULL(
      "something is filling now and will be full at once",
      none(),
      time(Duration.ofMinutes(30)),
      minutes(1)),
  POLICY_OVERDUE(
      "a policy has had no success for one and a half periods and this long",
      time(Duration.ofMinutes(10)),
      none(),
      minutes(0)),
  VERIFICATION_OLD("no snapshot was proven readable for longer than its policy allows", minutes(0)),
  DEVICE_MISSING("a device of a volume group is missing", minutes(0)),
  HOST_DOWN("a host does not answer", minutes(2)),
  MEASURE_ABSENT("something that was measured no longer is", minutes(15)),
  IOPS_DROP("a volume does much less than it usually does", minutes(10)),
  LATENCY("a volume answers slower than its limit", minutes(5));

  private final String about;
  private final Optional<Level> warning;
  private final Optional<Level> critical;
  private final Duration holdsFor;

  /// From where on.
  public sealed interface Level {
    /// A share, 0 to 100 %.
    record Percent(int percent) implements Level {}

    /// A time that is left, or that has passed.
    record Time(Duration time) implements Level {}
  }

  AlertRule(String about, Optional<Level> warning, Optional<Level> critical, Duration holdsFor) {
    this.about = about;
    this.warning = warning;
    this.critical = critical;
    this.holdsFor = holdsFor;
  }

  AlertRule(String about, Duration holdsFor) {
    this(about, none(), none(), holdsFor);
  }

  /// What the file calls it: `pool-data`.
  public String id() {
    return Scalars.word(this);
  }

  /// When it fires, as the end of a sentence.
  public String about() {
    return about;
  }

  public Optional<Level> warning() {
    return warning;
  }

  public Optional<Level> critical() {
    return critical;
  }

  /// How long it must be so before it is said.
  public Duration holdsFor() {
    return holdsFor;
  }

  /// Whether less is worse: of a time that is left.
  boolean falls() {
    return this == TIME_TO_FULL || this == MINUTES_TO_FULL;
  }

  private static Optional<Level> percent(int percent) {
    return Optional.of(new Level.Percent(percent));
  }

  private static Optional<Level> time(Duration time) {
    return Optional.of(new Level.Time(time));
  }

  private static Optional<Level> none() {
    return Optional.empty();
  }

  private static Duration minutes(int minutes) {
    return Duration.ofMinutes(minutes);
  }
}
