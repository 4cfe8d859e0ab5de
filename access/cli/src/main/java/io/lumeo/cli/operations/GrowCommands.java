package io.lumeo.cli.operations;

import io.lumeo.agent.Foresight;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.runs.GrowthItem;
import io.lumeo.agent.runs.GrowthRun;
import io.lumeo.cli.Printer.Column;
import io.lumeo.policies.GrowthDecision;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `lumeo grow …`
@Command(name = "grow", synopsisSubcommandLabel = "COMMAND")
final class GrowCommands {
  private static final List<Column<Line>> COLUMNS =
      List.of(
          Column.text("HOST", Line::host),
          Column.text("OBJECT", Line::object),
          Column.text("DECISION", Line::decision),
          Column.text("BECAUSE", Line::reason));

  private final OperationsSession session;

  GrowCommands(OperationsSession session) {
    this.session = session;
  }

  /// What is decided about one thing that may grow.
  ///
  /// @param decision `nothing`, `grow`, `add-devices`, `blocked` or `delegated`
  /// @param hints what would help, or is in the way
  public record Line(
      String host, String object, String decision, String reason, List<String> hints) {}

  @Command(
      name = "explain",
      description = "Says of everything that a growth rule is for whether it grows now, and why.")
  void explain(@Mixin HostChoice options) throws StorageFailure, IOException {
    var configuration = session.configuration(options);
    var now = session.surroundings().time().instant();
    var lines = new ArrayList<Line>();
    try (var measured = Measurements.open(configuration)) {
      for (var settings : OperationsSession.hosts(configuration, options.host)) {
        var host = session.setup(configuration, settings, options.sudo);
        var inventory = host.system().inventory();
        items(host, inventory, measured, measured.foresee(host, inventory, now))
            .forEach(item -> lines.add(line(host, item, now)));
      }
    }
    session.printer(options).list(lines, COLUMNS);
  }

  private static List<GrowthItem> items(
      HostSetup host, Inventory inventory, Measurements measured, Foresight foresight) {
    return GrowthItem.of(host.name(), inventory, measured.configuration().growth(), foresight);
  }

  private static Line line(HostSetup host, GrowthItem item, Instant now) {
    var decision = item.decide(now);
    var hints =
        switch (decision) {
          case GrowthDecision.Blocked blocked -> blocked.help();
          case GrowthDecision.Delegated delegated ->
              Stream.concat(delegated.warnings().stream(), delegated.beyond().stream()).toList();
          case GrowthDecision.AddDevices add -> add.devices();
          case GrowthDecision.Nothing _, GrowthDecision.Grow _ -> List.<String>of();
        };
    return new Line(host.name(), item.name(), kind(decision), decision.reason(), hints);
  }

  private static String kind(GrowthDecision decision) {
    return switch (decision) {
      case GrowthDecision.Nothing _ -> "nothing";
      case GrowthDecision.Grow _ -> "grow";
      case GrowthDecision.AddDevices _ -> "add-devices";
      case GrowthDecision.Blocked _ -> "blocked";
      case GrowthDecision.Delegated _ -> "delegated";
    };
  }

  @Command(
      name = "run",
      description = {
        "Lets everything grow now that a rule says should, as the agent does at each poll.",
        "With --dry-run the same is decided and nothing is done."
      })
  int run(@Mixin HostWork options) throws IOException, InterruptedException {
    var configuration = session.configuration(options);
    try (var place = Workplace.open(session.surroundings(), configuration, options.dryRun);
        var measured = Measurements.open(configuration)) {
      return session.forEach(options, configuration, host -> run(place, host, measured));
    }
  }

  private List<RunLine> run(Workplace place, HostSetup host, Measurements measured)
      throws StorageFailure, IOException, InterruptedException {
    var inventory = host.system().inventory();
    var now = session.surroundings().time().instant();
    var foresight = measured.foresee(host, inventory, now);
    var growth = new GrowthRun(host, place.hand(), place.record(), place.troubles(), foresight);
    return RunLine.of(
        host.name(), growth.run(items(host, inventory, measured, foresight), inventory, now));
  }
}
