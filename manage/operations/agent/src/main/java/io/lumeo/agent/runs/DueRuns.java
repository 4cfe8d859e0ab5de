package io.lumeo.agent.runs;

import io.lumeo.agent.Intent;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.RunBook;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.audit.AuditResult;
import io.lumeo.policies.RunFacts;
import io.lumeo.policies.RunPlan;
import io.lumeo.policies.RunPlanner;
import io.lumeo.policies.Timetable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/// Which runs of a host are due, with their beginning noted before anybody hears of them: a run
/// that was handed out once is never handed out again.
final class DueRuns {
  private final RunBook book;
  private final Ledger ledger;

  DueRuns(RunBook book, Ledger ledger) {
    this.book = book;
    this.ledger = ledger;
  }

  /// What is due of one task.
  ///
  /// @param run what is to be done now
  /// @param lookAgainAt when the next is due
  record Due(Optional<RunRecord> run, SortedSet<String> volumes, Instant lookAgainAt) {}

  /// Asks what is due. What is skipped is recorded.
  ///
  /// @param volumes the uuids of those that the task is for now
  /// @throws IOException if a skip cannot be recorded; nothing is handed out then
  Due ask(
      Task task,
      String host,
      String actor,
      Timetable timetable,
      SortedSet<String> volumes,
      Instant now)
      throws IOException {
    var handledUpTo = book.handledUpTo(task, host, now);
    var facts = new RunFacts(handledUpTo, at -> book.isBegun(task, host, at), volumes, Set.of());
    var plan = RunPlanner.plan(timetable, facts, now);
    note(task, host, actor, plan.skips());
    if (!plan.skips().isEmpty() || !plan.handledUpTo().equals(handledUpTo)) {
      // Before the run is begun, so that a crash between the two loses none.
      book.settle(
          task,
          host,
          plan.run() == null ? plan.handledUpTo() : earlier(handledUpTo, plan.handledUpTo()),
          plan.skips());
    }
    var run = plan.run();
    if (run == null || !book.begin(task, host, run.key().scheduledAt(), now, plan.handledUpTo())) {
      return new Due(Optional.empty(), volumes, plan.lookAgainAt());
    }
    var begun = new RunRecord(task, host, run.key().scheduledAt(), now, Optional.empty());
    return new Due(Optional.of(begun), run.volumes(), plan.lookAgainAt());
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private void note(Task task, String host, String actor, List<RunPlan.Skip> skips)
      throws IOException {
    for (var skip : skips) {
      ledger.note(
          new Intent(
              actor,
              "schedule",
              task.kind().name().toLowerCase(Locale.ROOT) + ".skip",
              host,
              skip.volume() == null ? List.of() : List.of(skip.volume())),
          AuditResult.REFUSED,
          skip.reason());
    }
  }

  /// Whether a run that was interrupted is to be gone on with: it is the newest that is due, and
  /// not later than its policy catches up.
  static boolean isStillDue(RunRecord run, Timetable timetable, Instant now) {
    if (!timetable.newestDue(now).equals(run.scheduledAt())) {
      return false;
    }
    var catchUp = timetable.catchUp();
    var late = Duration.between(timetable.dueAt(run.scheduledAt()), now);
    return catchUp == null || late.compareTo(catchUp) <= 0;
  }
}
