package io.lumeo.cli.operations;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.runs.TrimRun;
import io.lumeo.block.StorageException;
import io.lumeo.cli.Size;
import io.lumeo.cli.Stop;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.TrimSettings;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `lumeo trim`: returns now what file systems have freed, by the trims of the configuration.
@Command(name = "trim")
final class TrimCommand implements Callable<Integer> {
  private final OperationsSession session;
  private final Stop stop;

  @Mixin private HostWork options = new HostWork();

  @Parameters(
      arity = "0..1",
      paramLabel = "TRIM",
      description = "Only this trim of the configuration (default: all).")
  private @Nullable String name;

  TrimCommand(OperationsSession session, Stop stop) {
    this.session = session;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var configuration = session.configuration(options);
    var trims = trims(configuration);
    stop.arm();
    try (var place = Workplace.open(session.surroundings(), configuration, options.dryRun)) {
      return session.forEach(options, configuration, host -> trim(place, host, trims));
    }
  }

  private List<TrimSettings> trims(Configuration configuration) throws StorageException {
    var trims =
        configuration.trim().stream()
            .filter(settings -> name == null || settings.name().equals(name))
            .toList();
    if (trims.isEmpty()) {
      throw new StorageException.NotFound(
          name == null
              ? "the configuration has no trims; 'lumeo lvm volume trim' trims one volume"
              : "the configuration has no trim '%s'".formatted(name));
    }
    return trims;
  }

  private List<RunLine> trim(Workplace place, HostSetup host, List<TrimSettings> trims)
      throws StorageFailure, IOException {
    var run = new TrimRun(place.hand(), session.surroundings().time(), stop::isAsked);
    var lines = new ArrayList<RunLine>();
    for (var settings : trims) {
      var volumes = TrimRun.volumes(settings, host.name(), host.system().inventory());
      if (!volumes.isEmpty()) {
        var gain = run.run(host, settings, volumes.stream().map(Volume::uuid).toList());
        lines.addAll(RunLine.of(host.name(), gain.report()));
        if (gain.reclaimedBytes().isPresent() && !options.dryRun) {
          lines.add(
              new RunLine(
                  host.name(),
                  settings.name(),
                  "done",
                  Size.human(gain.reclaimedBytes().getAsLong()) + " given back",
                  List.of()));
        }
      }
    }
    return lines;
  }
}
