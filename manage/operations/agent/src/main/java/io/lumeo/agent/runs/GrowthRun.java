package io.lumeo.agent.runs;

import io.lumeo.agent.Decision;
import io.lumeo.agent.Failures;
import io.lumeo.agent.Foresight;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.Trouble;
import io.lumeo.agent.Troubles;
import io.lumeo.agent.Upshot;
import io.lumeo.audit.AuditIndex;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditResult;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.policies.GrowthDecision;
import io.lumeo.policies.GrowthFacts;
import io.lumeo.policies.GrowthTarget;
import io.lumeo.storage.Change;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Lets what fills grow before it is full, on one host. For one thread.
///
/// It is asked at every poll, so what stands in the way of something is recorded when it is first
/// met and once an hour from then on, and what has failed is tried again after a while that
/// doubles.
public final class GrowthRun {
  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final Duration RECORD_EVERY = Duration.ofHours(1);

  /// How long it is believed that a spare cannot be taken.
  private static final Duration OBSTACLES_FOR = Duration.ofMinutes(1);

  /// A file system that is smaller than its volume by more than this part of it may have been left
  /// so by a growth that was cut. File systems use less than that for themselves.
  private static final int SUSPICIOUS_PART = 10;

  private final HostSetup host;
  private final Hand hand;
  private final AuditIndex audit;
  private final Troubles troubles;
  private final Foresight foresight;

  private final Map<String, Pause> pauses = new HashMap<>();
  private final Map<String, Instant> recorded = new HashMap<>();
  private final Map<String, Obstacle> obstacles = new HashMap<>();
  private final Map<String, Instant> suspected = new HashMap<>();

  /// When the system of a pool was last told to extend it, by the pool's uuid.
  private final Map<String, Instant> told = new HashMap<>();

  /// What is larger than its file system, and could not be finished yet.
  private final Set<String> halfGrown = new HashSet<>();

  /// How long something that has failed is left alone.
  private record Pause(Instant until, Duration length) {}

  /// Why a spare could not be taken then.
  private record Obstacle(String why, Instant seenAt) {
    boolean stillHolds(Instant now) {
      return !now.isBefore(seenAt) && now.isBefore(seenAt.plus(OBSTACLES_FOR));
    }
  }

  /// @param foresight what the items that it is asked about were made with
  public GrowthRun(
      HostSetup host, Hand hand, AuditIndex audit, Troubles troubles, Foresight foresight) {
    this.host = host;
    this.hand = hand;
    this.audit = audit;
    this.troubles = troubles;
    this.foresight = foresight;
  }

  /// Lets everything grow that has to.
  ///
  /// @param items what there is, from the latest figures
  /// @throws IOException if something cannot be recorded; it is not done then
  public RunReport run(List<GrowthItem> items, Inventory inventory, Instant now)
      throws IOException, InterruptedException {
    var report = new RunReport.Builder();
    for (var item : items) {
      run(item, inventory, now, report);
    }
    return report.build();
  }

  private void run(GrowthItem item, Inventory inventory, Instant now, RunReport.Builder report)
      throws IOException, InterruptedException {
    if (!report.build().mayHaveChanged() || hand.isDry() || isAtRest(item.decide(now))) {
      runNow(item, inventory, now, report);
      return;
    }
    // What grew before it in this run took from the group, and perhaps a spare of its.
    try {
      var fresh = host.system().inventory();
      var again = again(item, fresh);
      if (again.isPresent()) {
        runNow(again.get(), fresh, now, report);
      }
    } catch (StorageFailure failure) {
      report.add(item.name(), new Upshot.Failed(Failures.words(failure), false));
    }
  }

  private static boolean isAtRest(GrowthDecision decision) {
    return switch (decision) {
      case GrowthDecision.Nothing _, GrowthDecision.Delegated _ -> true;
      case GrowthDecision.Grow _, GrowthDecision.AddDevices _, GrowthDecision.Blocked _ -> false;
    };
  }

