package io.lumeo.cli.operations;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Upshot;
import io.lumeo.block.StorageException;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.HostSettings;
import io.lumeo.configuration.HostSettings.LocalLvm;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.util.List;

/// Finds a snapshot, and does something with it in the agent's way and record.
record SnapshotWork(OperationsSession session) {

  /// A snapshot with all that is around it.
  ///
  /// @param name as people call it: `vg0/home-monday`
  record Found(HostSetup host, Inventory inventory, Volume snapshot, String name) {}

  /// What is to be done.
  @FunctionalInterface
  interface Act {
    Upshot with(Workplace place, Found found)
        throws StorageFailure, IOException, InterruptedException;
  }

  /// What has to be asked first.
  @FunctionalInterface
  interface Question {
    void ask(Found found) throws IOException;
  }

  int run(SnapshotOptions options, Act act)
      throws StorageFailure, IOException, InterruptedException {
    return run(options, _ -> {}, act);
  }

  int run(SnapshotOptions options, Question question, Act act)
      throws StorageFailure, IOException, InterruptedException {
    var configuration = session.configuration(options);
    var found = find(options, configuration);
    if (!options.dryRun) {
      question.ask(found);
    }
    try (var place = Workplace.open(session.surroundings(), configuration, options.dryRun)) {
      var line = RunLine.of(found.host().name(), found.name(), act.with(place, found));
      session.printer(options).list(List.of(line), RunLine.COLUMNS);
      return RunLine.exitCode(List.of(line));
    }
  }

  private Found find(SnapshotOptions options, Configuration configuration)
      throws StorageFailure, IOException {
    var host = session.setup(configuration, host(options, configuration), options.sudo);
    var inventory = host.system().inventory();
    var name = options.snapshot.replaceFirst("^/dev/", "");
    var snapshot =
        inventory
            .volume(name)
            .filter(Volume::isSnapshot)
            .orElseThrow(() ->
                new StorageFailure.NotFound(
                    "there is no snapshot %s on %s; see 'lumeo host show'"
                        .formatted(options.snapshot, host.name())));
    return new Found(
        host, inventory, snapshot, io.lumeo.agent.runs.Holdings.name(inventory, snapshot));
  }

  /// The one that was named; else this host, or the only one there is.
  private static HostSettings host(SnapshotOptions options, Configuration configuration)
      throws StorageException {
    var hosts = OperationsSession.hosts(configuration, options.host);
    var here = hosts.stream().filter(host -> host.location() instanceof LocalLvm).findFirst();
    if (hosts.size() == 1 || here.isPresent()) {
      return here.orElse(hosts.getFirst());
    }
    throw new StorageException.InvalidArgument(
        "the configuration has %d hosts; say which with --host".formatted(hosts.size()));
  }
}
