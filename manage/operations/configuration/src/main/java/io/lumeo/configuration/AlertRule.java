package io.lumeo.configuration;

import java.time.Duration;
import java.util.Optional;

/// What an alert can be about, with the levels that hold unless the file says otherwise.
public enum AlertRule {
  SNAPSHOT_STORE_FULL("the store of a classic snapshot fills", percent(70), percent(90)),
  SNAPSHOT_INVALID("a classic snapshot has overflowed and is lost"),
  SNAPSHOT_CLEAN_UP_FAILED("snapshots that are due could not be removed"),
  POOL_DATA_FULL("the data of a pool fills", percent(80), percent(90)),
  POOL_METADATA_FULL("the metadata of a pool fills", percent(70), percent(85)),
  POOL_NEEDS_CHECK("the metadata of a pool needs a check"),
  POOL_READ_ONLY("a pool is read-only"),
  POOL_OUT_OF_DATA("a pool is out of data space"),
  POOL_FAILED("a pool has failed"),
  EXTENSION_FAILED("something could not be grown"),
  GROUP_CANNOT_EXTEND("a volume group has less free than the next step of growth"),
  AUTOEXTEND_MISCONFIGURED("a pool is to be extended by LVM, and LVM will not do it"),
  POOL_FULL_SOON("a pool will be full soon, as forecast", time(Duration.ofDays(7)), none()),
  POOL_FILLING_FAST(
      "a pool is filling now and will be full at once", none(), time(Duration.ofMinutes(30))),
  FILE_SYSTEM_FULL("a file system has little left", percent(10), percent(5)),
  POLICY_OVERDUE("a policy has had no success for one and a half of its periods"),
  VERIFICATION_OLD("no snapshot of a policy was proven readable for long"),
  DEVICE_MISSING("a device of a volume group is missing"),
  HOST_DOWN("a host does not answer"),
  INVENTORY_OLD("what is known of a host is old", time(Duration.ofMinutes(15)), none()),
  METRIC_ABSENT("nothing is measured"),
  IOPS_DROPPED("a volume does much less than usual; how much less, 'monitors' says"),
  LATENCY_HIGH("a volume answers slower than the limit in 'monitors'"),
  PLAN_UNFINISHED("a change was begun and not ended"),
  CHANNEL_FAILING("a channel takes no messages");

  private final String about;
  private final Optional<Level> warning;
  private final Optional<Level> critical;

  /// From where on.
  public sealed interface Level {
    /// A share, 0 to 100 %.
    record Percent(int percent) implements Level {}

    /// A time that is left, or that has passed.
    record Time(Duration time) implements Level {}
  }

  AlertRule(String about, Optional<Level> warning, Optional<Level> critical) {
    this.about = about;
    this.warning = warning;
    this.critical = critical;
  }

  AlertRule(String about) {
    this(about, none(), none());
  }

  /// What the file calls it: `pool-data-full`.
  public String id() {
    return Scalars.word(this);
  }

  /// When it fires, as the end of a sentence.
  public String about() {
    return about;
  }

  /// From where on it is a warning, if that is a matter of degree.
  public Optional<Level> warning() {
    return warning;
  }

  /// From where on it is critical, if that is a matter of degree.
  public Optional<Level> critical() {
    return critical;
  }

  /// Whether less is worse: of what is left.
  boolean falls() {
    return switch (this) {
      case POOL_FULL_SOON, POOL_FILLING_FAST, FILE_SYSTEM_FULL -> true;
      default -> false;
    };
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
}
