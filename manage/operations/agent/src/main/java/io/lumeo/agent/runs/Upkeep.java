package io.lumeo.agent.runs;

import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.RunBook;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.TimeSource;
import io.lumeo.audit.AuditResult;
import io.lumeo.configuration.TrimSettings;
import io.lumeo.configuration.VerificationSettings;
import io.lumeo.policies.Timetable;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.BooleanSupplier;

/// What is done to one host by schedule and takes its time: verifications and trims. For one
/// thread, beside that of [Protection].
public final class Upkeep {
  private final HostSetup host;
  private final Ledger ledger;
  private final RunBook book;
  private final TimeSource time;
  private final BooleanSupplier stopping;
  private final DueRuns dueRuns;
  private final VerificationRun verification;
  private final TrimRun trim;

  /// @param inspected where snapshots are noted while they are looked into
  /// @param stopping whether the agent is about to end: then what takes long is cut
  public Upkeep(
      HostSetup host,
      Hand hand,
      Ledger ledger,
      RunBook book,
      TimeSource time,
      Set<String> inspected,
      BooleanSupplier stopping) {
    this.host = host;
    this.ledger = ledger;
    this.book = book;
    this.time = time;
    this.stopping = stopping;
    this.dueRuns = new DueRuns(book, ledger);
    this.verification = new VerificationRun(ledger, inspected);
    this.trim = new TrimRun(hand, time, stopping);
  }

  /// Does what is due.
  ///
  /// @return when the next is due
  /// @throws StorageFailure if the host cannot be looked at; what is due stays due
  /// @throws IOException if something cannot be recorded
  public Instant round(List<PolicyTerms> policies, List<TrimSettings> trims)
      throws StorageFailure, IOException, InterruptedException {
    giveUpInterrupted();
    var next = Instant.MAX;
    var verified =
        policies.stream()
            .filter(
                terms -> terms.settings().enabled() && terms.settings().verification().isPresent())
            .toList();
    if (verified.isEmpty() && trims.isEmpty()) {
      return next;
    }
    var inventory = host.system().inventory();
    for (var terms : verified) {
      next = earlier(next, verify(terms, terms.settings().verification().get(), inventory));
    }
    for (var settings : trims) {
      next = earlier(next, trim(settings, inventory));
    }
    return next;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /// These change nothing that must be gone on with; the next of them is as good.
  private void giveUpInterrupted() throws IOException {
    for (var run : book.underWay(host.name())) {
      switch (run.task().kind()) {
        case VERIFICATION, TRIM -> {
          ledger.note(
              Intent.scheduled("agent", "run.interrupted", host.name(), run.task().toString()),
              AuditResult.FAILED,
              "the run of %s was interrupted".formatted(run.scheduledAt()));
          end(run, RunRecord.Result.INTERRUPTED, "it was interrupted");
        }
        case SNAPSHOT, RETENTION -> {
          // These are Protection's.
        }
      }
    }
  }

  private Instant verify(PolicyTerms terms, VerificationSettings settings, Inventory inventory)
      throws StorageFailure, IOException, InterruptedException {
    var due =
        due(
            Task.verification(terms.id()),
            terms.actor(),
            settings.timetable().of(terms.id()),
            Holdings.uuids(terms.volumes(host.name(), inventory)));
    if (due.run().isPresent()) {
      var deadline = new Deadline(time, settings.deadline(), stopping);
      var report = verification.run(host, terms, settings, due.volumes(), deadline);
      end(due.run().get(), result(report), report.detail());
    }
    return due.lookAgainAt();
  }

  /// A verification that was cut because the agent ends says nothing of any snapshot.
  private RunRecord.Result result(RunReport report) {
    return report.result() != RunRecord.Result.DONE && stopping.getAsBoolean()
        ? RunRecord.Result.INTERRUPTED
        : report.result();
  }

  private Instant trim(TrimSettings settings, Inventory inventory)
      throws StorageFailure, IOException {
    var due =
        due(
            Task.trim(settings.name()),
            "trim:" + settings.name(),
            settings.timetable().of(settings.name()),
            Holdings.uuids(TrimRun.volumes(settings, host.name(), inventory)));
    if (due.run().isPresent()) {
      var gain = trim.run(host, settings, due.volumes());
      end(due.run().get(), gain.report().result(), gain.detail());
    }
    return due.lookAgainAt();
  }

  private DueRuns.Due due(Task task, String actor, Timetable timetable, SortedSet<String> volumes)
      throws IOException {
    return volumes.isEmpty()
        ? new DueRuns.Due(Optional.empty(), volumes, Instant.MAX)
        : dueRuns.ask(task, host.name(), actor, timetable, volumes, time.instant());
  }

  private void end(RunRecord run, RunRecord.Result result, String detail) {
    book.end(run, new RunRecord.End(time.instant(), result, detail));
  }
}
