package io.lumeo.policies;

import io.lumeo.policies.RetentionPlan.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Decides which snapshots are kept. Run, dry run, explanation and report all show what [#plan]
/// returns, so they cannot disagree.
///
/// Buckets are counted as they are found and not by the calendar: the last seven days *that have a
/// snapshot*. A machine that was off for half a year still has its seven.
public final class Retention {
  private Retention() {}

  /// Judges the snapshots of one policy, each volume for itself.
  ///
  /// @param snapshots all that there are; those of others are kept, with the reason
  /// @param clockMoved by how much the clock has lately moved against a steady one, in either
  ///   direction; zero when it did not
  public static RetentionPlan plan(
      Collection<SnapshotFacts> snapshots,
      RetentionPolicy policy,
      Instant now,
      Duration clockMoved) {
    var volumes = new TreeMap<String, List<SnapshotFacts>>();
    for (var snapshot : snapshots) {
      volumes.computeIfAbsent(snapshot.volume(), volume -> new ArrayList<>()).add(snapshot);
    }
    var verdicts = new ArrayList<Verdict>();
    var warnings = new ArrayList<String>();
    for (var ofVolume : volumes.values()) {
      new Sweep(policy, now, clockMoved.abs(), ofVolume).judge(verdicts, warnings);
    }
    return new RetentionPlan(verdicts, warnings);
  }

  /// The same with a clock that did not move.
  public static RetentionPlan plan(
      Collection<SnapshotFacts> snapshots, RetentionPolicy policy, Instant now) {
    return plan(snapshots, policy, now, Duration.ZERO);
  }

  /// What a snapshot of `volume` that is taken at `at` is called, for people: `daily`, `weekly`, by
  /// each bucket of the policy that it is the first in.
  public static SortedSet<String> classesAt(
      Collection<SnapshotFacts> snapshots, RetentionPolicy policy, String volume, Instant at) {
    var time = at.atZone(policy.zone());
    var classes = new TreeSet<String>();
    for (var bucket : policy.buckets().keySet()) {
      if (snapshots.stream()
          .filter(
              snapshot -> volume.equals(snapshot.volume()) && policy.id().equals(snapshot.owner()))
          .noneMatch(snapshot -> isIn(bucket, bucket.key(time), snapshot, policy))) {
        classes.add(bucket.adverb());
      }
    }
    return classes;
  }

  private static boolean isIn(
      Bucket bucket, long key, SnapshotFacts snapshot, RetentionPolicy policy) {
    var created = snapshot.createdAt();
    return created != null && bucket.key(created.atZone(policy.zone())) == key;
  }

  /// Why no further snapshot of `volume` may be made, or null when one may. A policy that makes
  /// snapshots which nobody manages to delete would fill the pool.
  public static @Nullable String reasonToStop(
      Collection<SnapshotFacts> snapshots, RetentionPolicy policy, String volume) {
    var count =
        snapshots.stream()
            .filter(snapshot ->
                volume.equals(snapshot.volume()) && policy.id().equals(snapshot.owner()))
            .count();
    return count < policy.ceiling()
        ? null
        : ("policy %s has %d snapshots of volume %s and its ceiling is %d; find out why they are"
                + " not deleted, or raise the ceiling")
            .formatted(policy.id(), count, volume, policy.ceiling());
  }

  /// The judgement over one volume's snapshots.
  private static final class Sweep {
    private static final Comparator<SnapshotFacts> NEWEST_FIRST =
        Comparator.comparing(Sweep::age)
            .reversed()
            .thenComparing(SnapshotFacts::name)
            .thenComparing(SnapshotFacts::uuid);

    private final RetentionPolicy policy;
    private final Instant now;
    private final Duration clockMoved;
    private final List<SnapshotFacts> snapshots;

    /// Those the rules choose from, newest first, with their time in the policy's zone.
    private final List<Candidate> candidates = new ArrayList<>();

    private final Map<String, List<String>> reasonsToKeep = new HashMap<>();
    private final Map<String, List<String>> reasonsToDelete = new HashMap<>();

    private record Candidate(SnapshotFacts snapshot, ZonedDateTime time) {}

    Sweep(RetentionPolicy policy, Instant now, Duration clockMoved, List<SnapshotFacts> snapshots) {
      this.policy = policy;
      this.now = now;
      this.clockMoved = clockMoved;
      this.snapshots = snapshots.stream().sorted(NEWEST_FIRST).toList();
    }

    void judge(List<Verdict> verdicts, List<String> warnings) {
      for (var snapshot : snapshots) {
        keepWhatIsNotOurs(snapshot, warnings);
        keepWhatIsInUse(snapshot);
      }
      chooseCandidates();
      keepLast();
      keepWithin();
      policy.buckets().forEach(this::keepBuckets);
      keepMinimum();
      keepAllWhenTheClockMoved(warnings);
      for (var snapshot : snapshots) {
        verdicts.add(verdict(snapshot));
      }
    }

    private void keepWhatIsNotOurs(SnapshotFacts snapshot, List<String> warnings) {
      var owner = snapshot.owner();
      var created = snapshot.createdAt();
      if (owner == null) {
        keep(snapshot, "no policy made it");
      } else if (!owner.equals(policy.id())) {
        keep(snapshot, "it belongs to policy " + owner);
      } else if (created == null) {
        keep(snapshot, "nobody can say when it was made");
      } else if (created.isAfter(now)) {
        var ahead = Words.duration(Duration.between(now, created));
        keep(snapshot, "it is dated %s in the future".formatted(ahead));
        warnings.add(
            "snapshot %s is dated %s in the future and is left alone; check the clock"
                .formatted(snapshot.name(), ahead));
      }
    }

    private void keepWhatIsInUse(SnapshotFacts snapshot) {
      for (var hold : snapshot.holds()) {
        keep(snapshot, "held by " + hold);
      }
      if (snapshot.is(SnapshotFacts.State.OPEN)) {
        keep(snapshot, "it is open");
      }
      if (snapshot.is(SnapshotFacts.State.MERGING)) {
        keep(snapshot, "it is being merged into its origin");
      }
      if (snapshot.is(SnapshotFacts.State.UNDER_INSPECTION)) {
        keep(snapshot, "it is being verified");
      }
    }

    /// A snapshot that will soon be gone, or cannot be read, must not stand for a day.
    private void chooseCandidates() {
      for (var snapshot : snapshots) {
        var created = snapshot.createdAt();
        if (!isOurs(snapshot) || created == null || created.isAfter(now)) {
          continue;
        }
        if (snapshot.canBeCountedOn()) {
          candidates.add(new Candidate(snapshot, created.atZone(policy.zone())));
        } else if (snapshot.is(SnapshotFacts.State.INVALID)) {
          drop(snapshot, "its store overflowed and nothing can be read from it");
        }
      }
    }

    private boolean isOurs(SnapshotFacts snapshot) {
      return policy.id().equals(snapshot.owner());
    }

    private void keepLast() {
      for (var i = 0; i < candidates.size(); i++) {
        var snapshot = candidates.get(i).snapshot();
        if (i < policy.last()) {
          keep(snapshot, "one of the last %d (%d)".formatted(policy.last(), i + 1));
        } else if (policy.last() > 0) {
          drop(snapshot, "past the last %d".formatted(policy.last()));
        }
      }
    }

    private void keepWithin() {
      var within = policy.within();
      if (within == null) {
        return;
      }
      var words = Words.duration(within);
      for (var candidate : candidates) {
        var age = Duration.between(candidate.time().toInstant(), now);
        if (age.compareTo(within) <= 0) {
          keep(candidate.snapshot(), "younger than " + words);
        } else {
          drop(candidate.snapshot(), "older than " + words);
        }
      }
    }

    /// Keeps one snapshot in each of the last `count` buckets that have any.
    private void keepBuckets(Bucket bucket, int count) {
      var oldest = policy.pick() == RetentionPolicy.Pick.OLDEST;
      var inOrder = oldest ? candidates.reversed() : candidates;
      var wanted = lastBuckets(bucket, count);
      var taken = new HashSet<Long>();
      for (var candidate : inOrder) {
        var key = bucket.key(candidate.time());
        var rank = wanted.get(key);
        var label = bucket.label(candidate.time());
        var which = oldest ? "oldest" : "newest";
        if (rank == null) {
          drop(
              candidate.snapshot(),
              label + " is past the " + count + " " + bucket.adverb() + " that are kept");
        } else if (taken.add(key)) {
          keep(
              candidate.snapshot(),
              which + " of " + label + " (" + rank + " of " + count + " " + bucket.adverb() + ")");
        } else {
          drop(candidate.snapshot(), "not the " + which + " of " + label);
        }
      }
    }

    /// The keys of the last `count` buckets that have any snapshot, each with its rank from 1.
    private Map<Long, Integer> lastBuckets(Bucket bucket, int count) {
      var ranks = new HashMap<Long, Integer>();
      for (var candidate : candidates) {
        var key = bucket.key(candidate.time());
        if (!ranks.containsKey(key)) {
          if (ranks.size() == count) {
            break;
          }
          ranks.put(key, ranks.size() + 1);
        }
      }
      return ranks;
    }

    private void keepMinimum() {
      var kept = candidates.stream().filter(candidate -> isKept(candidate.snapshot())).count();
      for (var candidate : candidates) {
        if (kept >= policy.minimum()) {
          return;
        }
        if (!isKept(candidate.snapshot())) {
          keep(candidate.snapshot(), "at least %d are kept".formatted(policy.minimum()));
          kept++;
        }
      }
    }

    private void keepAllWhenTheClockMoved(List<String> warnings) {
      if (clockMoved.compareTo(policy.clockLimit()) <= 0) {
        return;
      }
      var moved =
          "the clock moved by %s, more than %s"
              .formatted(Words.duration(clockMoved), Words.duration(policy.clockLimit()));
      var spared = 0;
      for (var snapshot : snapshots) {
        if (!isKept(snapshot)) {
          keep(snapshot, moved);
          spared++;
        }
      }
      if (spared > 0) {
        warnings.add(
            "%s: %d snapshots are not deleted until it is known to be right"
                .formatted(moved, spared));
      }
    }

    private Verdict verdict(SnapshotFacts snapshot) {
      var keep = reasonsToKeep.get(snapshot.uuid());
      return keep == null
          ? new Verdict(
              snapshot, false, Objects.requireNonNull(reasonsToDelete.get(snapshot.uuid())))
          : new Verdict(snapshot, true, keep);
    }

    private boolean isKept(SnapshotFacts snapshot) {
      return reasonsToKeep.containsKey(snapshot.uuid());
    }

    private void keep(SnapshotFacts snapshot, String reason) {
      reasonsToKeep.computeIfAbsent(snapshot.uuid(), uuid -> new ArrayList<>(2)).add(reason);
    }

    private void drop(SnapshotFacts snapshot, String reason) {
      reasonsToDelete.computeIfAbsent(snapshot.uuid(), uuid -> new ArrayList<>(4)).add(reason);
    }

    private static Instant age(SnapshotFacts snapshot) {
      var created = snapshot.createdAt();
      return created == null ? Instant.MIN : created;
    }
  }
}
