package io.lumeo.configuration;

import io.lumeo.alerts.Rule;
import io.lumeo.alerts.Rules;
import io.lumeo.alerts.Severity;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// What an alert can be about. What holds unless the file says otherwise is in [Rules].
public enum AlertRule {
  SNAPSHOT_STORE_FULL("the store of a classic snapshot fills", true),
  SNAPSHOT_INVALID("a classic snapshot has overflowed and is lost"),
  SNAPSHOT_CLEAN_UP_FAILED("snapshots that are due could not be removed"),
  POOL_DATA_FULL("the data of a pool fills", true),
  POOL_METADATA_FULL("the metadata of a pool fills", true),
  POOL_NEEDS_CHECK("the metadata of a pool needs a check"),
  POOL_READ_ONLY("a pool is read-only"),
  POOL_OUT_OF_DATA("a pool is out of data space"),
  POOL_FAILED("a pool has failed"),
  EXTENSION_FAILED("something could not be grown"),
  GROUP_CANNOT_EXTEND("a volume group has less free than the next step of growth"),
  AUTOEXTEND_MISCONFIGURED("a pool is to be extended by LVM, and LVM will not do it"),
  SELF_EXTENSION_BEYOND_LIMIT("LVM would extend a pool past the limits of its growth rule"),
  POOL_FULL_SOON("a pool will be full soon, as forecast", true),
  POOL_FILLING_FAST("a pool is filling now and will be full at once", true),
  FILE_SYSTEM_FULL("a file system has little left", true),
  POLICY_MATCHES_NOTHING("a policy selects no volume of any host"),
  SNAPSHOT_RUN_FAILED("a policy did not take all of its snapshots"),
  POLICY_OVERDUE("a policy has had no success for one and a half of its periods"),
  VERIFICATION_FAILED("snapshots of a policy could not be proven readable"),
  VERIFICATION_OLD("no snapshot of a policy was proven readable for long"),
  DEVICE_MISSING("a device of a volume group is missing"),
  HOST_DOWN("a host does not answer"),
  INVENTORY_OLD("what is known of a host is old", true),
  METRIC_ABSENT("nothing is measured"),
  IOPS_DROPPED("a volume does much less than usual; how much less, 'monitors' says"),
  LATENCY_HIGH("a volume answers slower than the limit in 'monitors'"),
  PLAN_UNFINISHED("a change was begun and not ended"),
  RECORD_BROKEN("the record of what was done is broken, or cannot be written"),
  CHANNEL_FAILING("a channel takes no messages");

  private final String about;
  private final boolean graded;

  /// From where on.
  public sealed interface Level {
    /// In the unit of the rule's values.
    double threshold();

    /// A share, 0 to 100 %.
    record Percent(int percent) implements Level {
      @Override
      public double threshold() {
        return percent / 100.0;
      }
    }

    /// A time that is left, or that has passed.
    record Time(Duration time) implements Level {
      @Override
      public double threshold() {
        return time.toMillis() / 1000.0;
      }
    }
  }

  /// @param graded whether the file may say from where on
  AlertRule(String about, boolean graded) {
    this.about = about;
    this.graded = graded;
  }

  AlertRule(String about) {
    this(about, false);
  }

  /// What the file calls it: `pool-data-full`.
  public String id() {
    return Scalars.word(this);
  }

  /// What alerts and metrics call it: `PoolDataFull`.
  public String ruleName() {
    var name = new StringBuilder();
    for (var word : name().split("_", -1)) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString();
  }

  /// The rule as it is usual.
  public Rule standard() {
    return Rules.defaults().stream()
        .filter(rule -> rule.name().equals(ruleName()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no rule " + ruleName()));
  }

  /// When it fires, as the end of a sentence.
  public String about() {
    return about;
  }

  /// From where on it is a warning, if that is a matter of degree.
  public Optional<Level> warning() {
    return level(Severity.WARNING);
  }

  /// From where on it is critical, if that is a matter of degree.
  public Optional<Level> critical() {
    return level(Severity.CRITICAL);
  }

  /// Whether less is worse: of what is left.
  boolean falls() {
    return standard().direction() == Rule.Direction.BELOW;
  }

  /// The first step of a severity.
  private Optional<Level> level(Severity severity) {
    if (!graded) {
      return Optional.empty();
    }
    var rule = standard();
    return rule.steps().stream()
        .filter(step -> step.severity() == severity)
        .findFirst()
        .map(step ->
            switch (rule.quantity()) {
              case RATIO -> new Level.Percent((int) Math.round(step.threshold() * 100));
              case SECONDS -> new Level.Time(Duration.ofSeconds(Math.round(step.threshold())));
              case FLAG, COUNT, BYTES ->
                  throw new AssertionError("%s has no levels in a file".formatted(this));
            });
  }
}
