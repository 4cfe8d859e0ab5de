package io.lumeo.cli.lvm;

import io.lumeo.cli.Console;
import io.lumeo.cli.Entry;
import io.lumeo.cli.Stop;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/// The commands about hosts: `lumeo host …`, `lumeo lvm …`, `lumeo plan …`.
public final class LvmCommands {
  private LvmCommands() {}

  /// Their entries on the first level.
  public static List<Entry> entries(HostSystems systems, Console console, Stop stop) {
    var session = new HostSession(systems, console, stop);
    return List.of(
        new Entry(
            "host", "Show what a host's LVM has, and how it is.", () -> new HostCommands(session)),
        new Entry("lvm", "Change a host's LVM by hand, safely.", () -> lvm(session)),
        new Entry(
            "plan",
            "Finish or take back what was begun on a host and not ended.",
            () -> new PlanCommands(session)));
  }

  private static CommandSpec lvm(HostSession session) {
    var lvm = CommandSpec.forAnnotatedObject(new Lvm());
    lvm.addSubcommand("snapshot", described(new SnapshotVerbs(session)));
    lvm.addSubcommand("volume", described(new VolumeVerbs(session)));
    lvm.addSubcommand("pool", described(new PoolVerbs(session)));
    lvm.addSubcommand("group", described(new GroupVerbs(session)));
    lvm.addSubcommand("trash", described(new TrashVerbs(session)));
    return lvm;
  }

  private static CommandSpec described(Object verbs) {
    return CommandSpec.forAnnotatedObject(verbs);
  }

  @Command(
      name = "lvm",
      synopsisSubcommandLabel = "COMMAND",
      footer = {
        "",
        "Volumes are named GROUP/NAME. Each command makes a plan and does it; --dry-run prints the"
            + " plan with the exact commands and what would take them back."
      })
  private static final class Lvm {}
}
