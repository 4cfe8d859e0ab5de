package io.lumeo.configuration;

import io.lumeo.policies.Amount;
import io.lumeo.policies.MinimumFree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// `policies:`.
final class PolicyKeys {
  private static final int MAX_KEPT = 100_000;

  private static final Key<String> ID =
      Key.required(
          "id",
          Scalars.naming(Reading.Names.POLICY, Scalars.ID),
          "what its snapshots belong to; never change it");
  private static final Key<String> TITLE =
      Key.defaulting("title", Scalars.PROSE, "", "''", "what people call it");
  private static final Key<Boolean> ENABLED =
      Key.defaulting("enabled", Scalars.TRUTH, true, "true", "whether it runs");
  private static final Key<List<Selector>> VOLUMES =
      Key.required("volumes", Listing.atLeastOne(SelectorKeys.SHAPE), "what any of these selects");
  private static final Key<List<Selector>> EXCEPT =
      Key.defaulting(
          "except", Listing.of(SelectorKeys.SHAPE), List.of(), "[]", "what is not meant after all");
  private static final Key<Boolean> TOGETHER =
      Key.defaulting(
          "together",
          Scalars.TRUTH,
          false,
          "false",
          "whether the volumes of a run are one group, all of them or none");

  private static final Key<Integer> HOURLY = count("hourly", 0, "hours");
  private static final Key<Integer> DAILY = count("daily", 7, "days");
  private static final Key<Integer> WEEKLY = count("weekly", 4, "ISO weeks");
  private static final Key<Integer> MONTHLY = count("monthly", 12, "months");
  private static final Key<Integer> QUARTERLY = count("quarterly", 0, "quarters");
  private static final Key<Integer> YEARLY = count("yearly", 0, "years");
  private static final Key<Integer> LAST =
      Key.defaulting(
          "last", Scalars.whole(0, MAX_KEPT), 0, "0", "so many of the latest, whatever their age");
  private static final Key<Duration> WITHIN =
      Key.optional("within", Scalars.DURATION, "everything that is younger");
  private static final Key<Integer> MIN_KEEP =
      Key.defaulting(
          "minKeep", Scalars.whole(1, MAX_KEPT), 2, "2", "never fewer than this, however old");
  private static final Key<Integer> CEILING =
      Key.defaulting(
          "ceiling", Scalars.whole(1, MAX_KEPT), 1000, "1000", "with so many no more are made");
  private static final Key<Duration> CLOCK_LIMIT =
      Key.defaulting(
          "clockLimit",
          Scalars.duration(Duration.ofMinutes(1), Duration.ofDays(365)),
          Duration.ofHours(6),
          "6h",
          "when the clock has jumped by more, nothing is deleted");
  private static final Key<RetentionSettings.Keep> KEEP =
      Key.defaulting(
          "keep",
          Scalars.oneOf(RetentionSettings.Keep.class),
          RetentionSettings.Keep.NEWEST,
          "newest",
          "which snapshot of an hour, day, week … is kept");

  private static final RetentionSettings STANDARD =
      new RetentionSettings(
          0,
          7,
          4,
          12,
          0,
          0,
          0,
          java.util.Optional.empty(),
          2,
          1000,
          Duration.ofHours(6),
          RetentionSettings.Keep.NEWEST);

  private static final Section<RetentionSettings> RETENTION_SECTION =
      Section.of(
              "retention",
              "Which snapshots are kept: what any of the rules keeps",
              List.of(
                  HOURLY,
                  DAILY,
                  WEEKLY,
                  MONTHLY,
                  QUARTERLY,
                  YEARLY,
                  LAST,
                  WITHIN,
                  MIN_KEEP,
                  CEILING,
                  CLOCK_LIMIT,
                  KEEP),
              PolicyKeys::retention)
          .checked(PolicyKeys::keepsBelowItsCeiling)
          .checked(PolicyKeys::keepsSomething);

  private static final Key<RetentionSettings> RETENTION =
      Key.defaulting(
          "retention",
          RETENTION_SECTION,
          STANDARD,
          "7 daily, 4 weekly, 12 monthly, at least 2",
          "which snapshots are kept");

  private static final Key<SnapshotSettings.Kind> KIND =
      Key.defaulting(
          "kind",
          Scalars.oneOf(SnapshotSettings.Kind.class),
          SnapshotSettings.Kind.AUTO,
          "auto",
          "thin, classic, or whichever the volume allows");
  private static final Key<Amount> STORE =
      Key.optional(
          "store",
          Scalars.AMOUNT,
          "the size of a classic snapshot's store (default: by the change rate seen)");
  private static final Key<Amount> STORE_MAXIMUM =
      Key.optional("storeMaximum", Scalars.AMOUNT, "what the store never exceeds");
  private static final Key<Integer> PER_ORIGIN =
      Key.defaulting(
          "perOrigin",
          Scalars.whole(1, 64),
          2,
          "2",
          "how many classic snapshots a volume may have: each costs every write");
  private static final Key<Boolean> ACTIVE =
      Key.defaulting("active", Scalars.TRUTH, false, "false", "whether it can be read at once");
  private static final Key<Boolean> READ_ONLY =
      Key.defaulting("readOnly", Scalars.TRUTH, true, "true", "whether it cannot be written");

