package io.lumeo.agent.runs;

import io.lumeo.agent.Foresight;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.RunBook;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.Trouble;
import io.lumeo.agent.Troubles;
import io.lumeo.agent.Upshot;
import io.lumeo.configuration.TrashSettings;
import io.lumeo.policies.RunKey;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/// Keeps one host's snapshots as its policies want them: makes what is due, deletes what is no
/// longer kept, empties the trash. For one thread.
public final class Protection {
  /// How often what is kept is looked at when nothing else gives an occasion.
  private static final Duration RETENTION_EVERY = Duration.ofHours(1);

  private final HostSetup host;
  private final RunBook book;
  private final Troubles troubles;
  private final InstantSource clock;
  private final Supplier<Duration> clockMoved;
  private final Set<String> inspected;
  private final DueRuns dueRuns;
  private final SnapshotRun snapshots;
  private final RetentionRun retention;
  private final TrashRun trash;
  private final Map<String, Instant> retainedAt = new HashMap<>();

  /// The snapshots of one host.
  ///
  /// @param clockMoved by how much the clock was set lately
  /// @param inspected the uuids of snapshots that a verification is looking into; others change it
  /// @param trashed how long what is deleted can be taken back
  public Protection(
      HostSetup host,
      Hand hand,
      Ledger ledger,
      RunBook book,
      Troubles troubles,
      Foresight foresight,
      InstantSource clock,
      Supplier<Duration> clockMoved,
      Set<String> inspected,
      Supplier<TrashSettings> trashed) {
    this.host = host;
    this.book = book;
    this.troubles = troubles;
    this.clock = clock;
    this.clockMoved = clockMoved;
    this.inspected = inspected;
    this.dueRuns = new DueRuns(book, ledger);
    this.snapshots = new SnapshotRun(hand, ledger, foresight, clock);
    this.retention = new RetentionRun(hand, trashed);
    this.trash = new TrashRun(hand);
  }

  /// Does what is due.
  ///
  /// @param policies all there are
  /// @return when the next is due
  /// @throws StorageFailure if the host cannot be looked at; what is due stays due
  /// @throws IOException if something cannot be recorded; what was begun is gone on with next time
  public Instant round(List<PolicyTerms> policies)
      throws StorageFailure, IOException, InterruptedException {
    var inventory = host.system().inventory();
    goOn(policies);
    var next = Instant.MAX;
    for (var terms : policies) {
      if (terms.settings().enabled()) {
        var lookAgainAt = round(terms, inventory);
        next = lookAgainAt.isBefore(next) ? lookAgainAt : next;
      }
    }
    trash.run(host, inventory, clock.instant());
    return next;
  }

  /// Goes on with the runs that a crash, or a record that could not be written, has interrupted.
  private void goOn(List<PolicyTerms> policies)
      throws StorageFailure, IOException, InterruptedException {
    for (var run : book.underWay(host.name())) {
      if (run.task().kind() == Task.Kind.SNAPSHOT) {
        var terms =
            policies.stream().filter(policy -> policy.id().equals(run.task().id())).findFirst();
        if (terms.isPresent()) {
          goOn(run, terms.get());
        } else {
          end(run, RunRecord.Result.FAILED, "it was interrupted, and its policy is gone");
        }
      }
    }
  }

  private void goOn(RunRecord run, PolicyTerms terms)
      throws StorageFailure, IOException, InterruptedException {
    // Whoever was stopped for this run is still waiting.
    var after = snapshots.runHooksAfter(host, terms, key(run));
    if (DueRuns.isStillDue(run, terms.timetable(), clock.instant()) && terms.settings().enabled()) {
      var volumes = Holdings.uuids(terms.volumes(host.name(), host.system().inventory()));
      make(run, terms, volumes);
      return;
    }
    end(
        run,
        RunRecord.Result.FAILED,
        "it was interrupted, and is too late to be gone on with"
            + (after.isGood() ? "" : "; " + after.words()));
  }

  private Instant round(PolicyTerms terms, Inventory inventory)
      throws StorageFailure, IOException, InterruptedException {
    var volumes = Holdings.uuids(terms.volumes(host.name(), inventory));
    var task = Task.snapshot(terms.id());
    book.selected(task, host.name(), volumes.size());
    if (volumes.isEmpty()) {
      retainWhatIsLeft(terms, inventory);
      return Instant.MAX;
    }
    var due =
        dueRuns.ask(task, host.name(), terms.actor(), terms.timetable(), volumes, clock.instant());
    if (due.run().isPresent()) {
      make(due.run().get(), terms, due.volumes());
    }
    if (due.run().isPresent() || isRetentionDue(terms)) {
      retain(terms);
    }
    return due.lookAgainAt();
  }

  /// Its volumes are gone, or called otherwise. What was made of them goes by the same rules still:
  /// else it would hold its space for ever.
  private void retainWhatIsLeft(PolicyTerms terms, Inventory inventory)
      throws StorageFailure, IOException {
    var owns =
        Holdings.snapshots(inventory, inspected).stream()
            .anyMatch(snapshot -> terms.id().equals(snapshot.owner()));
    if (owns && isRetentionDue(terms)) {
      retain(terms);
    }
  }

  private void make(RunRecord run, PolicyTerms terms, Collection<String> volumes)
      throws StorageFailure, IOException, InterruptedException {
    var report = snapshots.run(host, terms, key(run), volumes);
    end(run, report.result(), report.detail());
  }

  private static RunKey key(RunRecord run) {
    return new RunKey(run.task().id(), run.scheduledAt());
  }

  private void end(RunRecord run, RunRecord.Result result, String detail) {
    var now = clock.instant();
    book.end(run, new RunRecord.End(now, result, detail));
    if (result == RunRecord.Result.DONE) {
      troubles.clear(host.name(), Trouble.Kind.SNAPSHOT_FAILED, run.task().id());
    } else {
      troubles.report(host.name(), Trouble.Kind.SNAPSHOT_FAILED, run.task().id(), detail, now);
    }
  }

  private boolean isRetentionDue(PolicyTerms terms) {
    var last = retainedAt.get(terms.id());
    var now = clock.instant();
    return last == null || last.isAfter(now) || !now.isBefore(last.plus(RETENTION_EVERY));
  }

  private void retain(PolicyTerms terms) throws StorageFailure, IOException {
    var now = clock.instant();
    retainedAt.put(terms.id(), now);
    var report = retention.run(host, terms, inspected, now, clockMoved.get());
    if (report.lines().isEmpty()) {
      troubles.clear(host.name(), Trouble.Kind.CLEAN_UP_FAILED, terms.id());
      return;
    }
    book.add(
        Task.retention(terms.id()),
        host.name(),
        now,
        new RunRecord.End(clock.instant(), report.result(), report.detail()));
    if (report.lines().stream().map(RunReport.Line::upshot).allMatch(Upshot::isGood)) {
      troubles.clear(host.name(), Trouble.Kind.CLEAN_UP_FAILED, terms.id());
    } else {
      troubles.report(host.name(), Trouble.Kind.CLEAN_UP_FAILED, terms.id(), report.detail(), now);
    }
  }
}