  private void runNow(GrowthItem item, Inventory inventory, Instant now, RunReport.Builder report)
      throws IOException, InterruptedException {
    var pause = pauses.get(item.name());
    if (pause != null
        && now.isBefore(pause.until())
        && !pause.until().isAfter(now.plus(LONGEST_PAUSE))) {
      return;
    }
    switch (decide(item, inventory, now)) {
      case GrowthDecision.Nothing _ -> {
        troubles.clear(host.name(), Trouble.Kind.AUTOEXTEND_MISCONFIGURED, item.name());
        troubles.clear(host.name(), Trouble.Kind.SELF_EXTENSION_BEYOND_LIMIT, item.name());
        pauses.remove(item.name());
        recorded.remove(item.name());
        judgeRoom(item, now);
        finishFileSystem(item, now, report);
        if (!halfGrown.contains(item.name())) {
          troubles.clear(host.name(), Trouble.Kind.EXTENSION_FAILED, item.name());
        }
      }
      case GrowthDecision.Grow grow ->
          act(item, item.change(grow.toBytes()), grow.reason(), now, report);
      case GrowthDecision.AddDevices add -> addDevices(item, add, now, report);
      case GrowthDecision.Blocked blocked -> blocked(item, blocked, now, report);
      case GrowthDecision.Delegated delegated -> delegated(item, delegated, now, report);
    }
  }

  /// Decides with what is cheap to know, and again with the rest if something is to be done.
  private GrowthDecision decide(GrowthItem item, Inventory inventory, Instant now)
      throws InterruptedException {
    var first = item.decide(now);
    return isAtRest(first) ? first : decideWithSpares(item, inventory, now);
  }

  /// Whether its system would take a spare is asked when it is wanted. One that it would not take
  /// is none: others may do, and people must know why that one did not.
  private GrowthDecision decideWithSpares(GrowthItem item, Inventory inventory, Instant now)
      throws InterruptedException {
    var lastGrownAt = lastGrownAt(item);
    var spares = spareDevices(item, inventory);
    var refused = new TreeMap<String, String>();
    while (true) {
      var decision = item.knowing(lastGrownAt, spares).decide(now);
      if (!(decision instanceof GrowthDecision.AddDevices add)) {
        return saying(refused.values(), decision);
      }
      for (var device : add.devices()) {
        obstacle(item, device, now).ifPresent(why -> refused.put(device, why));
      }
      if (!spares.removeIf(spare -> refused.containsKey(spare.path()))) {
        return decision;
      }
    }
  }

  private Optional<String> obstacle(GrowthItem item, String device, Instant now) {
    var key = item.group() + " " + device;
    var known = obstacles.get(key);
    if (known != null && known.stillHolds(now)) {
      return Optional.of(known.why());
    }
    var why = obstacle(item, device);
    obstacles.remove(key);
    why.ifPresent(text -> obstacles.put(key, new Obstacle(text, now)));
    return why;
  }

  /// Why the group cannot be given that device, if it cannot.
  private Optional<String> obstacle(GrowthItem item, String device) {
    try {
      var plan = host.system().plan(new Change.AddDevices(item.group(), List.of(device)));
      return plan.isEmpty()
          ? Optional.of("the group has its spare %s already".formatted(device))
          : Optional.empty();
    } catch (StorageFailure.Refused | StorageFailure.NotFound refusal) {
      return Optional.of(
          "its spare %s cannot be taken: %s".formatted(device, refusal.getMessage()));
    } catch (StorageFailure unanswered) {
      // What fails now may do when it is taken, and is told of then if it does not.
      return Optional.empty();
    }
  }

  private static GrowthDecision saying(Collection<String> refused, GrowthDecision decision) {
    if (refused.isEmpty()) {
      return decision;
    }
    var why = "; " + String.join("; ", refused);
    return switch (decision) {
      case GrowthDecision.Grow(var from, var to, var taken, var reason) ->
          new GrowthDecision.Grow(from, to, taken, reason + why);
      case GrowthDecision.Blocked(var missing, var reason, var help) ->
          new GrowthDecision.Blocked(missing, reason + why, help);
      case GrowthDecision.Nothing _, GrowthDecision.AddDevices _, GrowthDecision.Delegated _ ->
          decision;
    };
  }

  private @Nullable Instant lastGrownAt(GrowthItem item) {
    var found =
        audit.find(
            new AuditQuery(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(item.verb()),
                Optional.of(item.uuid()),
                Optional.of(AuditResult.DONE),
                1));
    return found.isEmpty() ? null : found.getFirst().time();
  }

  /// The spare devices of its rule that no group has yet, with their sizes.
  private List<GrowthFacts.SpareDevice> spareDevices(GrowthItem item, Inventory inventory)
      throws InterruptedException {
    var spares = new ArrayList<GrowthFacts.SpareDevice>();
    for (var path : item.settings().spareDevices()) {
      if (isFree(inventory, path)) {
        sizeBytes(path).ifPresent(size -> spares.add(new GrowthFacts.SpareDevice(path, size)));
      }
    }
    return spares;
  }