  private static final Section<SnapshotSettings> SNAPSHOT_SECTION =
      Section.of(
              "snapshot",
              "How snapshots are made",
              List.of(KIND, STORE, STORE_MAXIMUM, PER_ORIGIN, ACTIVE, READ_ONLY),
              values ->
                  new SnapshotSettings(
                      values.get(KIND),
                      values.find(STORE),
                      values.find(STORE_MAXIMUM),
                      values.get(PER_ORIGIN),
                      values.get(ACTIVE),
                      values.get(READ_ONLY)))
          .checked(PolicyKeys::thinHasNoStore)
          .checked(PolicyKeys::storeIsBelowItsMaximum);

  private static final Key<SnapshotSettings> SNAPSHOT =
      Key.defaulting(
          "snapshot",
          SNAPSHOT_SECTION,
          new SnapshotSettings(
              SnapshotSettings.Kind.AUTO,
              java.util.Optional.empty(),
              java.util.Optional.empty(),
              2,
              false,
              true),
          "auto, read-only",
          "how snapshots are made");

  private static final Key<Amount> AMOUNT =
      Key.required("amount", Scalars.AMOUNT, "what must be free, as a size or a share of the pool");
  private static final Key<MinimumFree.Action> ACTION =
      Key.defaulting(
          "action",
          Scalars.oneOf(MinimumFree.Action.class),
          MinimumFree.Action.REFUSE,
          "refuse",
          "what happens when it is not");
  private static final Key<MinimumFree> MINIMUM_FREE =
      Key.optional(
          "minimumFree",
          Section.of(
              "minimumFree",
              "What must be free in a pool before a snapshot is made in it",
              List.of(AMOUNT, ACTION),
              values -> new MinimumFree(values.get(AMOUNT), values.get(ACTION))),
          "what must be free in a pool before a snapshot is made in it");

  private static final Key<List<Hook>> BEFORE =
      Key.defaulting(
          "before",
          Listing.of(HookKeys.SHAPE),
          List.of(),
          "[]",
          "commands to run before; if one fails, no snapshot is made");
  private static final Key<List<Hook>> AFTER =
      Key.defaulting(
          "after",
          Listing.of(HookKeys.SHAPE),
          List.of(),
          "[]",
          "commands to run after, whatever happened");

  private static final Key<List<Path>> SENTINELS =
      Key.defaulting(
          "sentinels",
          Listing.of(Scalars.PATH),
          List.of(),
          "[]",
          "files that must be in it, from the root of its file system");
  private static final Key<Path> MANIFEST =
      Key.optional(
          "manifest", Scalars.PATH, "a file in it with sums of others, as sha256sum writes it");
  private static final Key<Duration> VERIFICATION_DEADLINE =
      Key.defaulting(
          "deadline",
          Scalars.duration(Duration.ofSeconds(1), Duration.ofDays(7)),
          Duration.ofHours(1),
          "1h",
          "how long it may take");
  private static final Key<Duration> MAXIMUM_AGE =
      Key.defaulting(
          "maximumAge",
          Scalars.duration(Duration.ofHours(1), Duration.ofDays(3650)),
          Duration.ofDays(8),
          "8d",
          "how old the last success may be before it is said");
  private static final Key<VerificationSettings> VERIFICATION =
      Key.optional(
          "verification",
          Section.of(
              "verification",
              "How it is proven that snapshots can be read",
              TimetableKeys.between(
                  List.of(), List.of(SENTINELS, MANIFEST, VERIFICATION_DEADLINE, MAXIMUM_AGE)),
              values ->
                  new VerificationSettings(
                      TimetableKeys.make(values),
                      values.get(SENTINELS),
                      values.find(MANIFEST),
                      values.get(VERIFICATION_DEADLINE),
                      values.get(MAXIMUM_AGE))),
          "how it is proven that snapshots can be read");

  private static final Key<SecretSource> PING =
      Key.optional(
          "ping",
          Scalars.SECRET_ADDRESS,
          "an address that is told of each run, so that silence is noticed");
  private static final Key<SecretSource> PING_FILE =
      Key.optional("pingFile", Scalars.SECRET_FILE, "a file with that address");

  static final Section<PolicySettings> SHAPE =
      Section.of(
              "policy",
              "Snapshots of some volumes, by a schedule",
              TimetableKeys.between(
                  List.of(ID, TITLE, ENABLED, VOLUMES, EXCEPT, TOGETHER),
                  List.of(
                      RETENTION,
                      SNAPSHOT,
                      MINIMUM_FREE,
                      BEFORE,
                      AFTER,
                      VERIFICATION,
                      PING,
                      PING_FILE)),
              PolicyKeys::policy)
          .atMostOneOf(PING, PING_FILE);

