package io.lumeo.configuration;

import java.time.Duration;
import java.util.Optional;

/// What an alert can be about, with the levels that hold unless the file says otherwise.
public enum AlertRule {
  SNAPSHOT_STORE_FULL("the store of a classic snapshot fills", Unit.PERCENT, 70, 90),
  SNAPSHOT_INVALID("a classic snapshot has overflowed and is lost"),
  SNAPSHOT_CLEAN_UP_FAILED("snapshots that are due could not be removed"),
  POOL_DATA_FULL("the data of a pool fills", Unit.PERCENT, 80, 90),
  POOL_METADATA_FULL("the metadata of a pool fills", Unit.PERCENT, 70, 85),
  POOL_NEEDS_CHECK("the metadata of a pool needs a check"),
  POOL_READ_ONLY("a pool is read-only"),
  POOL_OUT_OF_DATA("a pool is out of data space"),
  POOL_FAILED("a pool has failed"),
  EXTENSION_FAILED("something could not be grown"),
  GROUP_CANNOT_EXTEND("a volume group has less free than the next step of growth"),
  AUTOEXTEND_MISCONFIGURED("a pool is to be extended by LVM, and LVM will not do it"),
  POOL_FULL_SOON("a pool will be full soon, as forecast", Unit.SECONDS, 7 * 86_400, 0),
  POOL_FILLING_FAST("a pool is filling now and will be full at once", Unit.SECONDS, 0, 30 * 60),
  FILE_SYSTEM_FULL("a file system has little left", Unit.PERCENT, 10, 5),
  POLICY_OVERDUE("a policy has had no success for one and a half of its periods"),
  VERIFICATION_OLD("no snapshot of a policy was proven readable for long"),
  DEVICE_MISSING("a device of a volume group is missing"),
  HOST_DOWN("a host does not answer"),
  INVENTORY_OLD("what is known of a host is old", Unit.SECONDS, 15 * 60, 0),
  METRIC_ABSENT("nothing is measured"),
  IOPS_DROPPED("a volume does much less than usual; how much less, 'monitors' says"),
  LATENCY_HIGH("a volume answers slower than the limit in 'monitors'"),
  PLAN_UNFINISHED("a change was begun and not ended"),
  CHANNEL_FAILING("a channel takes no messages");

  private final String about;
  private final Unit unit;
  private final int warning;
  private final int critical;

  /// What a level is in.
  private enum Unit {
    NONE,
    PERCENT,
    SECONDS
  }

  /// From where on.
  public sealed interface Level {
    /// A share, 0 to 100 %.
    record Percent(int percent) implements Level {}

    /// A time that is left, or that has passed.
    record Time(Duration time) implements Level {}
  }

  /// A rule with levels.
  ///
  /// @param warning 0 for none
  /// @param critical 0 for none
  AlertRule(String about, Unit unit, int warning, int critical) {
    this.about = about;
    this.unit = unit;
    this.warning = warning;
    this.critical = critical;
  }

  AlertRule(String about) {
    this(about, Unit.NONE, 0, 0);
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
    return level(warning);
  }

  /// From where on it is critical, if that is a matter of degree.
  public Optional<Level> critical() {
    return level(critical);
  }

  /// Whether less is worse: of what is left.
  boolean falls() {
    return switch (this) {
      case POOL_FULL_SOON, POOL_FILLING_FAST, FILE_SYSTEM_FULL -> true;
      default -> false;
    };
  }

  private Optional<Level> level(int value) {
    if (value == 0) {
      return Optional.empty();
    }
    return switch (unit) {
      case NONE -> Optional.empty();
      case PERCENT -> Optional.of(new Level.Percent(value));
      case SECONDS -> Optional.of(new Level.Time(Duration.ofSeconds(value)));
    };
  }
}
