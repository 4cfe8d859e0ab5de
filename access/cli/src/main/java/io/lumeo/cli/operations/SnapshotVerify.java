package io.lumeo.cli.operations;

import io.lumeo.agent.runs.VerificationRun;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lumeo snapshot verify`: proves that a snapshot can be read.
@Command(
    name = "verify",
    footer = {
      "",
      "A thin snapshot is looked into through a throw-away clone, a classic one read-only; both in"
          + " a mount namespace that nobody else sees."
    })
final class SnapshotVerify implements Callable<Integer> {
  private final OperationsSession session;

  @Mixin private SnapshotOptions options = new SnapshotOptions();

  @Option(
      names = "--sentinel",
      paramLabel = "PATH",
      description = "A file that must be in it, from its root; may be repeated.")
  private @Nullable List<String> sentinels;

  @Option(
      names = "--manifest",
      paramLabel = "PATH",
      description = "A file in it with SHA-256 sums, as sha256sum writes it.")
  private @Nullable Path manifest;

  SnapshotVerify(OperationsSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws StorageFailure, IOException, InterruptedException {
    return new SnapshotWork(session)
        .run(
            options,
            (place, found) ->
                new VerificationRun(place.ledger(), ConcurrentHashMap.newKeySet())
                    .verify(
                        found.host(),
                        session.actor(),
                        found.snapshot().uuid(),
                        found.name(),
                        sentinels == null ? List.of() : sentinels,
                        Optional.ofNullable(manifest),
                        Progress.none()));
  }
}
