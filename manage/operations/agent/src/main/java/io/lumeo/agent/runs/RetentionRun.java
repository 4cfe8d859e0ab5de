package io.lumeo.agent.runs;

import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Upshot;
import io.lumeo.configuration.TrashSettings;
import io.lumeo.policies.Retention;
import io.lumeo.policies.RetentionPlan;
import io.lumeo.policies.SnapshotFacts;
import io.lumeo.storage.Change;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Deletes what a policy no longer keeps. What it deletes is what [#plan] says, and a dry run and
/// an explanation show that same plan.
public final class RetentionRun {
  private final Removal removal;
  private final Supplier<TrashSettings> trash;

  /// @param trash how long what is deleted can be taken back, as it is configured then
  public RetentionRun(Hand hand, Supplier<TrashSettings> trash) {
    this.removal = new Removal(hand);
    this.trash = trash;
  }

  /// What becomes of each snapshot of a host, by one policy, and why.
  ///
  /// @param inspected the uuids of those that a verification is looking into
  /// @param clockMoved by how much the clock was set lately
  public static RetentionPlan plan(
      PolicyTerms terms,
      Inventory inventory,
      Set<String> inspected,
      Instant now,
      Duration clockMoved) {
    return Retention.plan(
        Holdings.snapshots(inventory, inspected), terms.retention(), now, clockMoved);
  }

  /// Deletes what is not kept now that the snapshots of `made` are there. Of a dry run they are
  /// not: they count all the same, or it would not say what the real run deletes because of them.
  ///
  /// @param made what came of the policy's snapshots just before
  /// @throws StorageFailure if the host cannot be looked at
  /// @throws IOException if it cannot be recorded
  public RunReport runAfter(
      RunReport made,
      HostSetup host,
      PolicyTerms terms,
      Set<String> inspected,
      Instant now,
      Duration clockMoved)
      throws StorageFailure, IOException {
    var inventory = host.system().inventory();
    var snapshots = new ArrayList<>(Holdings.snapshots(inventory, inspected));
    for (var line : made.lines()) {
      if (line.upshot() instanceof Upshot.Would(var plan)
          && plan.change() instanceof Change.CreateSnapshot change) {
        snapshots.add(wouldBe(terms, change, now));
      }
    }
    return run(
        host, terms, inventory, Retention.plan(snapshots, terms.retention(), now, clockMoved));
  }

  private static SnapshotFacts wouldBe(
      PolicyTerms terms, Change.CreateSnapshot change, Instant now) {
    return new SnapshotFacts(
        change.name(),
        change.name(),
        change.volume(),
        now,
        terms.id(),
        new TreeSet<>(),
        Set.of(),
        new TreeSet<>());
  }

  /// Does what the plan says, the oldest first.
  ///
  /// @param inventory what the plan was made from
  /// @throws IOException if it cannot be recorded; nothing more is deleted then
  public RunReport run(HostSetup host, PolicyTerms terms, Inventory inventory, RetentionPlan plan)
      throws IOException {
    var report = new RunReport.Builder();
    for (var verdict : plan.verdicts().reversed()) {
      if (!verdict.keep()) {
        report.add(
            verdict.snapshot().name(),
            removal.trash(
                host,
                terms.actor(),
                verdict.snapshot().uuid(),
                timeToLive(inventory, verdict.snapshot()),
                "%s: %s"
                    .formatted(verdict.snapshot().name(), String.join("; ", verdict.reasons()))));
      }
    }
    return report.build();
  }

  private Duration timeToLive(Inventory inventory, SnapshotFacts snapshot) {
    var classic =
        inventory
            .volume(snapshot.uuid())
            .map(volume -> volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT)
            .orElse(false);
    return classic ? trash.get().classic() : trash.get().thin();
  }

  /// Looks at the host and deletes what is not kept.
  ///
  /// @throws StorageFailure if the host cannot be looked at
  /// @throws IOException if it cannot be recorded
  public RunReport run(
      HostSetup host, PolicyTerms terms, Set<String> inspected, Instant now, Duration clockMoved)
      throws StorageFailure, IOException {
    var inventory = host.system().inventory();
    return run(host, terms, inventory, plan(terms, inventory, inspected, now, clockMoved));
  }
}
