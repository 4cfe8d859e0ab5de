package io.lumeo.cli.operations;

import io.lumeo.agent.Lookout;
import io.lumeo.cli.Console;
import io.lumeo.cli.Entry;
import io.lumeo.cli.Stop;
import java.util.List;

/// The commands about operations: what is to be looked after, what the agent does about it, and the
/// agent itself.
public final class OperationsCommands {
  private OperationsCommands() {}

  /// Their entries, those below `lumeo snapshot` among them.
  ///
  /// @param lookout watches for the agent
  public static List<Entry> entries(
      Surroundings surroundings, Console console, Stop stop, Lookout.Factory lookout) {
    var session = new OperationsSession(surroundings, console);
    return List.of(
        new Entry(
            "doctor",
            "Says what would bite on a host, worst first, and the command that mends it.",
            () -> new DoctorCommand(session)),
        new Entry(
            "agent",
            "Looks after the hosts of a configuration until it is told to stop.",
            () -> new AgentCommand(session, stop, lookout)),
        new Entry(
            "config",
            "Check, apply and go back to what operations are told.",
            () -> new ConfigurationCommands(session)),
        new Entry(
            "policy", "See and run the snapshot policies.", () -> new PolicyCommands(session)),
        new Entry(
            "retention",
            "Explain which snapshots are kept, and why.",
            () -> new RetentionCommands(session)),
        new Entry(
            "grow", "Explain and do what the growth rules want.", () -> new GrowCommands(session)),
        new Entry(
            "trim",
            "Returns what file systems have freed to their pools, by the configuration's trims.",
            () -> new TrimCommand(session, stop)),
        new Entry(
            "snapshot verify",
            "Proves that a snapshot on a host can be read.",
            () -> new SnapshotVerify(session)),
        new Entry(
            "snapshot restore",
            "Restores a snapshot on a host: in place, as a new volume, or single files.",
            () -> new SnapshotRestore(session)),
        new Entry(
            "snapshot hold",
            "Holds a snapshot on a host in somebody's name: no policy deletes it.",
            () -> new SnapshotHold(session, true)),
        new Entry("snapshot release", "Releases a hold.", () -> new SnapshotHold(session, false)),
        new Entry(
            "alerts",
            "See what fires, silence it, try the channels.",
            () -> new AlertCommands(session)),
        new Entry(
            "forecast",
            "Says when what fills will be full, and how far that can be relied on.",
            () -> new ForecastCommand(session)),
        new Entry(
            "report",
            "Puts everything of every host on one page, as HTML or Markdown.",
            () -> new ReportCommand(session)),
        new Entry(
            "tune",
            "Measures what to choose: chunk sizes, snapshots, layouts.",
            () -> new TuneCommands(session, stop)),
        new Entry(
            "audit",
            "See what was decided and done, and that nobody has changed the record.",
            () -> new AuditCommands(session)));
  }
}