  private PolicyKeys() {}

  private static Key<Integer> count(String name, int standard, String buckets) {
    return Key.defaulting(
        name,
        Scalars.whole(0, MAX_KEPT),
        standard,
        String.valueOf(standard),
        "one of each of the last so many %s that have any".formatted(buckets));
  }

  private static PolicySettings policy(Values values) {
    return new PolicySettings(
        values.get(ID),
        values.get(TITLE),
        values.get(ENABLED),
        values.get(VOLUMES),
        values.get(EXCEPT),
        values.get(TOGETHER),
        TimetableKeys.make(values),
        values.get(RETENTION),
        values.get(SNAPSHOT),
        values.find(MINIMUM_FREE),
        values.get(BEFORE),
        values.get(AFTER),
        values.find(VERIFICATION),
        values.find(PING).or(() -> values.find(PING_FILE)));
  }

  private static RetentionSettings retention(Values values) {
    return new RetentionSettings(
        values.get(HOURLY),
        values.get(DAILY),
        values.get(WEEKLY),
        values.get(MONTHLY),
        values.get(QUARTERLY),
        values.get(YEARLY),
        values.get(LAST),
        values.find(WITHIN),
        values.get(MIN_KEEP),
        values.get(CEILING),
        values.get(CLOCK_LIMIT),
        values.get(KEEP));
  }

  /// At its ceiling a policy stops: what it wants to keep must be below. Rules that keep different
  /// snapshots add up.
  private static void keepsBelowItsCeiling(Values values, Reading reading) {
    var ceiling = values.find(CEILING);
    var mistakes = reading.mistakeCount();
    for (var key : List.of(MIN_KEEP, LAST, HOURLY, DAILY, WEEKLY, MONTHLY, QUARTERLY, YEARLY)) {
      var wanted = values.find(key);
      if (ceiling.isPresent() && wanted.isPresent() && wanted.get() >= ceiling.get()) {
        var at = values.isWritten(key) ? key : CEILING;
        reading.mistake(
            values.place(at),
            Section.join(values.path(), at.name()),
            "%s keeps %d, but no more than the ceiling of %d are made; raise the ceiling"
                .formatted(key.name(), wanted.get(), ceiling.get()));
      }
    }
    var most =
        Stream.of(LAST, HOURLY, DAILY, WEEKLY, MONTHLY, QUARTERLY, YEARLY)
            .mapToInt(key -> values.find(key).orElse(0))
            .sum();
    if (ceiling.isPresent() && most >= ceiling.get() && reading.mistakeCount() == mistakes) {
      reading.mistake(
          values.isWritten(CEILING) ? values.place(CEILING) : values.place(),
          Section.join(values.path(), CEILING.name()),
          "the rules keep up to %d together, but no more than the ceiling of %d are made; raise the ceiling above %d"
              .formatted(most, ceiling.get(), most));
    }
  }

  private static void keepsSomething(Values values, Reading reading) {
    var rules = List.of(LAST, HOURLY, DAILY, WEEKLY, MONTHLY, QUARTERLY, YEARLY);
    if (!values.isWritten(WITHIN)
        && rules.stream().allMatch(key -> values.find(key).filter(n -> n == 0).isPresent())) {
      reading.mistake(
          values.place(),
          values.path(),
          "keeps nothing but the minimum; give hourly to yearly, last, or within");
    }
  }

  private static void thinHasNoStore(Values values, Reading reading) {
    if (values.find(KIND).filter(SnapshotSettings.Kind.THIN::equals).isPresent()) {
      for (var key : List.of(STORE, STORE_MAXIMUM)) {
        if (values.isWritten(key)) {
          reading.mistake(
              values.place(key),
              Section.join(values.path(), key.name()),
              "a thin snapshot has no store; remove the key or make the kind classic");
        }
      }
    }
  }

  private static void storeIsBelowItsMaximum(Values values, Reading reading) {
    if (exceeds(values.find(STORE), values.find(STORE_MAXIMUM))) {
      reading.mistake(
          values.place(STORE_MAXIMUM),
          Section.join(values.path(), "storeMaximum"),
          "is less than the store itself");
    }
  }

  /// Whether one is more than the other for sure: both in bytes, or both as shares.
  static boolean exceeds(java.util.Optional<Amount> amount, java.util.Optional<Amount> maximum) {
    if (amount.isEmpty() || maximum.isEmpty()) {
      return false;
    }
    return switch (amount.get()) {
      case Amount.Bytes(var bytes) ->
          maximum.get() instanceof Amount.Bytes(var most) && bytes > most;
      case Amount.Percent(var percent) ->
          maximum.get() instanceof Amount.Percent(var most) && percent > most;
    };
  }
}
