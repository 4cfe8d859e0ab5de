package io.lumeo.agent;

import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Executed;
import io.lumeo.storage.Plan;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.UnfinishedPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Brings to an end, on one host, what was begun and not ended: by an agent that a crash ended, by
/// a command that was killed, or by a change whose end nobody saw. Finishes plans or undoes them,
/// and writes the second line of every change that has only its first.
public final class Settlement {
  private final HostSetup host;
  private final RealHand hand;
  private final Ledger ledger;
  private final Troubles troubles;
  private final TimeSource time;

  public Settlement(
      HostSetup host, RealHand hand, Ledger ledger, Troubles troubles, TimeSource time) {
    this.host = host;
    this.hand = hand;
    this.ledger = ledger;
    this.troubles = troubles;
    this.time = time;
  }

  /// Settles what can be settled now. What cannot is reported as trouble, and stays for the next
  /// time.
  ///
  /// @return whether nothing is left
  /// @throws StorageFailure if the host cannot be looked at
  /// @throws IOException if it cannot be recorded
  public boolean settle() throws StorageFailure, IOException {
    var left = new ArrayList<Trouble>();
    // Before the look and after it: what began or ended meanwhile is not ours either.
    var elsewhere = new HashSet<>(ledger.elsewhere());
    var unfinished = host.system().unfinished();
    elsewhere.addAll(ledger.elsewhere());
    for (var plan : unfinished) {
      if (!hand.isUnderWay(plan.plan().id()) && !elsewhere.contains(plan.plan().id())) {
        finish(plan).ifPresent(left::add);
      }
    }
    troubles.replace(host.name(), Trouble.Kind.PLAN_UNFINISHED, left);
    var open = open(elsewhere);
    if (left.isEmpty() && !open.isEmpty()) {
      close(open);
    }
    return left.isEmpty();
  }

  /// Whether something is open that nobody is at any more: whoever began it has ended without it.
  boolean isNeeded() {
    return !ledger.open(host.name()).isEmpty() && !open(ledger.elsewhere()).isEmpty();
  }

  private List<Ledger.Open> open(Set<String> elsewhere) {
    return ledger.open(host.name()).stream()
        .filter(change -> !hand.isUnderWay(change.plan()) && !elsewhere.contains(change.plan()))
        .toList();
  }

  private Optional<Trouble> finish(UnfinishedPlan unfinished) throws IOException {
    var plan = unfinished.plan();
    var open = openOf(plan);
    var began = time.nanos();
    var page = Transcript.Page.of(_ -> true);
    Upshot upshot;
    try {
      upshot =
          new Upshot.Done(
              Transcript.during(page, () -> host.system().finish(unfinished, Progress.none())));
    } catch (StorageFailure failure) {
      upshot = Failures.duringTheChange(failure);
    } catch (RuntimeException bug) {
      upshot = new Upshot.Failed("%s ended unexpectedly: %s".formatted(host.name(), bug), true);
    }
    var took = Duration.ofNanos(time.nanos() - began);
    if (upshot instanceof Upshot.Done) {
      ledger.end(
          open,
          Failures.result(upshot),
          "what was begun at %s was brought to an end: %s"
              .formatted(unfinished.begunAt(), upshot.words()),
          changes(plan, page),
          took,
          new TreeMap<>(),
          RealHand.backup(upshot));
      return Optional.empty();
    }
    var reason =
        "the plan %s, begun at %s to %s, could be neither finished nor undone: %s"
            .formatted(plan.id(), unfinished.begunAt(), titles(plan), upshot.words());
    ledger.note(finishing(plan), AuditResult.FAILED, reason, changes(plan, page), took);
    return Optional.of(
        new Trouble(
            host.name(), Trouble.Kind.PLAN_UNFINISHED, plan.id(), reason, unfinished.begunAt()));
  }

  /// The first line of a plan; written now if another program began it.
  private Ledger.Open openOf(Plan plan) throws IOException {
    for (var open : ledger.open(host.name())) {
      if (open.plan().equals(plan.id())) {
        return open;
      }
    }
    return ledger.begin(finishing(plan), plan, "it was begun and not ended");
  }

  private Intent finishing(Plan plan) {
    return new Intent("agent", "local", "plan.finish", host.name(), List.of(plan.pool()));
  }

  private static String titles(Plan plan) {
    return String.join(", ", plan.steps().stream().map(Plan.Step::title).toList());
  }

  private static List<Executed> changes(Plan plan, Transcript.Page page) {
    return page.lines().stream()
        .filter(line ->
            plan.steps().stream()
                .anyMatch(step ->
                    line.argv().equals(step.arguments()) || line.argv().equals(step.undo())))
        .toList();
  }

  /// What the system has ended and the record does not know: the agent was cut between the two.
  private void close(List<Ledger.Open> open) throws StorageFailure, IOException {
    var inventory = host.system().inventory();
    for (var change : open) {
      var sequence = inventory.pool(change.pool()).map(pool -> pool.sequence()).orElse(-1L);
      var untouched = sequence == change.sequence();
      ledger.end(
          change,
          untouched ? AuditResult.FAILED : AuditResult.PARTIAL,
          untouched
              ? "its end was not seen, and nothing was changed since"
              : "its end was not seen; the system has nothing of it left to finish, and the pool is at sequence %d"
                  .formatted(sequence),
          List.of(),
          Duration.ZERO,
          new TreeMap<>(),
          Optional.empty());
    }
  }
}
