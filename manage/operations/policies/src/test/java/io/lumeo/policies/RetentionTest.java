package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.policies.RetentionPolicy.Pick;
import io.lumeo.policies.SnapshotFacts.State;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Numbers are those of the users' reports that these tests answer, as the design's list of them
/// has it.
class RetentionTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final RetentionPolicy STANDARD = RetentionPolicy.standard("nightly");
  private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");

  /// Reports 19 and 21: seven daily, four weekly and twelve monthly of one policy.
  @Test
  void oneDailyPolicyKeepsSevenDaysFourWeeksAndTwelveMonths() {
    var plan = Retention.plan(daily(LocalDate.parse("2024-01-01"), 809), STANDARD, NOW);
    assertThat(names(plan.kept()))
        .containsExactly(
            // Seven days, of which the first is a week's and a month's newest too.
            "2026-03-19",
            "2026-03-18",
            "2026-03-17",
            "2026-03-16",
            "2026-03-15",
            "2026-03-14",
            "2026-03-13",
            // The Sundays of two weeks more.
            "2026-03-08",
            "2026-03-01",
            // The last days of eleven months more.
            "2026-02-28",
            "2026-01-31",
            "2025-12-31",
            "2025-11-30",
            "2025-10-31",
            "2025-09-30",
            "2025-08-31",
            "2025-07-31",
            "2025-06-30",
            "2025-05-31",
            "2025-04-30");
  }

  @Test
  void everySnapshotHasItsReasons() {
    var plan = Retention.plan(daily(LocalDate.parse("2026-02-01"), 47), STANDARD, NOW);
    assertThat(reasons(plan, "2026-03-19"))
        .containsExactly(
            "newest of day 2026-03-19 (1 of 7 daily)",
            "newest of week 2026-W12 (1 of 4 weekly)",
            "newest of month 2026-03 (1 of 12 monthly)");
    assertThat(reasons(plan, "2026-03-15"))
        .containsExactly(
            "newest of day 2026-03-15 (5 of 7 daily)", "newest of week 2026-W11 (2 of 4 weekly)");
    assertThat(reasons(plan, "2026-03-12"))
        .containsExactly(
            "day 2026-03-12 is past the 7 daily that are kept",
            "not the newest of week 2026-W11",
            "not the newest of month 2026-03");
    assertThat(reasons(plan, "2026-02-10"))
        .containsExactly(
            "day 2026-02-10 is past the 7 daily that are kept",
            "week 2026-W07 is past the 4 weekly that are kept",
            "not the newest of month 2026-02");
    assertThat(plan.verdicts()).hasSize(47).noneMatch(verdict -> verdict.reasons().isEmpty());
  }

  /// Report 18: daily and monthly ones were kept of the wrong day round a change of clocks.
  @Test
  void aBucketBeginsWhenThePolicysCalendarSays() {
    // 23:30 UTC is the next day in Berlin, in winter by one hour and in summer by two.
    var winter = snapshot("winter", "2026-03-28T23:30:00Z");
    var change = snapshot("change", "2026-03-29T22:30:00Z");
    var policy = RetentionPolicy.of("nightly", Map.of(Bucket.DAY, 10));
    var utc = Retention.plan(List.of(winter, change), policy, NOW.plus(Duration.ofDays(30)));
    var berlin =
        Retention.plan(List.of(winter, change), policy.in(BERLIN), NOW.plus(Duration.ofDays(30)));
    assertThat(reasons(utc, "winter")).containsExactly("newest of day 2026-03-28 (2 of 10 daily)");
    assertThat(reasons(utc, "change")).containsExactly("newest of day 2026-03-29 (1 of 10 daily)");
    assertThat(reasons(berlin, "winter"))
        .containsExactly("newest of day 2026-03-29 (2 of 10 daily)");
    assertThat(reasons(berlin, "change"))
        .containsExactly("newest of day 2026-03-30 (1 of 10 daily)");
  }

  /// Report 18: the same, by the hour.
  @Test
  void theHourThatComesTwiceIsTwoHours() {
    var first = snapshot("first", "2026-10-25T00:15:00Z");
    var second = snapshot("second", "2026-10-25T01:15:00Z");
    var policy = RetentionPolicy.of("nightly", Map.of(Bucket.HOUR, 24)).in(BERLIN);
    var plan =
        Retention.plan(List.of(first, second), policy, Instant.parse("2026-10-25T12:00:00Z"));
    assertThat(reasons(plan, "first"))
        .containsExactly("newest of hour 2026-10-25T02+02:00 (2 of 24 hourly)");
    assertThat(reasons(plan, "second"))
        .containsExactly("newest of hour 2026-10-25T02+01:00 (1 of 24 hourly)");
  }

  /// Report 19: a machine was off for six months and its last snapshots were deleted for their age.
  @Test
  void afterHalfAYearOffTheLastSnapshotsAreStillThere() {
    var before = daily(LocalDate.parse("2025-08-01"), 40);
    var policy = RetentionPolicy.of("nightly", Map.of(Bucket.DAY, 7));
    assertThat(Retention.plan(before, policy, NOW).kept()).hasSize(7);
    var byAge =
        RetentionPolicy.of("nightly", Map.of(Bucket.HOUR, 1))
            .withWithin(Duration.ofDays(3))
            .withLast(3);
    assertThat(reasons(Retention.plan(before, byAge, NOW), "2025-09-07"))
        .containsExactly("one of the last 3 (3)");
  }

  /// Report 20: after a pause, all dailies were too old and went at once.
  @Test
  void aPauseCostsNoDailyBecauseDaysThatHaveNoneAreNotCounted() {
    var snapshots = new ArrayList<>(daily(LocalDate.parse("2026-01-01"), 10));
    snapshots.add(snapshot("after", "2026-03-19T02:00:00Z"));
    var plan = Retention.plan(snapshots, RetentionPolicy.of("nightly", Map.of(Bucket.DAY, 7)), NOW);
    assertThat(names(plan.kept()))
        .containsExactly(
            "after",
            "2026-01-10",
            "2026-01-09",
            "2026-01-08",
            "2026-01-07",
            "2026-01-06",
            "2026-01-05");
  }

  /// Report 22: quarterly, and so many of a year.
  @Test
  void quartersAndYearsAreBucketsToo() {
    var policy = RetentionPolicy.of("nightly", Map.of(Bucket.QUARTER, 3, Bucket.YEAR, 2));
    var plan = Retention.plan(daily(LocalDate.parse("2023-01-01"), 1174), policy, NOW);
    assertThat(names(plan.kept())).containsExactly("2026-03-19", "2025-12-31", "2025-09-30");
    assertThat(reasons(plan, "2025-12-31"))
        .containsExactly(
            "newest of quarter 2025-Q4 (2 of 3 quarterly)", "newest of year 2025 (2 of 2 yearly)");
  }

  @Test
  void anIsoWeekBelongsToTheYearOfItsThursday() {
    var policy = RetentionPolicy.of("nightly", Map.of(Bucket.WEEK, 5));
    var plan =
        Retention.plan(
            List.of(
                snapshot("sunday", "2027-01-03T10:00:00Z"),
                snapshot("monday", "2027-01-04T10:00:00Z")),
            policy,
            Instant.parse("2027-02-01T00:00:00Z"));
    assertThat(reasons(plan, "sunday")).containsExactly("newest of week 2026-W53 (2 of 5 weekly)");
    assertThat(reasons(plan, "monday")).containsExactly("newest of week 2027-W01 (1 of 5 weekly)");
  }

  @Test
  void theOldestOfABucketIsKeptWhenThatIsWanted() {
    var policy = RetentionPolicy.of("nightly", Map.of(Bucket.MONTH, 2)).picking(Pick.OLDEST);
    var plan = Retention.plan(daily(LocalDate.parse("2026-01-01"), 78), policy, NOW);
    assertThat(names(plan.kept())).containsExactly("2026-03-01", "2026-02-01");
    assertThat(reasons(plan, "2026-03-01"))
        .containsExactly("oldest of month 2026-03 (1 of 2 monthly)");
  }

  /// Report 23: a job was renamed and its snapshots belonged to nobody.
  @Test
  void onlyThePolicysOwnSnapshotsAreCandidatesWhateverTheirNames() {
    var mine = snapshot("called-quite-differently", "2026-03-01T02:00:00Z");
    var theirs = owned("nightly-2026-03-01", "2026-03-01T02:00:00Z", "hourly");
    var nobodys = owned("nightly-2026-03-02", "2026-03-02T02:00:00Z", null);
    var policy = RetentionPolicy.of("nightly", Map.of(Bucket.HOUR, 1)).withMinimum(1);
    var plan =
        Retention.plan(
            List.of(mine, theirs, nobodys, snapshot("newest", "2026-03-03T02:00:00Z")),
            policy,
            NOW);
    assertThat(names(plan.deletions())).containsExactly("called-quite-differently");
    assertThat(reasons(plan, "nightly-2026-03-01")).containsExactly("it belongs to policy hourly");
    assertThat(reasons(plan, "nightly-2026-03-02")).containsExactly("no policy made it");
  }

  /// Report 23: snapshots went on being made when deleting them failed.
  @Test
  void aboveItsCeilingAPolicyMakesNoMore() {
    var policy = STANDARD.withCeiling(30);
    var snapshots = daily(LocalDate.parse("2026-02-01"), 29);
    assertThat(Retention.reasonToStop(snapshots, policy, "web")).isNull();
    var full = daily(LocalDate.parse("2026-02-01"), 30);
    assertThat(Retention.reasonToStop(full, policy, "web"))
        .isEqualTo(
            "policy nightly has 30 snapshots of volume web and its ceiling is 30; find out why they"
                + " are not deleted, or raise the ceiling");
    assertThat(Retention.reasonToStop(full, policy, "db")).isNull();
  }

  /// Report 24: snapshots from the future after a clock had jumped.
  @Test
  void aSnapshotFromTheFutureIsLeftAloneAndWarnedOf() {
    var snapshots = new ArrayList<>(daily(LocalDate.parse("2026-02-01"), 47));
    var before = Retention.plan(snapshots, STANDARD, NOW);
    snapshots.add(snapshot("future", "2031-01-01T00:00:00Z"));
    var plan = Retention.plan(snapshots, STANDARD, NOW);
    assertThat(plan.deletions()).isEqualTo(before.deletions());
    assertThat(reasons(plan, "future")).containsExactly("it is dated 1747 d 12 h in the future");
    assertThat(plan.warnings())
        .containsExactly(
            "snapshot future is dated 1747 d 12 h in the future and is left alone; check the clock");
  }

  /// Report 24: and nothing is pruned by a clock that has just moved.
  @Test
  void nothingIsDeletedWhenTheClockMovedTooFar() {
    var snapshots = daily(LocalDate.parse("2026-02-01"), 47);
    for (var moved : List.of(Duration.ofHours(7), Duration.ofHours(-7))) {
      var plan = Retention.plan(snapshots, STANDARD, NOW, moved);
      assertThat(plan.deletions()).isEmpty();
      assertThat(reasons(plan, "2026-02-10"))
          .containsExactly("the clock moved by 7 h, more than 6 h");
      assertThat(plan.warnings()).hasSize(1);
    }
    assertThat(Retention.plan(snapshots, STANDARD, NOW, Duration.ofHours(6)).deletions())
        .isNotEmpty();
  }

  @Test
  void whatIsHeldOpenMergingOrVerifiedIsKept() {
    var old = "2020-01-01T00:00:00Z";
    var snapshots = new ArrayList<>(daily(LocalDate.parse("2026-02-01"), 47));
    snapshots.add(with("held", old, Set.of("audit-2020"), Set.of()));
    snapshots.add(with("open", old, Set.of(), Set.of(State.OPEN)));
    snapshots.add(with("merging", old, Set.of(), Set.of(State.MERGING)));
    snapshots.add(with("verified", old, Set.of(), Set.of(State.UNDER_INSPECTION)));
    var plan = Retention.plan(snapshots, STANDARD, NOW);
    assertThat(reasons(plan, "held")).contains("held by audit-2020");
    assertThat(reasons(plan, "open")).contains("it is open");
    assertThat(reasons(plan, "merging")).containsExactly("it is being merged into its origin");
    assertThat(reasons(plan, "verified")).contains("it is being verified");
  }

  @Test
  void whatWillSoonBeGoneDoesNotStandForADay() {
    var policy = RetentionPolicy.of("nightly", Map.of(Bucket.DAY, 1)).withMinimum(1);
    var good = snapshot("good", "2026-03-19T02:00:00Z");
    var merging = with("merging", "2026-03-19T03:00:00Z", Set.of(), Set.of(State.MERGING));
    var invalid = with("invalid", "2026-03-19T04:00:00Z", Set.of(), Set.of(State.INVALID));
    var plan = Retention.plan(List.of(good, merging, invalid), policy, NOW);
    assertThat(reasons(plan, "good")).containsExactly("newest of day 2026-03-19 (1 of 1 daily)");
    assertThat(names(plan.deletions())).containsExactly("invalid");
    assertThat(reasons(plan, "invalid"))
        .containsExactly("its store overflowed and nothing can be read from it");
  }

  @Test
  void aSnapshotOfUnknownAgeIsKept() {
    var plan =
        Retention.plan(
            List.of(facts("unknown", null, "nightly", Set.of(), Set.of())), STANDARD, NOW);
    assertThat(reasons(plan, "unknown")).containsExactly("nobody can say when it was made");
  }

  @Test
  void theMinimumIsKeptWhateverTheRulesSay() {
    var policy =
        new RetentionPolicy(
            "nightly",
            BERLIN,
            Map.of(),
            Pick.NEWEST,
            0,
            Duration.ofDays(1),
            3,
            Duration.ofHours(1),
            100);
    var plan = Retention.plan(daily(LocalDate.parse("2026-01-01"), 10), policy, NOW);
    assertThat(names(plan.kept())).containsExactly("2026-01-10", "2026-01-09", "2026-01-08");
    assertThat(reasons(plan, "2026-01-08")).containsExactly("at least 3 are kept");
    assertThat(reasons(plan, "2026-01-07")).containsExactly("older than 1 d");
  }

  @Test
  void eachVolumeIsJudgedForItself() {
    var web = daily(LocalDate.parse("2026-02-01"), 47);
    var db =
        web.stream()
            .map(facts ->
                new SnapshotFacts(
                    "db-" + facts.uuid(),
                    facts.name(),
                    "db",
                    facts.createdAt(),
                    facts.owner(),
                    facts.holds(),
                    facts.states(),
                    facts.classes()))
            .toList();
    var both = new ArrayList<>(web);
    both.addAll(db);
    assertThat(Retention.plan(both, STANDARD, NOW).kept())
        .hasSize(2 * Retention.plan(web, STANDARD, NOW).kept().size());
  }

  @Test
  void whatASnapshotIsCalledDecidesNothing() {
    var monthly =
        new SnapshotFacts(
            "monthly",
            "monthly",
            "web",
            Instant.parse("2026-02-02T02:00:00Z"),
            "nightly",
            new TreeSet<>(),
            Set.of(),
            new TreeSet<>(Set.of("monthly", "yearly")));
    var snapshots = new ArrayList<>(daily(LocalDate.parse("2026-02-03"), 45));
    snapshots.add(monthly);
    assertThat(Retention.plan(snapshots, STANDARD, NOW).deletions()).contains(monthly);
  }

  @Test
  void aPolicyThatWouldKeepNothingIsRefused() {
    assertThatThrownBy(() -> RetentionPolicy.of("nightly", Map.of()))
        .hasMessageContaining("would keep nothing");
    assertThatThrownBy(() -> RetentionPolicy.of("nightly", Map.of(Bucket.DAY, 0)))
        .hasMessageContaining("give positive numbers");
    assertThatThrownBy(() -> STANDARD.withMinimum(0)).hasMessageContaining("positive numbers");
    assertThatThrownBy(() -> STANDARD.withCeiling(12)).hasMessageContaining("raise the ceiling");
    assertThat(STANDARD.buckets().toString()).isEqualTo("{daily=7, weekly=4, monthly=12}");
  }

  private static List<SnapshotFacts> daily(LocalDate first, int count) {
    var snapshots = new ArrayList<SnapshotFacts>();
    for (var i = 0; i < count; i++) {
      var day = first.plusDays(i);
      snapshots.add(snapshot(day.toString(), day + "T02:00:00Z"));
    }
    return snapshots;
  }

  private static SnapshotFacts snapshot(String name, String created) {
    return owned(name, created, "nightly");
  }

  private static SnapshotFacts owned(String name, String created, @Nullable String owner) {
    return facts(name, created, owner, Set.of(), Set.of());
  }

  private static SnapshotFacts with(
      String name, String created, Set<String> holds, Set<State> states) {
    return facts(name, created, "nightly", holds, states);
  }

  private static SnapshotFacts facts(
      String name,
      @Nullable String created,
      @Nullable String owner,
      Set<String> holds,
      Set<State> states) {
    return new SnapshotFacts(
        "uuid-" + name,
        name,
        "web",
        created == null ? null : Instant.parse(created),
        owner,
        new TreeSet<>(holds),
        states,
        new TreeSet<>());
  }

  private static List<String> names(List<SnapshotFacts> snapshots) {
    return snapshots.stream().map(SnapshotFacts::name).toList();
  }

  private static List<String> reasons(RetentionPlan plan, String name) {
    return plan.verdicts().stream()
        .filter(verdict -> verdict.snapshot().name().equals(name))
        .findFirst()
        .orElseThrow()
        .reasons();
  }
}