  private static boolean isFree(Inventory inventory, String path) {
    return inventory.devices().stream()
        .noneMatch(device -> device.path().equals(path) && !device.pool().isEmpty());
  }

  private Optional<Long> sizeBytes(String path) throws InterruptedException {
    try {
      var answer = host.commands().run(Command.of("blockdev", "--getsize64", path));
      var size = answer.stdout().strip();
      return answer.succeeded() && size.matches("[0-9]{1,18}")
          ? Optional.of(Long.valueOf(size))
          : Optional.empty();
    } catch (CommandFailure notThere) {
      // A spare that cannot be looked at is none; what is missing is then said in its place.
      return Optional.empty();
    }
  }

  private Upshot act(
      GrowthItem item, Change change, String reason, Instant now, RunReport.Builder report)
      throws IOException {
    var upshot =
        report.add(
            item.name(),
            hand.carryOut(
                host.system(), new Decision.Act(intent(item), change, reason), Progress.none()));
    if (upshot.isGood()) {
      pauses.remove(item.name());
      troubles.clear(host.name(), Trouble.Kind.EXTENSION_FAILED, item.name());
    } else {
      pause(item, now);
      troubles.report(
          host.name(),
          Trouble.Kind.EXTENSION_FAILED,
          item.name(),
          "%s; %s".formatted(reason, upshot.words()),
          now);
    }
    return upshot;
  }

  private Intent intent(GrowthItem item) {
    return intent(item, item.verb());
  }

  private Intent intent(GrowthItem item, String verb) {
    return new Intent(
        "growth:" + item.settings().name(), "poll", verb, host.name(), List.of(item.uuid()));
  }

  private void pause(GrowthItem item, Instant now) {
    var last = pauses.get(item.name());
    var length = last == null ? FIRST_PAUSE : last.length().multipliedBy(2);
    var bounded = length.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : length;
    pauses.put(item.name(), new Pause(now.plus(bounded), bounded));
  }

  /// Gives the group its spare devices, and decides again with what the host has then.
  private void addDevices(
      GrowthItem item, GrowthDecision.AddDevices add, Instant now, RunReport.Builder report)
      throws IOException, InterruptedException {
    var added =
        act(item, new Change.AddDevices(item.group(), add.devices()), add.reason(), now, report);
    if (!added.isGood() || hand.isDry()) {
      return;
    }
    try {
      var inventory = host.system().inventory();
      var again = again(item, inventory);
      if (again.isPresent() && again.get().decide(now) instanceof GrowthDecision.Grow grow) {
        act(again.get(), again.get().change(grow.toBytes()), grow.reason(), now, report);
      }
    } catch (StorageFailure failure) {
      report.add(item.name(), new Upshot.Failed(Failures.words(failure), false));
    }
  }

  private Optional<GrowthItem> again(GrowthItem item, Inventory inventory) {
    return GrowthItem.of(host.name(), inventory, List.of(item.settings()), foresight).stream()
        .filter(other -> other.name().equals(item.name()))
        .findFirst();
  }

  private void blocked(
      GrowthItem item, GrowthDecision.Blocked blocked, Instant now, RunReport.Builder report)
      throws IOException {
    var reason = sentence(blocked.reason(), blocked.help());
    troubles.report(host.name(), Trouble.Kind.EXTENSION_FAILED, item.name(), reason, now);
    if (isToBeRecorded(item, now)) {
      report.add(
          item.name(),
          hand.carryOut(host.system(), new Decision.Refuse(intent(item), reason), Progress.none()));
    } else {
      report.add(item.name(), new Upshot.Refused(reason));
    }
  }

  private static String sentence(String reason, List<String> help) {
    return help.isEmpty() ? reason : reason + "; " + String.join(", or ", help);
  }

  private boolean isToBeRecorded(GrowthItem item, Instant now) {
    var last = recorded.get(item.name());
    if (last != null && !now.isBefore(last) && now.isBefore(last.plus(RECORD_EVERY))) {
      return false;
    }
    recorded.put(item.name(), now);
    return true;
  }

  /// What its system extends is only looked after, once that system was told how.
  private void delegated(
      GrowthItem item, GrowthDecision.Delegated delegated, Instant now, RunReport.Builder report)
      throws IOException {
    if (delegated.tell() != null && isToBeTold(item, now)) {
      tell(item, delegated, delegated.tell(), now, report);
      return;
    }
    if (now.equals(told.get(item.uuid()))) {
      return; // what is known of its pool is from before it was told
    }
    judge(item, Trouble.Kind.AUTOEXTEND_MISCONFIGURED, delegated, delegated.warnings(), now);
    judge(item, Trouble.Kind.SELF_EXTENSION_BEYOND_LIMIT, delegated, delegated.beyond(), now);
    var wrong = Stream.concat(delegated.warnings().stream(), delegated.beyond().stream()).toList();
    if (wrong.isEmpty()) {
      recorded.remove(item.name());
    } else if (isToBeRecorded(item, now)) {
      hand.carryOut(
          host.system(),
          new Decision.Refuse(intent(item), sentence(delegated, wrong)),
          Progress.none());
    }
  }

