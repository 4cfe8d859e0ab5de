package io.lumeo.cli.operations;

import io.lumeo.agent.runs.Restores;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lumeo snapshot hold` and `lumeo snapshot release`: nobody deletes what somebody holds.
@Command(name = "hold")
final class SnapshotHold implements Callable<Integer> {
  private final OperationsSession session;
  private final boolean hold;

  @Mixin private SnapshotOptions options = new SnapshotOptions();

  @Option(
      names = "--by",
      required = true,
      paramLabel = "NAME",
      description = "In whose name: letters, digits and _+.-")
  private String name = "";

  /// @param hold false to release
  SnapshotHold(OperationsSession session, boolean hold) {
    this.session = session;
    this.hold = hold;
  }

  @Override
  public Integer call() throws StorageFailure, IOException, InterruptedException {
    return new SnapshotWork(session)
        .run(
            options,
            (place, found) -> {
              var restores = new Restores(place.hand(), place.ledger(), session.actor(), "local");
              return hold
                  ? restores.hold(found.host(), found.snapshot(), name)
                  : restores.release(found.host(), found.snapshot(), name);
            });
  }
}
