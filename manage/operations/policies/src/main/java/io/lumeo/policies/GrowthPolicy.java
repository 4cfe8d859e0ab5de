package io.lumeo.policies;

import io.lumeo.policies.GrowthDecision.AddDevices;
import io.lumeo.policies.GrowthDecision.Blocked;
import io.lumeo.policies.GrowthDecision.Delegated;
import io.lumeo.policies.GrowthDecision.Grow;
import io.lumeo.policies.GrowthDecision.Nothing;
import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides whether something grows, and by how much.
///
/// It never grows past its maximum and never into the group's reserve. A step is the least; when
/// one would not do, because it is far above its threshold or fills faster than that, it takes
/// several at once and says so.
public final class GrowthPolicy {
  /// How many steps a fast fill may add. A burst must not take the whole group.
  private static final int MORE_STEPS = 3;

  /// What a system that knows shares only is told where the rule says a size.
  private static final int STEP_OF_SYSTEMS_PERCENT = 20;

  private static final Duration NEVER = Duration.ofSeconds(Long.MAX_VALUE);

  private final GrowthFacts facts;
  private final GrowthFacts.Room room;
  private final GrowthRule rule;
  private final Instant now;

  private GrowthPolicy(GrowthFacts facts, GrowthRule rule, Instant now) {
    this.facts = facts;
    this.room = facts.room();
    this.rule = rule;
    this.now = now;
  }

  /// What is to be done at `now`.
  public static GrowthDecision decide(GrowthFacts facts, GrowthRule rule, Instant now) {
    var policy = new GrowthPolicy(facts, rule, now);
    return switch (rule.mode()) {
      case DELEGATE -> policy.delegated();
      case MANAGED -> policy.managed();
    };
  }

  /// What has to be free in the group for the next step of growth: what the step takes, and the
  /// reserve that it must leave. Nothing, 0, of what grows no more or is grown by its system.
  public static long roomForNextStep(GrowthFacts facts, GrowthRule rule) {
    return switch (rule.mode()) {
      case DELEGATE -> 0;
      case MANAGED -> new GrowthPolicy(facts, rule, Instant.EPOCH).roomForNextStep();
    };
  }

  private long roomForNextStep() {
    var left = most() - facts.sizeBytes();
    if (left < room.unitBytes()) {
      return 0;
    }
    var to = facts.sizeBytes() + ByteMath.roundDown(Math.min(step(), left), room.unitBytes());
    return ByteMath.plus(cost(to), rule.reserve().of(room.sizeBytes()));
  }

  private GrowthDecision delegated() {
    var self = facts.selfExtension();
    var warnings = new ArrayList<String>();
    if (facts.target() == GrowthTarget.FILE_SYSTEM) {
      warnings.add("no system extends a file system by itself; set its growth to managed");
    } else if (self == null) {
      warnings.add(
          "its system is not told to extend it; set an extension threshold below 100 there, or its"
              + " growth to managed");
    } else if (!self.watched()) {
      warnings.add(
          "its system is told to extend it at %d %%, but nothing watches it; turn its monitoring on"
              .formatted(self.thresholdPercent()));
    }
    return new Delegated(
        "%s is %s full and left to its system".formatted(facts.name(), fill()),
        facts.target() == GrowthTarget.POOL_DATA ? toTell(self) : null,
        warnings,
        self == null ? List.of() : beyond(self));
  }

  /// What its system has to be told to extend a pool as the rule says, or null. A system with a
  /// maximum of its own keeps what it was told as sizes, which are other shares once it has grown.
  private Pool.@Nullable SelfExtension toTell(Pool.@Nullable SelfExtension self) {
    var step =
        switch (rule.step()) {
          case Amount.Percent(var percent) -> percent;
          case Amount.Bytes _ -> STEP_OF_SYSTEMS_PERCENT;
        };
    if (self != null
        && self.watched()
        && (self.maximumBytes() != null
            || (self.thresholdPercent() == rule.thresholdPercent()
                && self.stepPercent() == step))) {
      return null;
    }
    return new Pool.SelfExtension(rule.thresholdPercent(), step, true, rule.maximumBytes());
  }

  private List<String> beyond(Pool.SelfExtension self) {
    var beyond = new ArrayList<String>();
    var step =
        ByteMath.roundUp(ByteMath.percent(facts.sizeBytes(), self.stepPercent()), room.unitBytes());
    var next = ByteMath.plus(facts.sizeBytes(), step);
    var maximum = rule.maximumBytes();
    if (maximum != null && next > maximum && self.maximumBytes() == null) {
      beyond.add(
          "its system's next step makes it %s, past its maximum of %s, and its system knows no maximum"
              .formatted(Words.bytes(next), Words.bytes(maximum)));
    }
    var cost = cost(next);
    if (cost > room.freeBytes()) {
      beyond.add(
          "its system's next step takes %s and the group has %s free; add a device"
              .formatted(Words.bytes(cost), Words.bytes(room.freeBytes())));
    } else if (cost > available(0)) {
      beyond.add(
          "its system's next step takes %s and goes into the reserve of %s"
              .formatted(Words.bytes(cost), rule.reserve().words()));
    }
    return beyond;
  }

