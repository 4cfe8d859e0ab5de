package io.lumeo.agent;

import io.lumeo.agent.runs.Fresher;
import io.lumeo.agent.runs.GrowthItem;
import io.lumeo.agent.runs.GrowthRun;
import io.lumeo.agent.runs.PolicyTerms;
import io.lumeo.agent.runs.Protection;
import io.lumeo.agent.runs.Upkeep;
import io.lumeo.audit.AuditIndex;
import io.lumeo.configuration.GrowthSettings;
import io.lumeo.policies.GrowthTarget;
import io.lumeo.policies.PollInterval;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Usage;
import io.lumeo.storage.UsageSample;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Everything that is done for one host, as three kinds of rounds. Each kind is for one thread of
/// its own, so that a verification of an hour keeps no pool from growing: [#watch] looks and lets
/// grow, [#protect] makes and deletes snapshots, [#upkeep] verifies and trims.
final class HostWork {
  private static final System.Logger LOG = System.getLogger(HostWork.class.getName());

  /// How old the whole inventory may be; how full things are is asked at every poll.
  private static final Duration INVENTORY_FOR = Duration.ofMinutes(5);

  /// The same where file systems grow, which only the inventory tells of, or something waits for
  /// room that somebody may be making.
  private static final Duration INVENTORY_FOR_GROWTH = Duration.ofMinutes(1);

  private static final Duration SHORTEST_POLL = Duration.ofSeconds(2);
  private static final Duration SETTLE_AGAIN_AFTER = Duration.ofMinutes(1);

  private final HostSetup host;
  private final AgentState state;
  private final Lookout lookout;
  private final TimeSource time;
  private final RealHand hand;
  private final Settlement settlement;
  private final GrowthRun growth;
  private final Protection protection;
  private final Upkeep upkeep;

  /// Whether what an agent before this one left was looked at.
  private volatile boolean isReady;

  private Instant settleAt = Instant.MIN;
  private @Nullable Inventory inventory;
  private List<UsageSample> usage = List.of();

  /// Why the host is polled as often as it is.
  private String pollReason = "";

  /// Whether something was to grow when it was last looked at, and could not.
  private boolean isBlocked;

  HostWork(
      HostSetup host,
      AgentState state,
      Lookout lookout,
      ClockWatch clock,
      BooleanSupplier stopping) {
    this.host = host;
    this.state = state;
    this.lookout = lookout;
    this.time = state.time();
    this.hand = new RealHand(state.ledger(), time);
    this.settlement = new Settlement(host, hand, state.ledger(), state.troubles(), time);
    this.growth =
        new GrowthRun(host, hand, AuditIndex.view(state.database()), state.troubles(), lookout);
    Set<String> inspected = ConcurrentHashMap.newKeySet();
    this.protection =
        new Protection(
            host,
            hand,
            state.ledger(),
            state.runs(),
            state.troubles(),
            lookout,
            time,
            clock::moved,
            inspected,
            () -> state.configuration().get().trash());
    this.upkeep = new Upkeep(host, hand, state.ledger(), state.runs(), time, inspected, stopping);
  }

  HostSetup host() {
    return host;
  }

  /// Looks at the host, shows what it saw, and lets grow what has to.
  ///
  /// @return when to look again
  /// @throws IOException if something cannot be recorded
  Instant watch() throws IOException, InterruptedException {
    var began = time.nanos();
    Inventory seen;
    try {
      settle();
      seen = look();
    } catch (StorageFailure failure) {
      lookout.look(new Look.Missed(host, time.instant(), Failures.words(failure), inventory));
      return time.instant().plus(state.configuration().get().monitors().pollInterval());
    }
    var cost = Duration.ofNanos(time.nanos() - began);
    lookout.look(new Look.Seen(host, time.instant(), seen, usage, cost));
    grow(Fresher.of(seen, usage));
    return next(Fresher.of(seen, usage), cost);
  }

