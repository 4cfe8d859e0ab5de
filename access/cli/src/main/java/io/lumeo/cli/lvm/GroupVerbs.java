package io.lumeo.cli.lvm;

import io.lumeo.storage.Change;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo lvm group …`
@Command(
    name = "group",
    description = "Give devices to a volume group, or its metadata back what they were.",
    synopsisSubcommandLabel = "COMMAND")
final class GroupVerbs {
  private final HostSession session;

  GroupVerbs(HostSession session) {
    this.session = session;
  }

  @Command(
      name = "extend",
      description = {
        "Gives devices to a volume group.",
        "A device that holds anything, a file system or a partition table, is refused."
      })
  void extend(
      @Mixin HostChange options,
      @Parameters(paramLabel = "GROUP", description = "The volume group.") String group,
      @Parameters(arity = "1..*", paramLabel = "DEVICE", description = "Block devices.")
          List<String> devices)
      throws StorageFailure, IOException {
    session.change(
        options, found -> new Change.AddDevices(found.group(group).uuid(), List.copyOf(devices)));
  }

  @Command(
      name = "restore",
      description = {
        "Puts a group's metadata back as a backup in Lumeo's own store has them.",
        "Refused for a group with a thin pool, whose own metadata would not fit any more, and when"
            + " something was made or extended since."
      })
  void restore(
      @Mixin HostDestroy options,
      @Parameters(paramLabel = "GROUP", description = "The volume group.") String group,
      @Option(
              names = "--backup",
              required = true,
              paramLabel = "NAME",
              description = "The backup's file name, as the plan that made it said.")
          String backup)
      throws StorageFailure, IOException {
    session.destroy(
        options,
        found -> new Change.RestoreGroupMetadata(found.group(group).uuid(), backup),
        _ -> "the metadata of %s become those of %s".formatted(group, backup));
  }
}