  private GrowthDecision managed() {
    var hopeless = hopeless();
    if (hopeless != null) {
      return hopeless;
    }
    var trigger = trigger();
    if (trigger == null) {
      return new Nothing(restful());
    }
    var wait = coolDownLeft();
    if (!wait.isZero() && !isFullWithin(wait)) {
      return new Nothing(
          "%s, but it grew %s ago and waits %s more"
              .formatted(
                  trigger, Words.duration(rule.coolDown().minus(wait)), Words.duration(wait)));
    }
    return grow(trigger);
  }

  /// What no extension would mend.
  private @Nullable GrowthDecision hopeless() {
    var name = facts.name();
    if (facts.target() == GrowthTarget.SNAPSHOT_STORE
        && facts.health().state() == Health.State.INVALID) {
      // LVM extends it all the same, exits 0, and the snapshot stays dead.
      return new Nothing("%s has overflowed; extending it brings nothing back".formatted(name));
    }
    if (facts.health().state() == Health.State.FAILED
        || facts.health().state() == Health.State.READ_ONLY) {
      return new Blocked(
          0,
          "%s takes no changes: %s".formatted(name, facts.health().reason()),
          List.of("repair it first: see the handbook for its state"));
    }
    var self = facts.selfExtension();
    if (self != null && self.watched()) {
      return new Blocked(
          0,
          "%s is extended by its own system at %d %%, and two that extend it would extend it twice"
              .formatted(name, self.thresholdPercent()),
          List.of("set its growth to delegate", "turn its system's own extension off"));
    }
    return null;
  }

  /// Why it has to grow, or null when it has not.
  private @Nullable String trigger() {
    var size = facts.usage().sizeBytes();
    var limit = ByteMath.percent(size, rule.thresholdPercent());
    if (size > 0 && facts.usage().usedBytes() >= limit) {
      return "%s is %s full, at or over %d %%"
          .formatted(facts.name(), fill(), rule.thresholdPercent());
    }
    if (size > 0 && isFullWithin(rule.leadTime())) {
      return "%s is %s full and may be full in %s, within %s"
          .formatted(
              facts.name(), fill(), Words.duration(timeToFull()), Words.duration(rule.leadTime()));
    }
    return null;
  }

  private String restful() {
    var end = timeToFull();
    return "%s is %s full, below %d %%%s"
        .formatted(
            facts.name(),
            fill(),
            rule.thresholdPercent(),
            end.equals(NEVER)
                ? ""
                : ", and full in %s at the earliest".formatted(Words.duration(end)));
  }

  /// What is left of the cool-down. A growth that lies in the future was noted by a wrong clock and
  /// holds nothing up.
  private Duration coolDownLeft() {
    var last = facts.lastGrownAt();
    if (last == null || last.isAfter(now)) {
      return Duration.ZERO;
    }
    var left = rule.coolDown().minus(Duration.between(last, now));
    return left.isPositive() ? left : Duration.ZERO;
  }

  private GrowthDecision grow(String trigger) {
    if (facts.obstacle() != null) {
      return new Blocked(
          0, "%s, and cannot grow: %s".formatted(trigger, facts.obstacle()), List.of());
    }
    var unit = room.unitBytes();
    var size = facts.sizeBytes();
    var step = step();
    var steps = Math.max(1, ByteMath.parts(shortOfThreshold(0), step));
    var fast = Math.min(ByteMath.parts(shortOfThreshold(inflow()), step), steps + MORE_STEPS);
    var wanted = ByteMath.plus(size, ByteMath.times(step, Math.max(steps, fast)));
    var most = most();
    if (most - size < unit) {
      return atMaximum(trigger, most);
    }
    var to = size + ByteMath.roundDown(Math.min(wanted, most) - size, unit);
    return into(to, trigger + why(steps, fast, wanted, most));
  }

  private long step() {
    return Math.max(
        room.unitBytes(), ByteMath.roundUp(rule.step().of(facts.sizeBytes()), room.unitBytes()));
  }

  /// By how much it would have to grow to be under its threshold when `more` has come in.
  private long shortOfThreshold(long more) {
    var used = ByteMath.plus(facts.usage().usedBytes(), more);
    var needed = ByteMath.plus(ByteMath.scale(used, 100, rule.thresholdPercent()), 1);
    return Math.max(0, needed - facts.usage().sizeBytes());
  }

  /// What comes in until it may grow again and somebody has had time to act.
  private long inflow() {
    var rate = facts.fillBytesPerHour();
    var span = rule.coolDown().compareTo(rule.leadTime()) > 0 ? rule.coolDown() : rule.leadTime();
    return rate == null ? 0 : ByteMath.scale(rate, span.toSeconds(), 3600);
  }