  /// A system that was told and does not seem to have heard is told again, but not at every poll.
  private boolean isToBeTold(GrowthItem item, Instant now) {
    var last = told.get(item.uuid());
    return last == null || now.isBefore(last) || !now.isBefore(last.plus(RECORD_EVERY));
  }

  private void tell(
      GrowthItem item,
      GrowthDecision.Delegated delegated,
      Pool.SelfExtension rule,
      Instant now,
      RunReport.Builder report)
      throws IOException {
    told.put(item.uuid(), now);
    var upshot =
        report.add(
            item.name(),
            hand.carryOut(
                host.system(),
                new Decision.Act(
                    intent(item, "grow.delegate"),
                    new Change.SetSelfExtension(item.uuid(), rule),
                    "its rule leaves it to its system, which is to extend it by %d %% when it is %d %% full"
                        .formatted(rule.stepPercent(), rule.thresholdPercent())),
                Progress.none()));
    var wrong = upshot.isGood() ? List.<String>of() : List.of(upshot.words());
    judge(item, Trouble.Kind.AUTOEXTEND_MISCONFIGURED, delegated, wrong, now);
  }

  private void judge(
      GrowthItem item,
      Trouble.Kind kind,
      GrowthDecision.Delegated delegated,
      List<String> wrong,
      Instant now) {
    if (wrong.isEmpty()) {
      troubles.clear(host.name(), kind, item.name());
    } else {
      troubles.report(host.name(), kind, item.name(), sentence(delegated, wrong), now);
    }
  }

  private static String sentence(GrowthDecision.Delegated delegated, List<String> wrong) {
    return "%s: %s".formatted(delegated.reason(), String.join("; ", wrong));
  }

  /// Says before it is needed that the next step would not fit.
  private void judgeRoom(GrowthItem item, Instant now) {
    if (item.decideWhenFull(now) instanceof GrowthDecision.Blocked blocked
        && blocked.missingBytes() > 0
        && item.settings().spareDevices().isEmpty()) {
      troubles.report(
          host.name(),
          Trouble.Kind.GROUP_CANNOT_EXTEND,
          item.name(),
          "when %s is full it cannot grow: %s"
              .formatted(item.name(), String.join(", or ", blocked.help())),
          now);
    } else {
      troubles.clear(host.name(), Trouble.Kind.GROUP_CANNOT_EXTEND, item.name());
    }
  }

  /// A volume that is larger than its file system is a growth to be finished.
  private void finishFileSystem(GrowthItem item, Instant now, RunReport.Builder report)
      throws IOException {
    if (!isSuspicious(item)) {
      halfGrown.remove(item.name());
      return;
    }
    if (!isSuspectedNow(item, now)) {
      return;
    }
    try {
      var change = new Change.GrowFileSystem(item.uuid());
      if (host.system().plan(change).isEmpty()
          || act(item, change, reasonToFinish(item), now, report).isGood()) {
        halfGrown.remove(item.name());
      } else {
        halfGrown.add(item.name());
      }
    } catch (StorageFailure failure) {
      halfGrown.add(item.name());
      troubles.report(
          host.name(),
          Trouble.Kind.EXTENSION_FAILED,
          item.name(),
          "%s, and %s".formatted(reasonToFinish(item), failure.getMessage()),
          now);
    }
  }

  private static boolean isSuspicious(GrowthItem item) {
    var gap = item.facts().sizeBytes() - item.facts().usage().sizeBytes();
    return item.facts().target() == GrowthTarget.FILE_SYSTEM
        && item.withFileSystem() == Change.WithFileSystem.GROW
        && gap > item.facts().sizeBytes() / SUSPICIOUS_PART;
  }

  private static String reasonToFinish(GrowthItem item) {
    return item.name() + " is larger than its file system";
  }

  private boolean isSuspectedNow(GrowthItem item, Instant now) {
    var last = suspected.get(item.name());
    if (last != null && !now.isBefore(last) && now.isBefore(last.plus(RECORD_EVERY))) {
      return false;
    }
    suspected.put(item.name(), now);
    return true;
  }
}
