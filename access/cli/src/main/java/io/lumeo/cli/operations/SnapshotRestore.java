package io.lumeo.cli.operations;

import io.lumeo.agent.Upshot;
import io.lumeo.agent.runs.Restores;
import io.lumeo.block.StorageException;
import io.lumeo.cli.operations.SnapshotWork.Found;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lumeo snapshot restore`: in place, as a new volume, or single files.
@Command(
    name = "restore",
    footer = {
      "",
      "In place, what the volume holds now is kept in a snapshot first, and a volume that is in use"
          + " changes only when it is activated anew, which is said."
    })
final class SnapshotRestore implements Callable<Integer> {
  private final OperationsSession session;

  @Mixin private SnapshotOptions.Destructive options = new SnapshotOptions.Destructive();

  @Option(names = "--in-place", description = "Make the volume what the snapshot is.")
  private boolean inPlace;

  @Option(
      names = "--keep",
      description = "With --in-place, keep the snapshot, which a merge uses up; thin ones only.")
  private boolean keep;

  @Option(
      names = "--to",
      paramLabel = "NAME",
      description = "Make a new volume of a thin snapshot.")
  private @Nullable String newVolume;

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description = "Copy this out, a file or folder from its root; may be repeated.")
  private @Nullable List<String> files;

  @Option(
      names = "--into",
      paramLabel = "DIR",
      description = "With --file, the folder of the host to copy to.")
  private @Nullable Path folder;

  SnapshotRestore(OperationsSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws StorageFailure, IOException, InterruptedException {
    check();
    return new SnapshotWork(session).run(options, this::ask, this::restore);
  }

  private void check() throws StorageException {
    var ways = Stream.of(inPlace, newVolume != null, files != null).filter(way -> way).count();
    if (ways != 1) {
      throw new StorageException.InvalidArgument(
          "say one of --in-place, --to NAME, --file PATH with --into DIR");
    }
    if ((files != null) != (folder != null)) {
      throw new StorageException.InvalidArgument("--file and --into go together");
    }
  }

  private void ask(Found found) throws IOException {
    if (inPlace) {
      session
          .console()
          .requireConsent(
              options.yes,
              "restoring %s in place replaces what its volume holds now".formatted(found.name()));
    }
  }

  private Upshot restore(Workplace place, Found found) throws StorageFailure, IOException {
    var restores = new Restores(place.hand(), place.ledger(), session.actor(), "local");
    if (inPlace) {
      return restores.inPlace(
          found.host(),
          volume(found),
          found.snapshot(),
          keep,
          session.surroundings().time().instant(),
          Progress.none());
    }
    if (newVolume != null) {
      return restores.toNewVolume(found.host(), found.snapshot(), newVolume, Progress.none());
    }
    return files(restores, found);
  }

  private static Volume volume(Found found) throws StorageFailure {
    return found.inventory().volumes().stream()
        .filter(volume -> volume.uuid().equals(found.snapshot().origin()))
        .findFirst()
        .orElseThrow(() ->
            new StorageFailure.NotFound(
                "what %s was taken of is no longer there; restore it --to a new volume"
                    .formatted(found.name())));
  }

  private Upshot files(Restores restores, Found found) throws StorageFailure, IOException {
    var wanted = files == null ? List.<String>of() : files;
    var target = java.util.Objects.requireNonNull(folder).toAbsolutePath();
    var inspection =
        restores.files(found.host(), found.snapshot(), wanted, target, Progress.none());
    if (options.dryRun) {
      return done(List.of("would copy %s to %s".formatted(String.join(", ", wanted), target)));
    }
    var missed =
        inspection.findings().stream()
            .filter(finding -> !finding.passed())
            .map(finding -> finding.check() + ": " + finding.detail())
            .toList();
    return missed.isEmpty()
        ? done(inspection.copied().stream().map(file -> "copied to " + file).toList())
        : new Upshot.Failed(String.join("; ", missed), false);
  }

  private static Upshot done(List<String> effects) {
    return new Upshot.Done(new Outcome("", Outcome.Result.DONE, List.of(), effects, List.of()));
  }
}
