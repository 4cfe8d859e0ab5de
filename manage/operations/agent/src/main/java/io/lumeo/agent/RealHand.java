package io.lumeo.agent;

import io.lumeo.audit.AuditResult;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Does what was decided. No change is made before its first line is durable, and whatever becomes
/// of it, its second line is written or it stays open in the [Ledger].
public final class RealHand implements Hand {
  /// How often a plan is made anew when somebody else changes the pool in between.
  private static final int ATTEMPTS = 3;

  private final Ledger ledger;
  private final TimeSource time;

  /// The ids of the plans that are being applied by this process.
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();

  private volatile boolean inDoubt = true;

  public RealHand(Ledger ledger, TimeSource time) {
    this.ledger = ledger;
    this.time = time;
  }

  @Override
  public boolean isDry() {
    return false;
  }

  /// Whether something was begun whose end nobody knows: what was there before this hand, and every
  /// change that ended in doubt.
  boolean isInDoubt() {
    return inDoubt;
  }

  void inDoubt(boolean doubt) {
    inDoubt = doubt;
  }

  /// Whether this process is applying that plan now.
  boolean isUnderWay(String plan) {
    return underWay.contains(plan);
  }

  @Override
  public Upshot carryOut(StorageSystem system, Decision decision, Progress progress)
      throws IOException {
    return switch (decision) {
      case Decision.Refuse(var intent, var reason) -> {
        ledger.note(intent, AuditResult.REFUSED, reason);
        yield new Upshot.Refused(reason);
      }
      case Decision.Act act -> act(system, act, progress);
    };
  }

  private Upshot act(StorageSystem system, Decision.Act act, Progress progress) throws IOException {
    for (var attempt = 1; ; attempt++) {
      Plan plan;
      try {
        plan = system.plan(act.change());
      } catch (StorageFailure failure) {
        return notBegun(act, Failures.beforeTheChange(failure));
      } catch (RuntimeException bug) {
        return notBegun(
            act, new Upshot.Failed("%s cannot plan: %s".formatted(system.name(), bug), false));
      }
      if (plan.isEmpty()) {
        return unchanged(act, plan);
      }
      var applied = apply(system, act, plan, progress);
      var upshot = applied.upshot();
      if (upshot != null) {
        return upshot;
      }
      if (attempt == ATTEMPTS) {
        return new Upshot.Failed(applied.moved(), false);
      }
    }
  }

  private Upshot notBegun(Decision.Act act, Upshot upshot) throws IOException {
    ledger.note(
        act.intent(), Failures.result(upshot), "%s; %s".formatted(act.reason(), upshot.words()));
    return upshot;
  }

  private Upshot unchanged(Decision.Act act, Plan plan) throws IOException {
    var outcome =
        new Outcome(plan.id(), Outcome.Result.UNCHANGED, List.of(), plan.notes(), List.of());
    return notBegun(act, new Upshot.Done(outcome));
  }

  /// What came of applying: an upshot, or that the pool had moved.
  private record Applied(@Nullable Upshot upshot, String moved) {}

  private Applied apply(StorageSystem system, Decision.Act act, Plan plan, Progress progress)
      throws IOException {
    underWay.add(plan.id());
    var isKnown = false;
    try {
      var open = ledger.begin(act.intent(), plan, act.reason());
      var page = Transcript.Page.of(arguments -> isOf(plan, arguments));
      var began = time.nanos();
      var applied = applied(system, plan, page, progress);
      var upshot = applied.upshot();
      ledger.end(
          open,
          upshot == null ? AuditResult.FAILED : Failures.result(upshot),
          "%s; %s".formatted(act.reason(), upshot == null ? applied.moved() : upshot.words()),
          page.lines(),
          Duration.ofNanos(time.nanos() - began),
          after(upshot),
          backup(upshot));
      isKnown = !(upshot instanceof Upshot.Failed(_, var uncertain) && uncertain);
      return applied;
    } finally {
      if (!isKnown) {
        inDoubt = true;
      }
      underWay.remove(plan.id());
    }
  }

  private static Applied applied(
      StorageSystem system, Plan plan, Transcript.Page page, Progress progress) {
    var gain = TrimGain.before(system, plan);
    try {
      var outcome =
          Transcript.<Outcome, StorageFailure>during(page, () -> system.apply(plan, progress));
      return new Applied(gain.of(outcome), "");
    } catch (StorageFailure.Moved moved) {
      return new Applied(null, Failures.words(moved));
    } catch (StorageFailure failure) {
      return new Applied(Failures.duringTheChange(failure), "");
    } catch (RuntimeException bug) {
      // Whatever a driver throws, what it did is recorded; the next look shows what that was.
      return new Applied(
          new Upshot.Failed("%s ended unexpectedly: %s".formatted(system.name(), bug), true), "");
    }
  }

  /// Whether a command is one of a plan's, or takes one of its steps back.
  static boolean isOf(Plan plan, List<String> arguments) {
    return plan.steps().stream()
        .anyMatch(step -> arguments.equals(step.arguments()) || arguments.equals(step.undo()));
  }

  /// What the record says of the time after it.
  static SortedMap<String, String> after(@Nullable Upshot upshot) {
    var after = new TreeMap<String, String>();
    if (upshot instanceof Upshot.Done(var outcome, var reclaimedBytes)) {
      after.put("volumes", String.join(" ", outcome.volumes()));
      after.put("result", outcome.result().name());
      TrimGain.record(reclaimedBytes, after);
    }
    return after;
  }

  /// Where the pool's metadata was kept before it was done.
  static Optional<String> backup(@Nullable Upshot upshot) {
    return upshot instanceof Upshot.Done(var outcome, _)
        ? Optional.ofNullable(outcome.backup())
        : Optional.empty();
  }
}
