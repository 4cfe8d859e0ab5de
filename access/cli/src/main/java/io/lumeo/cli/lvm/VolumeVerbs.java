package io.lumeo.cli.lvm;

import io.lumeo.cli.Size;
import io.lumeo.cli.SizeChange;
import io.lumeo.cli.Span;
import io.lumeo.cli.Tags;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo lvm volume …`
@Command(
    name = "volume",
    description = "Make, extend, trim, rename, tag and remove volumes and snapshots.",
    synopsisSubcommandLabel = "COMMAND")
final class VolumeVerbs {
  private final HostSession session;

  VolumeVerbs(HostSession session) {
    this.session = session;
  }

  @Command(
      name = "create",
      description = "Makes an empty volume: a thin one in a thin pool, any other in a group.")
  void create(
      @Mixin HostChange options,
      @Parameters(paramLabel = "POOL", description = "GROUP, or GROUP/POOL for a thin volume.")
          String pool,
      @Parameters(paramLabel = "NAME", description = "Its name.") String name,
      @Parameters(
              paramLabel = "SIZE",
              converter = Size.Converter.class,
              description = "Its size; rounded up to whole extents.")
          Size size,
      @Mixin Tags tags)
      throws StorageFailure, IOException {
    session.change(
        options,
        found ->
            new Change.CreateVolume(
                found.home(pool).uuid(), name, size.bytes(), new TreeSet<>(tags.list())));
  }

  @Command(
      name = "extend",
      description = {
        "Makes a volume larger, and the ext4 or XFS on it with it.",
        "Without SIZE, only lets the file system fill the volume: the second half of an extension"
            + " that was cut."
      })
  void extend(
      @Mixin HostChange options,
      @Parameters(paramLabel = "VOLUME", description = "GROUP/NAME.") String name,
      @Parameters(
              arity = "0..1",
              paramLabel = "SIZE",
              converter = SizeChange.Converter.class,
              description = "The new size, or with a plus how much is added.")
          @Nullable SizeChange size,
      @Option(names = "--volume-only", description = "Leave what lies on the volume as it is.")
          boolean volumeOnly)
      throws StorageFailure, IOException {
    session.change(
        options,
        found -> {
          var volume = found.volume(name);
          return size == null
              ? new Change.GrowFileSystem(volume.uuid())
              : new Change.ExtendVolume(
                  volume.uuid(),
                  size.applyTo(volume.sizeBytes()),
                  volumeOnly ? WithFileSystem.LEAVE : WithFileSystem.GROW);
        });
  }

  @Command(
      name = "trim",
      description = "Returns what the mounted file system has freed to the thin pool below.")
  void trim(
      @Mixin HostChange options,
      @Parameters(paramLabel = "VOLUME", description = "GROUP/NAME.") String name)
      throws StorageFailure, IOException {
    session.change(options, found -> new Change.Trim(found.volume(name).uuid()));
  }

  @Command(name = "rename", description = "Gives a volume or snapshot another name.")
  void rename(
      @Mixin HostChange options,
      @Parameters(paramLabel = "VOLUME", description = "GROUP/NAME.") String name,
      @Parameters(paramLabel = "NEW", description = "The new name, in the same group.")
          String newName)
      throws StorageFailure, IOException {
    session.change(options, found -> new Change.Rename(found.volume(name).uuid(), newName));
  }

  @Command(name = "tag", description = "Puts tags on a volume or snapshot, or takes them away.")
  void tag(
      @Mixin HostChange options,
      @Parameters(paramLabel = "VOLUME", description = "GROUP/NAME.") String name,
      @Option(
              names = "--add",
              paramLabel = "TAG",
              description = "A tag to put on it; may be repeated.")
          @Nullable List<String> add,
      @Option(
              names = "--remove",
              paramLabel = "TAG",
              description = "A tag to take away; may be repeated.")
          @Nullable List<String> remove)
      throws StorageFailure, IOException {
    session.change(
        options,
        found -> new Change.SetTags(found.volume(name).uuid(), sorted(add), sorted(remove)));
  }

  private static SortedSet<String> sorted(@Nullable List<String> tags) {
    return tags == null ? new TreeSet<>() : new TreeSet<>(tags);
  }

  @Command(
      name = "activate",
      description = "Gives a volume or snapshot its device, also one that LVM skips by itself.")
  void activate(
      @Mixin HostChange options,
      @Parameters(paramLabel = "VOLUME", description = "GROUP/NAME.") String name)
      throws StorageFailure, IOException {
    session.change(options, found -> new Change.Activate(found.volume(name).uuid(), true));
  }

  @Command(name = "deactivate", description = "Takes the device of an unused volume away.")
  void deactivate(
      @Mixin HostChange options,
      @Parameters(paramLabel = "VOLUME", description = "GROUP/NAME.") String name)
      throws StorageFailure, IOException {
    session.change(options, found -> new Change.Activate(found.volume(name).uuid(), false));
  }

  @Command(
      name = "remove",
      description = {
        "Puts a volume or snapshot that Lumeo made into the trash.",
        "It comes back by 'lumeo lvm trash restore', until it is purged after its time."
      })
  void remove(
      @Mixin HostDestroy options,
      @Parameters(paramLabel = "VOLUME", description = "GROUP/NAME.") String name,
      @Option(
              names = "--keep-for",
              paramLabel = "TIME",
              converter = Span.class,
              defaultValue = "7d",
              description = "How long it can come back: 12h, 30d (default: 7d).")
          Duration keepFor)
      throws StorageFailure, IOException {
    session.destroy(
        options,
        found -> new Change.Trash(found.volume(name).uuid(), keepFor),
        _ -> "%s goes into the trash and nobody can use it there".formatted(name));
  }
}