  /// Brings to an end what was begun before anything new is.
  private void settle() throws StorageFailure, IOException {
    if (isReady && time.instant().isBefore(settleAt)) {
      return;
    }
    if (!hand.isInDoubt() && !settlement.isNeeded()) {
      return;
    }
    settleAt = time.instant().plus(SETTLE_AGAIN_AFTER);
    hand.inDoubt(false);
    var isSettled = false;
    try {
      isSettled = settlement.settle();
      isReady = true;
    } finally {
      if (!isSettled) {
        hand.inDoubt(true);
      }
    }
  }

  private Inventory look() throws StorageFailure {
    var known = inventory;
    if (known == null || isOld(known)) {
      known = host.system().inventory();
      inventory = known;
      usage = List.of();
    } else {
      usage = host.system().usage();
    }
    return known;
  }

  private boolean isOld(Inventory known) {
    var age = Duration.between(known.takenAt(), time.instant());
    var growing = state.configuration().get().growth();
    var longest =
        isBlocked
                || growing.stream()
                    .anyMatch(rule -> rule.target() instanceof GrowthSettings.Volumes)
            ? INVENTORY_FOR_GROWTH
            : INVENTORY_FOR;
    return age.isNegative() || age.compareTo(longest) >= 0;
  }

  private void grow(Inventory fresh) throws IOException, InterruptedException {
    var items = GrowthItem.of(host.name(), fresh, state.configuration().get().growth(), lookout);
    var report = growth.run(items, fresh, time.instant());
    isBlocked = !report.lines().isEmpty();
    if (report.mayHaveChanged()) {
      inventory = null; // what is known is no longer so
    }
  }

  private Instant next(Inventory fresh, Duration cost) {
    var monitors = state.configuration().get().monitors();
    var interval =
        PollInterval.choose(
            monitors.pollInterval(),
            SHORTEST_POLL,
            monitors.slowestPoll(),
            timeToFull(fresh),
            usage.isEmpty() ? Duration.ZERO : cost);
    if (!interval.reason().equals(pollReason)) {
      pollReason = interval.reason();
      LOG.log(
          System.Logger.Level.INFO,
          () ->
              "%s is polled every %d ms: %s"
                  .formatted(host.name(), interval.interval().toMillis(), interval.reason()));
    }
    return time.instant().plus(interval.interval());
  }

  /// When the first thing on the host is full as fast as it fills now, or null when nothing does.
  private @Nullable Duration timeToFull(Inventory fresh) {
    return Stream.concat(
            fresh.pools().stream().flatMap(this::filling),
            fresh.volumes().stream().flatMap(this::filling))
        .min(Duration::compareTo)
        .orElse(null);
  }

  private Stream<Duration> filling(Pool pool) {
    if (pool.kind() == Pool.Kind.VOLUME_GROUP) {
      return Stream.of();
    }
    return Stream.concat(
        filling(pool.uuid(), GrowthTarget.POOL_DATA, pool.data()),
        filling(pool.uuid(), GrowthTarget.POOL_METADATA, pool.metadata()));
  }

  private Stream<Duration> filling(Volume volume) {
    return volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT
        ? filling(volume.uuid(), GrowthTarget.SNAPSHOT_STORE, volume.data())
        : Stream.of();
  }

  private Stream<Duration> filling(String uuid, GrowthTarget target, @Nullable Usage use) {
    var rate = lookout.fillBytesPerHour(host.name(), uuid, target).orElse(0);
    return use == null || rate <= 0
        ? Stream.of()
        : Stream.of(Duration.ofSeconds((long) (use.freeBytes() * 3600.0 / rate)));
  }

  /// Makes the snapshots that are due, and deletes what is no longer kept.
  ///
  /// @return when the next is due
  Instant protect() throws StorageFailure, IOException, InterruptedException {
    if (!isReady) {
      return time.instant().plus(SHORTEST_POLL);
    }
    var terms = state.configuration().get().policies().stream().map(PolicyTerms::of).toList();
    return protection.round(terms);
  }

  /// Verifies and trims what is due.
  ///
  /// @return when the next is due
  Instant upkeep() throws StorageFailure, IOException, InterruptedException {
    if (!isReady) {
      return time.instant().plus(SHORTEST_POLL);
    }
    var configuration = state.configuration().get();
    return upkeep.round(
        configuration.policies().stream().map(PolicyTerms::of).toList(), configuration.trim());
  }
}
