package io.lumeo.agent.runs;

import io.lumeo.agent.Failures;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.Upshot;
import io.lumeo.audit.AuditResult;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.configuration.VerificationSettings;
import io.lumeo.policies.SnapshotFacts;
import io.lumeo.storage.Inspection;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Proves that snapshots can be read: the newest that a policy made of each volume is looked into,
/// its file system checked, its sentinels looked for, its sums compared.
public final class VerificationRun {
  private final Ledger ledger;
  private final Set<String> inspected;

  /// @param inspected where the uuids of snapshots are noted while they are looked into, so that
  ///   nobody deletes them meanwhile
  public VerificationRun(Ledger ledger, Set<String> inspected) {
    this.ledger = ledger;
    this.inspected = inspected;
  }

  /// The newest snapshot that a policy made of a volume and that can be counted on.
  public static Optional<SnapshotFacts> newest(
      Inventory inventory, PolicyTerms terms, String volume) {
    return Holdings.snapshots(inventory, Set.of()).stream()
        .filter(snapshot ->
            terms.id().equals(snapshot.owner())
                && volume.equals(snapshot.volume())
                && snapshot.createdAt() != null
                && !snapshot.states().contains(SnapshotFacts.State.MERGING)
                && !snapshot.states().contains(SnapshotFacts.State.INVALID))
        .max(Comparator.comparing(VerificationRun::createdAt));
  }

  private static Instant createdAt(SnapshotFacts snapshot) {
    return Objects.requireNonNull(snapshot.createdAt());
  }

  /// Looks into the newest snapshot of each volume.
  ///
  /// @throws StorageFailure if the host cannot be looked at
  /// @throws IOException if it cannot be recorded
  public RunReport run(
      HostSetup host,
      PolicyTerms terms,
      VerificationSettings settings,
      Set<String> volumes,
      Progress progress)
      throws StorageFailure, IOException, InterruptedException {
    var report = new RunReport.Builder();
    var inventory = host.system().inventory();
    for (var uuid : volumes) {
      var name =
          inventory.volume(uuid).map(volume -> Holdings.name(inventory, volume)).orElse(uuid);
      var snapshot = newest(inventory, terms, uuid);
      if (snapshot.isEmpty()) {
        var intent = Intent.scheduled(terms.actor(), "snapshot.verify", host.name(), uuid);
        var reason = "policy %s has no snapshot of %s to verify".formatted(terms.id(), name);
        ledger.note(intent, AuditResult.FAILED, reason);
        report.add(name, new Upshot.Failed(reason, false));
      } else {
        report.add(
            name,
            verify(
                host,
                terms.actor(),
                snapshot.get().uuid(),
                snapshot.get().name(),
                settings.sentinels().stream().map(Path::toString).toList(),
                settings.manifest(),
                progress));
      }
    }
    return report.build();
  }

  /// Looks into one snapshot.
  ///
  /// @param actor who wants it
  /// @throws IOException if it cannot be recorded
  public Upshot verify(
      HostSetup host,
      String actor,
      String uuid,
      String name,
      List<String> sentinels,
      Optional<Path> manifest,
      Progress progress)
      throws IOException, InterruptedException {
    var intent = Intent.scheduled(actor, "snapshot.verify", host.name(), uuid);
    ledger.note(
        new Intent(
            intent.actor(),
            intent.source(),
            Ledger.BEGIN + intent.verb(),
            intent.system(),
            intent.targets()),
        AuditResult.DONE,
        "looking into " + name);
    inspected.add(uuid);
    Upshot upshot;
    try {
      upshot = looked(host, uuid, name, sentinels, manifest, progress);
    } catch (StorageFailure | RuntimeException failure) {
      // Whatever a driver throws, the record says that nothing was proven.
      upshot = new Upshot.Failed("%s: %s".formatted(name, failure.getMessage()), false);
    } catch (InterruptedException stopped) {
      ledger.note(intent, AuditResult.FAILED, name + ": it was interrupted");
      throw stopped;
    } finally {
      inspected.remove(uuid);
    }
    ledger.note(intent, upshot.isGood() ? AuditResult.DONE : AuditResult.FAILED, upshot.words());
    return upshot;
  }

  private static Upshot looked(
      HostSetup host,
      String uuid,
      String name,
      List<String> sentinels,
      Optional<Path> manifest,
      Progress progress)
      throws StorageFailure, InterruptedException {
    var sums = Map.<String, String>of();
    if (manifest.isPresent()) {
      try {
        sums = Manifest.read(copiedOut(host, uuid, manifest.get(), progress));
      } catch (IllegalArgumentException noManifest) {
        return new Upshot.Failed(
            "%s: its manifest %s proves nothing: %s"
                .formatted(name, manifest.get(), noManifest.getMessage()),
            false);
      }
    }
    return judged(
        name,
        host.system()
            .inspect(
                new InspectionRequest(uuid, true, sentinels, sums, List.of(), null), progress));
  }

  private static Upshot judged(String name, Inspection inspection) {
    var failed =
        inspection.findings().stream()
            .filter(finding -> !finding.passed())
            .map(finding -> finding.check() + ": " + finding.detail())
            .toList();
    if (inspection.passed()) {
      return new Upshot.Done(
          new Outcome(
              "",
              Outcome.Result.DONE,
              List.of(),
              List.of(
                  "%s can be read: %d checks passed".formatted(name, inspection.findings().size())),
              List.of()));
    }
    return new Upshot.Failed(
        failed.isEmpty()
            ? "%s: nothing in it could be checked".formatted(name)
            : "%s cannot be relied on: %s".formatted(name, String.join("; ", failed)),
        false);
  }

  /// The text of a file in the snapshot. It lies in a folder of its own on the host meanwhile.
  private static String copiedOut(HostSetup host, String uuid, Path file, Progress progress)
      throws StorageFailure, InterruptedException {
    var folder = answer(host, Command.of("mktemp", "-d")).strip();
    try {
      var inspection =
          host.system()
              .inspect(
                  new InspectionRequest(
                      uuid, false, List.of(), Map.of(), List.of(file.toString()), Path.of(folder)),
                  progress);
      if (inspection.copied().isEmpty()) {
        throw new IllegalArgumentException("it could not be copied out");
      }
      return answer(host, Command.of("cat", "--", inspection.copied().getFirst()));
    } finally {
      answer(host, Command.of("rm", "-rf", "--", folder));
    }
  }

  private static String answer(HostSetup host, Command command)
      throws StorageFailure, InterruptedException {
    try {
      var result = host.commands().run(command);
      if (!result.succeeded()) {
        throw new StorageFailure.CommandFailed(
            "%s failed on %s: %s".formatted(command, host.name(), result.complaint()));
      }
      return result.stdout();
    } catch (CommandFailure failure) {
      throw new StorageFailure.CommandFailed(Failures.words(failure), failure);
    }
  }
}