  private String why(long steps, long fast, long wanted, long most) {
    var why = new StringBuilder();
    if (fast > steps) {
      why.append(
          "; %d steps of %s and not %d, as it fills by %s an hour"
              .formatted(
                  fast,
                  rule.step().words(),
                  steps,
                  Words.bytes(facts.fillBytesPerHour() == null ? 0 : facts.fillBytesPerHour())));
    } else if (steps > 1) {
      why.append("; %d steps of %s bring it below".formatted(steps, rule.step().words()));
    }
    if (wanted > most) {
      why.append("; cut at its maximum of ").append(Words.bytes(most));
    }
    return why.toString();
  }

  private long most() {
    var maximum = rule.maximumBytes() == null ? Long.MAX_VALUE : rule.maximumBytes();
    var limit = facts.limitBytes() == null ? Long.MAX_VALUE : facts.limitBytes();
    return Math.min(maximum, limit);
  }

  private Blocked atMaximum(String trigger, long most) {
    var help = new ArrayList<String>();
    if (facts.limitBytes() == null || most < facts.limitBytes()) {
      help.add("raise its maximum");
    }
    help.add(
        switch (facts.target()) {
          case POOL_DATA -> "delete snapshots or volumes, or trim the file systems on it";
          case POOL_METADATA -> "delete snapshots, or use a pool of larger chunks";
          case SNAPSHOT_STORE -> "delete the snapshot before it is lost, or take a newer one";
          case FILE_SYSTEM -> "delete files";
        });
    return new Blocked(
        0,
        "%s, and is at its maximum of %s".formatted(trigger, Words.bytes(most)),
        List.copyOf(help));
  }

  /// Grows to `to` if the group has room, else asks for devices, else takes what there is.
  private GrowthDecision into(long to, String reason) {
    var size = facts.sizeBytes();
    var cost = cost(to);
    var available = available(0);
    if (cost <= available) {
      return new Grow(size, to, cost, reason);
    }
    var shortage =
        "the group has %s free beyond its reserve of %s, and %s are needed"
            .formatted(Words.bytes(available), rule.reserve().words(), Words.bytes(cost));
    var devices = devicesFor(cost);
    if (!devices.isEmpty()) {
      return new AddDevices(devices, "%s; %s".formatted(reason, shortage));
    }
    var less = fitting(available);
    if (less - size >= room.unitBytes()) {
      return new Grow(
          size,
          less,
          cost(less),
          "%s; not to %s, as %s".formatted(reason, Words.bytes(to), shortage));
    }
    return new Blocked(
        cost - available,
        "%s; %s".formatted(reason, shortage),
        List.of(
            "add a device of %s or more to the group".formatted(Words.bytes(cost - available)),
            "name spare devices in its growth rule",
            "delete what is not needed in the group"));
  }

  /// What being `to` bytes takes from the group.
  private long cost(long to) {
    var growth = ByteMath.times(to - facts.sizeBytes(), room.copies());
    var spare =
        facts.target() == GrowthTarget.POOL_METADATA
            ? Math.max(0, to - room.spareMetadataBytes())
            : 0;
    return ByteMath.plus(growth, spare);
  }

  /// What growth may take from the group, once `added` bytes of devices have joined it.
  private long available(long added) {
    var reserve = rule.reserve().of(ByteMath.plus(room.sizeBytes(), added));
    var free = ByteMath.plus(room.freeBytes(), added);
    return free <= reserve ? 0 : ByteMath.roundDown(free - reserve, room.unitBytes());
  }

  /// The first devices of the list that together make room for `cost`; all when none do, as they
  /// help at least.
  private List<String> devicesFor(long cost) {
    var devices = new ArrayList<String>();
    var added = 0L;
    for (var device : room.spareDevices()) {
      if (available(added) >= cost) {
        break;
      }
      // The group's own metadata takes a unit of each device.
      var usable =
          ByteMath.roundDown(Math.max(0, device.sizeBytes() - room.unitBytes()), room.unitBytes());
      if (usable > 0) {
        added = ByteMath.plus(added, usable);
        devices.add(device.path());
      }
    }
    return List.copyOf(devices);
  }

  /// The largest size that `available` bytes pay for.
  private long fitting(long available) {
    var size = facts.sizeBytes();
    if (facts.target() != GrowthTarget.POOL_METADATA) {
      return size + ByteMath.roundDown(available / room.copies(), room.unitBytes());
    }
    var left = available - Math.max(0, size - room.spareMetadataBytes());
    return left <= 0
        ? size
        : size + ByteMath.roundDown(left / (room.copies() + 1), room.unitBytes());
  }

  private String fill() {
    return Words.percent(facts.usage().ratio());
  }

  private boolean isFullWithin(Duration span) {
    return timeToFull().compareTo(span) < 0;
  }

  /// The earlier of what the forecast fears and what the present rate means.
  private Duration timeToFull() {
    var forecast = facts.timeToFull() == null ? NEVER : facts.timeToFull();
    var rate = facts.fillBytesPerHour();
    if (rate == null || rate <= 0) {
      return forecast;
    }
    var byRate = Duration.ofSeconds(ByteMath.scale(facts.usage().freeBytes(), 3600, rate));
    return forecast.compareTo(byRate) < 0 ? forecast : byRate;
  }
}
