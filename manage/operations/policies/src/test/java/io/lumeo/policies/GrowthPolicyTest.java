package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.policies.GrowthDecision.AddDevices;
import io.lumeo.policies.GrowthDecision.Blocked;
import io.lumeo.policies.GrowthDecision.Delegated;
import io.lumeo.policies.GrowthDecision.Grow;
import io.lumeo.policies.GrowthDecision.Nothing;
import io.lumeo.policies.GrowthFacts.Room;
import io.lumeo.policies.GrowthFacts.SpareDevice;
import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.testing.SeededTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GrowthPolicyTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");
  private static final GrowthRule RULE = GrowthRule.standard(GrowthTarget.POOL_DATA);

  @Test
  void belowItsThresholdNothingHappens() {
    assertThat(decide(pool(100, 61))).isEqualTo(new Nothing("vg0/pool0 is 61 % full, below 80 %"));
    assertThat(decide(pool(100, 61).timeToFull(Duration.ofDays(12))))
        .isEqualTo(
            new Nothing("vg0/pool0 is 61 % full, below 80 %, and full in 12 d at the earliest"));
    assertThat(decide(pool(0, 0))).isInstanceOf(Nothing.class);
  }

  @Test
  void atItsThresholdItGrowsByAStep() {
    assertThat(decide(pool(100, 80)))
        .isEqualTo(
            new Grow(100 * GIB, 120 * GIB, 20 * GIB, "vg0/pool0 is 80 % full, at or over 80 %"));
  }

  @Test
  void farAboveItsThresholdItTakesTheStepsThatBringItBelow() {
    assertThat(grow(decide(pool(100, 99).rule(step(new Amount.Bytes(5 * GIB))))))
        .returns(125 * GIB, Grow::toBytes)
        .returns(
            "vg0/pool0 is 99 % full, at or over 80 %; 5 steps of 5 GiB bring it below",
            Grow::reason);
  }

  @Test
  void whatFillsFastGrowsBySeveralStepsAndSaysWhy() {
    var calm = pool(100, 80).rule(step(new Amount.Bytes(GIB))).filling(MIB);
    assertThat(grow(decide(calm)).toBytes()).isEqualTo(101 * GIB);
    var fast = pool(100, 80).rule(step(new Amount.Bytes(5 * GIB))).filling(10 * GIB);
    assertThat(grow(decide(fast)))
        .returns(115 * GIB, Grow::toBytes)
        .returns(
            "vg0/pool0 is 80 % full, at or over 80 %; 3 steps of 5 GiB and not 1, as it fills by 10"
                + " GiB an hour",
            Grow::reason);
    // A burst gets three more steps, and not the whole group.
    var burst = pool(100, 80).rule(step(new Amount.Bytes(5 * GIB))).filling(4096 * GIB);
    assertThat(grow(decide(burst)).toBytes()).isEqualTo(120 * GIB);
  }

  @Test
  void itGrowsBeforeItsThresholdWhenTheForecastFearsSo() {
    assertThat(grow(decide(pool(100, 50).timeToFull(Duration.ofMinutes(50)))).reason())
        .isEqualTo("vg0/pool0 is 50 % full and may be full in 50 min, within 1 h");
    assertThat(grow(decide(pool(100, 50).filling(60 * GIB))).reason())
        .startsWith("vg0/pool0 is 50 % full and may be full in 50 min, within 1 h");
    assertThat(decide(pool(100, 50).timeToFull(Duration.ofHours(2)))).isInstanceOf(Nothing.class);
  }

  @Test
  void itWaitsForItsCoolDownUnlessItWouldBeFullBefore() {
    var hot = pool(100, 85).grownAt(NOW.minus(Duration.ofMinutes(3)));
    assertThat(decide(hot))
        .isEqualTo(
            new Nothing(
                "vg0/pool0 is 85 % full, at or over 80 %, but it grew 3 min ago and waits 7 min"
                    + " more"));
    assertThat(decide(hot.filling(200 * GIB))).isInstanceOf(Grow.class);
    assertThat(decide(pool(100, 85).grownAt(NOW.minus(Duration.ofMinutes(10)))))
        .isInstanceOf(Grow.class);
    // Noted by a clock that was wrong.
    assertThat(decide(pool(100, 85).grownAt(NOW.plus(Duration.ofDays(900)))))
        .isInstanceOf(Grow.class);
  }

  @Test
  void itNeverGrowsPastItsMaximum() {
    var capped = rule(RULE.step(), 110 * GIB, RULE.reserve());
    assertThat(grow(decide(pool(100, 85).rule(capped))))
        .returns(110 * GIB, Grow::toBytes)
        .satisfies(grow -> assertThat(grow.reason()).endsWith("; cut at its maximum of 110 GiB"));
    assertThat(decide(pool(110, 105).rule(capped)))
        .isEqualTo(
            new Blocked(
                0,
                "vg0/pool0 is 95.5 % full, at or over 80 %, and is at its maximum of 110 GiB",
                List.of(
                    "raise its maximum",
                    "delete snapshots or volumes, or trim the file systems on it")));
    assertThat(decide(pool(120, 115).rule(capped))).isInstanceOf(Blocked.class);
  }

  @Test
  void itNeverGrowsIntoTheReserve() {
    // 1,000 GiB in the group, 5 % of it reserved.
    assertThat(grow(decide(pool(100, 85).free(70 * GIB))).toBytes()).isEqualTo(120 * GIB);
    assertThat(grow(decide(pool(100, 85).free(60 * GIB))))
        .returns(110 * GIB, Grow::toBytes)
        .returns(
            "vg0/pool0 is 85 % full, at or over 80 %; not to 120 GiB, as the group has 10 GiB free"
                + " beyond its reserve of 5 %, and 20 GiB are needed",
            Grow::reason);
    assertThat(decide(pool(100, 85).free(50 * GIB)))
        .isEqualTo(
            new Blocked(
                20 * GIB,
                "vg0/pool0 is 85 % full, at or over 80 %; the group has 0 B free beyond its reserve"
                    + " of 5 %, and 20 GiB are needed",
                List.of(
                    "add a device of 20 GiB or more to the group",
                    "name spare devices in its growth rule",
                    "delete what is not needed in the group")));
  }

  @Test
  void theNextStepNeedsRoomForTheReserveAsWell() {
    assertThat(roomForNextStep(pool(100, 10))).isEqualTo(70 * GIB);
    assertThat(roomForNextStep(pool(100, 10).copies(2))).isEqualTo(90 * GIB);
    assertThat(roomForNextStep(pool(100, 10).rule(rule(RULE.step(), 110 * GIB, RULE.reserve()))))
        .as("what is left to its maximum")
        .isEqualTo(60 * GIB);
    assertThat(roomForNextStep(pool(110, 10).rule(rule(RULE.step(), 110 * GIB, RULE.reserve()))))
        .as("it grows no more")
        .isZero();
    assertThat(roomForNextStep(delegated())).isZero();
    var metadata = pool(1, 1).target(GrowthTarget.POOL_METADATA).rule(step(new Amount.Bytes(GIB)));
    assertThat(roomForNextStep(metadata.spareMetadata(GIB))).isEqualTo(52 * GIB);
  }

  private static long roomForNextStep(Case given) {
    return GrowthPolicy.roomForNextStep(given.facts(), given.rule);
  }

  @Test
  void whenTheGroupIsUsedUpItsSpareDevicesAreAddedInOrder() {
    var spare = pool(100, 85).free(50 * GIB);
    assertThat(
            decide(
                spare.spares(
                    new SpareDevice("/dev/sdx", 15 * GIB),
                    new SpareDevice("/dev/sdy", 15 * GIB),
                    new SpareDevice("/dev/sdz", 15 * GIB))))
        .isEqualTo(
            new AddDevices(
                List.of("/dev/sdx", "/dev/sdy"),
                "vg0/pool0 is 85 % full, at or over 80 %; the group has 0 B free beyond its reserve"
                    + " of 5 %, and 20 GiB are needed"));
    assertThat(decide(spare.spares(new SpareDevice("/dev/sdx", GIB))))
        .isInstanceOfSatisfying(
            AddDevices.class, add -> assertThat(add.devices()).containsExactly("/dev/sdx"));
    // A device that is smaller than what the group writes on it helps nobody.
    assertThat(decide(spare.spares(new SpareDevice("/dev/sdx", MIB)))).isInstanceOf(Blocked.class);
  }

  @Test
  void metadataTakesItsSpareAlong() {
    var metadata = pool(1, 1).target(GrowthTarget.POOL_METADATA).rule(step(new Amount.Bytes(GIB)));
    assertThat(grow(decide(metadata.spareMetadata(GIB))))
        .returns(2 * GIB, Grow::toBytes)
        .returns(2 * GIB, Grow::takenBytes);
    assertThat(grow(decide(metadata.spareMetadata(4 * GIB))).takenBytes()).isEqualTo(GIB);
    assertThat(grow(decide(metadata.spareMetadata(0))).takenBytes()).isEqualTo(3 * GIB);
    // Half of what is free goes to the spare.
    assertThat(grow(decide(metadata.spareMetadata(GIB).free(51 * GIB))).toBytes())
        .isEqualTo(GIB + GIB / 2);
    assertThat(decide(metadata.spareMetadata(0).free(50 * GIB + GIB / 2)))
        .isInstanceOf(Blocked.class);
  }

  @Test
  void aMirrorTakesTwiceTheSpace() {
    assertThat(grow(decide(pool(100, 85).copies(2))).takenBytes()).isEqualTo(40 * GIB);
    assertThat(grow(decide(pool(100, 85).copies(2).free(70 * GIB))).toBytes()).isEqualTo(110 * GIB);
  }

  @Test
  void aSnapshotStoreGrowsBeforeItOverflowsAndNotAfter() {
    var store =
        pool(10, 8).target(GrowthTarget.SNAPSHOT_STORE).name("vg0/web-nightly").limit(11 * GIB);
    assertThat(grow(decide(store)).toBytes()).isEqualTo(11 * GIB);
    assertThat(decide(store.limit(10 * GIB)))
        .isEqualTo(
            new Blocked(
                0,
                "vg0/web-nightly is 80 % full, at or over 80 %, and is at its maximum of 10 GiB",
                List.of("delete the snapshot before it is lost, or take a newer one")));
    assertThat(decide(store.health(new Health(Health.State.INVALID, "it overflowed"))))
        .isEqualTo(new Nothing("vg0/web-nightly has overflowed; extending it brings nothing back"));
  }

  @Test
  void aVolumeWithClassicSnapshotsIsNotGrownInUse() {
    var volume =
        pool(100, 90)
            .target(GrowthTarget.FILE_SYSTEM)
            .obstacle("LVM does not extend web; delete s");
    assertThat(decide(volume))
        .isEqualTo(
            new Blocked(
                0,
                "vg0/pool0 is 90 % full, at or over 80 %, and cannot grow: LVM does not extend web;"
                    + " delete s",
                List.of()));
  }

  @Test
  void whatNeedsARepairIsNotGrown() {
    var broken = pool(100, 90).health(new Health(Health.State.READ_ONLY, "its metadata is full"));
    assertThat(decide(broken))
        .isEqualTo(
            new Blocked(
                0,
                "vg0/pool0 takes no changes: its metadata is full",
                List.of("repair it first: see the handbook for its state")));
    // Growing is what brings this one back.
    assertThat(decide(pool(100, 100).health(new Health(Health.State.OUT_OF_SPACE, "full"))))
        .isInstanceOf(Grow.class);
  }

  @Test
  void twoNeverExtendOnePool() {
    var watched = new Pool.SelfExtension(70, 20, true, null);
    assertThat(decide(pool(100, 90).extendsItself(watched)))
        .isEqualTo(
            new Blocked(
                0,
                "vg0/pool0 is extended by its own system at 70 %, and two that extend it would"
                    + " extend it twice",
                List.of("set its growth to delegate", "turn its system's own extension off")));
    var asleep = new Pool.SelfExtension(70, 20, false, null);
    assertThat(decide(pool(100, 90).extendsItself(asleep))).isInstanceOf(Grow.class);
  }

  @Test
  void aDelegatedPoolIsLeftToItsSystem() {
    assertThat(decide(delegated().extendsItself(new Pool.SelfExtension(80, 20, true, null))))
        .isEqualTo(
            new Delegated(
                "vg0/pool0 is 90 % full and left to its system", null, List.of(), List.of()));
  }

  @Test
  void theSystemOfADelegatedPoolIsToldWhatTheRuleSays() {
    var told = new Pool.SelfExtension(80, 20, true, null);
    assertThat(delegation(delegated()).tell()).isEqualTo(told);
    assertThat(delegation(delegated().extendsItself(told)).tell()).isNull();
    for (var other :
        List.of(
            new Pool.SelfExtension(70, 20, true, null),
            new Pool.SelfExtension(80, 30, true, null),
            new Pool.SelfExtension(80, 20, false, null))) {
      assertThat(delegation(delegated().extendsItself(other)).tell()).isEqualTo(told);
    }
    // As shares of what it has become: it was told a size, and keeps to it.
    var own = new Pool.SelfExtension(84, 16, true, 200 * GIB);
    assertThat(delegation(delegated().extendsItself(own)).tell()).isNull();
    assertThat(delegation(delegated().target(GrowthTarget.POOL_METADATA)).tell())
        .as("what is told of the data holds for the metadata")
        .isNull();
    var bytes =
        new GrowthRule(
            GrowthRule.Mode.DELEGATE,
            90,
            new Amount.Bytes(GIB),
            300 * GIB,
            RULE.coolDown(),
            RULE.reserve(),
            RULE.leadTime());
    assertThat(delegation(delegated().rule(bytes)).tell())
        .isEqualTo(new Pool.SelfExtension(90, 20, true, 300 * GIB));
  }

  @Test
  void aDelegatedPoolWhoseSystemWillNotActIsWarnedOf() {
    assertThat(warnings(delegated()))
        .singleElement()
        .asString()
        .startsWith("its system is not told to extend it");
    assertThat(warnings(delegated().extendsItself(new Pool.SelfExtension(70, 20, false, null))))
        .containsExactly(
            "its system is told to extend it at 70 %, but nothing watches it; turn its monitoring on");
    assertThat(warnings(delegated().target(GrowthTarget.FILE_SYSTEM)))
        .containsExactly("no system extends a file system by itself; set its growth to managed");
    var self = new Pool.SelfExtension(70, 20, true, null);
    assertThat(beyond(delegated().extendsItself(self).free(10 * GIB)))
        .containsExactly(
            "its system's next step takes 20 GiB and the group has 10 GiB free; add a device");
    assertThat(beyond(delegated().extendsItself(self).free(60 * GIB)))
        .containsExactly("its system's next step takes 20 GiB and goes into the reserve of 5 %");
    var capped =
        new GrowthRule(
            GrowthRule.Mode.DELEGATE,
            80,
            RULE.step(),
            110 * GIB,
            RULE.coolDown(),
            RULE.reserve(),
            RULE.leadTime());
    assertThat(beyond(delegated().rule(capped).extendsItself(self)))
        .containsExactly(
            "its system's next step makes it 120 GiB, past its maximum of 110 GiB, and its system"
                + " knows no maximum");
    assertThat(
            beyond(
                delegated()
                    .rule(capped)
                    .extendsItself(new Pool.SelfExtension(70, 20, true, 110 * GIB))))
        .isEmpty();
  }

  @Test
  void aRuleThatCannotBeIsRefused() {
    assertThatThrownBy(() -> step(new Amount.Bytes(0))).hasMessageContaining("a step above 0");
    assertThatThrownBy(() -> step(new Amount.Percent(0))).hasMessageContaining("a step above 0");
    assertThatThrownBy(() -> rule(RULE.step(), 0L, RULE.reserve())).hasMessageContaining("maximum");
    assertThatThrownBy(() -> new Amount.Bytes(-1)).hasMessageContaining("give 0 or more");
    assertThatThrownBy(() -> new Amount.Percent(1001)).hasMessageContaining("give 0 to 1000");
    assertThat(GrowthRule.standard(GrowthTarget.POOL_METADATA).thresholdPercent()).isEqualTo(70);
  }

  @SeededTest(seeds = 300)
  void whateverHappensItStaysWithinItsMaximumAndOutOfTheReserve(Random random) {
    var unit = MIB << random.nextInt(4);
    var size = unit * (1 + random.nextInt(5000));
    var groupSize = size * 2 + unit * random.nextInt(10_000);
    var target = List.of(GrowthTarget.values()).get(random.nextInt(4));
    var spare = random.nextBoolean() ? size : unit * random.nextInt(3000);
    var copies = 1 + random.nextInt(2);
    var rule =
        new GrowthRule(
            GrowthRule.Mode.MANAGED,
            1 + random.nextInt(99),
            random.nextBoolean()
                ? new Amount.Percent(1 + random.nextInt(200))
                : new Amount.Bytes(1 + random.nextLong(GIB * 4)),
            random.nextBoolean() ? null : 1 + random.nextLong(size * 3),
            Duration.ofMinutes(random.nextInt(60)),
            random.nextBoolean()
                ? new Amount.Percent(random.nextInt(60))
                : new Amount.Bytes(random.nextLong(groupSize)),
            Duration.ofMinutes(random.nextInt(600)));
    var facts =
        new GrowthFacts(
            target,
            "it",
            size,
            new Usage(size, random.nextLong(size + 1)),
            random.nextBoolean() ? null : 1 + random.nextLong(size * 3),
            new Room(groupSize, random.nextLong(groupSize), unit, copies, spare, List.of()),
            random.nextBoolean() ? null : NOW.minusSeconds(random.nextInt(-1000, 9000)),
            random.nextBoolean() ? null : random.nextLong(GIB * 1000),
            random.nextBoolean() ? null : Duration.ofSeconds(random.nextInt(100_000)),
            null,
            Health.ok(),
            null);
    var decision = GrowthPolicy.decide(facts, rule, NOW);
    assertThat(GrowthPolicy.decide(facts, rule, NOW)).isEqualTo(decision);
    assertThat(decision.reason()).isNotBlank();
    switch (decision) {
      case Grow(var from, var to, var taken, var reason) -> {
        assertThat(from).isEqualTo(size);
        assertThat(to).as(reason).isGreaterThan(size);
        assertThat((to - size) % unit).isZero();
        assertThat(taken).isGreaterThanOrEqualTo((to - size) * copies);
        assertThat(facts.room().freeBytes() - taken)
            .isGreaterThanOrEqualTo(rule.reserve().of(groupSize));
        if (rule.maximumBytes() != null) {
          assertThat(to).isLessThanOrEqualTo(rule.maximumBytes());
        }
        if (facts.limitBytes() != null) {
          assertThat(to).isLessThanOrEqualTo(facts.limitBytes());
        }
      }
      case Blocked(var missing, var reason, var help) -> {
        assertThat(missing).as(reason).isNotNegative();
        assertThat(help).isNotEmpty();
      }
      case Nothing(var reason) -> assertThat(reason).contains("full");
      case AddDevices(var devices, var reason) ->
          throw new AssertionError("there are no spare devices: " + devices + reason);
      case Delegated delegated -> throw new AssertionError("it is managed: " + delegated);
    }
  }

  /// Writers that come and go for ten days: never full while there is room, never past the cap.
  @SeededTest(seeds = 30)
  void aPoolThatIsLookedAtEveryMinuteIsNotFullWhileTheGroupHasRoom(Random random) {
    var size = 100 * GIB;
    var free = 800 * GIB;
    var used = 40 * GIB;
    var rate = 0L;
    var rule = rule(new Amount.Percent(10), 500 * GIB, new Amount.Percent(5));
    @Nullable Instant grown = null;
    var now = NOW;
    for (var minute = 0; minute < 14_400 && used < 480 * GIB; minute++) {
      if (minute % 60 == 0) {
        rate = random.nextInt(4) == 0 ? random.nextLong(20 * GIB) : random.nextLong(2 * GIB);
      }
      used += rate / 60;
      assertThat(used).as("at " + now).isLessThanOrEqualTo(size);
      var facts =
          new GrowthFacts(
              GrowthTarget.POOL_DATA,
              "pool",
              size,
              new Usage(size, used),
              null,
              new Room(1000 * GIB, free, 4 * MIB, 1, 0, List.of()),
              grown,
              rate,
              null,
              null,
              Health.ok(),
              null);
      if (GrowthPolicy.decide(facts, rule, now) instanceof Grow grow) {
        size = grow.toBytes();
        free -= grow.takenBytes();
        grown = now;
        assertThat(size).isLessThanOrEqualTo(500 * GIB);
        assertThat(free).isGreaterThanOrEqualTo(50 * GIB);
      }
      now = now.plusSeconds(60);
    }
    assertThat(size).isGreaterThan(100 * GIB);
  }

  private static GrowthRule step(Amount step) {
    return rule(step, null, RULE.reserve());
  }

  private static GrowthRule rule(Amount step, @Nullable Long maximum, Amount reserve) {
    return new GrowthRule(
        GrowthRule.Mode.MANAGED, 80, step, maximum, RULE.coolDown(), reserve, RULE.leadTime());
  }

  private static Case delegated() {
    return pool(100, 90)
        .rule(
            new GrowthRule(
                GrowthRule.Mode.DELEGATE,
                80,
                RULE.step(),
                null,
                RULE.coolDown(),
                RULE.reserve(),
                RULE.leadTime()));
  }

  private static GrowthDecision decide(Case given) {
    return GrowthPolicy.decide(given.facts(), given.rule, NOW);
  }

  private static Grow grow(GrowthDecision decision) {
    assertThat(decision).isInstanceOf(Grow.class);
    return (Grow) decision;
  }

  private static Delegated delegation(Case given) {
    var decision = decide(given);
    assertThat(decision).isInstanceOf(Delegated.class);
    return (Delegated) decision;
  }

  private static List<String> warnings(Case given) {
    return delegation(given).warnings();
  }

  private static List<String> beyond(Case given) {
    return delegation(given).beyond();
  }

  /// A pool of so many GiB in a group of 1,000 GiB with 500 free.
  private static Case pool(long sizeGib, long usedGib) {
    var given = new Case();
    given.size = sizeGib * GIB;
    given.used = usedGib * GIB;
    return given;
  }

  /// One case, told by what is special about it.
  private static final class Case {
    private GrowthTarget target = GrowthTarget.POOL_DATA;
    private GrowthRule rule = RULE;
    private String name = "vg0/pool0";
    private long size;
    private long used;
    private @Nullable Long limit;
    private long free = 500 * GIB;
    private int copies = 1;
    private long spareMetadata;
    private List<SpareDevice> spares = new ArrayList<>();
    private @Nullable Instant grownAt;
    private @Nullable Long rate;
    private @Nullable Duration timeToFull;
    private Pool.@Nullable SelfExtension self;
    private Health health = Health.ok();
    private @Nullable String obstacle;

    GrowthFacts facts() {
      return new GrowthFacts(
          target,
          name,
          size,
          new Usage(size, used),
          limit,
          new Room(1000 * GIB, free, 4 * MIB, copies, spareMetadata, spares),
          grownAt,
          rate,
          timeToFull,
          self,
          health,
          obstacle);
    }

    Case target(GrowthTarget value) {
      target = value;
      return this;
    }

    Case rule(GrowthRule value) {
      rule = value;
      return this;
    }

    Case name(String value) {
      name = value;
      return this;
    }

    Case limit(long value) {
      limit = value;
      return this;
    }

    Case free(long value) {
      free = value;
      return this;
    }

    Case copies(int value) {
      copies = value;
      return this;
    }

    Case spareMetadata(long value) {
      spareMetadata = value;
      return this;
    }

    Case grownAt(Instant value) {
      grownAt = value;
      return this;
    }

    Case filling(long value) {
      rate = value;
      return this;
    }

    Case timeToFull(Duration value) {
      timeToFull = value;
      return this;
    }

    Case extendsItself(Pool.SelfExtension value) {
      self = value;
      return this;
    }

    Case health(Health value) {
      health = value;
      return this;
    }

    Case obstacle(String value) {
      obstacle = value;
      return this;
    }

    Case spares(SpareDevice... devices) {
      spares = List.of(devices);
      return this;
    }
  }
}
