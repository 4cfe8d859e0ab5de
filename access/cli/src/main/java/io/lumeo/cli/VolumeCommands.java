package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.cli.Printer.Column;
import io.lumeo.pools.VolumeChange;
import io.lumeo.pools.VolumeRequest;
import io.lumeo.pools.VolumeView;
import io.lumeo.rest.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo volume …`
@Command(name = "volume", synopsisSubcommandLabel = "COMMAND")
final class VolumeCommands {
  static final List<Column<VolumeView>> COLUMNS =
      List.of(
          Column.text("NAME", VolumeView::name),
          Column.text("KIND", volume -> Records.word(volume.kind())),
          Column.number("ID", VolumeView::id),
          Column.number("SIZE", volume -> Size.human(volume.sizeBytes())),
          Column.number("MAPPED", volume -> Size.human(volume.mappedBytes())),
          Column.text("ORIGIN", VolumeView::origin),
          Column.text("CREATED", VolumeCommands::created),
          Column.text("TAGS", volume -> String.join(",", volume.tags())));

  private final Session session;

  private static @Nullable Instant created(VolumeView volume) {
    var at = volume.createdAt();
    return at == null ? null : at.truncatedTo(ChronoUnit.SECONDS);
  }

  VolumeCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "create",
      description = {
        "Makes an empty volume. It takes space when it is written.",
        "A name has letters, digits and + _ . -, 127 at most, and does not begin with a hyphen."
      })
  void create(
      @Mixin Change change,
      @Parameters(paramLabel = "NAME", description = "The name of the volume.") String name,
      @Parameters(
              paramLabel = "SIZE",
              converter = Size.Converter.class,
              description = "Its size: 10G, 512MiB, 4096s, …")
          Size size,
      @Mixin Tags tags,
      @Option(
              names = "--quota",
              paramLabel = "SIZE",
              converter = Size.Converter.class,
              description = "The most of the pool it may take.")
          @Nullable Size quota,
      @Option(
              names = "--external-origin",
              paramLabel = "FILE",
              description =
                  "A file or device, never written, that shows through where the volume"
                      + " has not been written.")
          @Nullable Path externalOrigin)
      throws IOException {
    var request =
        new VolumeRequest(
            name,
            size.bytes(),
            tags.list(),
            quota == null ? null : quota.bytes(),
            externalOrigin == null ? null : externalOrigin.toAbsolutePath().toString(),
            null);
    session.change(
        change,
        "create volume '%s' of %s".formatted(name, size),
        pool -> Session.requireFree(pool, name),
        pool -> pool.create(request),
        made -> "volume '%s' of %s created".formatted(made.name(), Size.human(made.sizeBytes())));
  }

  @Command(name = "list", description = "Lists the volumes and clones.")
  void list(
      @Mixin Ask ask,
      @Option(
              names = {"-a", "--all"},
              description = "List the snapshots too.")
          boolean all)
      throws IOException {
    var volumes =
        session.look(ask, pool -> pool.list()).stream()
            .filter(volume -> all || !volume.isSnapshot())
            .toList();
    session.printer(ask).list(volumes, COLUMNS);
  }

  @Command(
      name = "show",
      description = "Shows a volume, with what deleting it would free (exclusive).")
  void show(
      @Mixin Ask ask, @Parameters(paramLabel = "NAME", description = "The volume.") String name)
      throws IOException {
    var volume =
        session.look(
            ask,
            pool -> {
              Session.volume(pool, name);
              return session.watched(ask, "counting", bar -> pool.show(name, bar));
            });
    session.printer(ask).show(volume);
  }

  @Command(
      name = "resize",
      description = {
        "Gives a volume another size; its data stays.",
        "What lies beyond a smaller end is discarded, so that is asked about."
      })
  void resize(
      @Mixin Destroy destroy,
      @Parameters(paramLabel = "NAME", description = "The volume.") String name,
      @Parameters(
              paramLabel = "SIZE",
              converter = SizeChange.Converter.class,
              description = {
                "The new size, or with a plus how much is added.",
                "How much less is written last, after two dashes: -- -1G."
              })
          SizeChange size)
      throws IOException {
    var now = session.look(destroy, pool -> Session.volume(pool, name)).sizeBytes();
    var bytes = size.applyTo(now);
    session.destroy(
        destroy,
        "resize volume '%s' from %s to %s".formatted(name, Size.human(now), Size.human(bytes)),
        _ -> {
          if (bytes >= now) {
            return null;
          }
          Session.requireUnmounted(destroy, name);
          return "shrinking '%s' from %s to %s discards what lies beyond"
              .formatted(name, Size.human(now), Size.human(bytes));
        },
        pool -> pool.change(name, VolumeChange.size(bytes)),
        volume ->
            "volume '%s' has %s now".formatted(volume.name(), Size.human(volume.sizeBytes())));
  }

  @Command(name = "delete", description = "Deletes a volume and its data. Its snapshots stay.")
  void delete(
      @Mixin Destroy destroy,
      @Parameters(paramLabel = "NAME", description = "The volume.") String name)
      throws IOException {
    session.destroy(
        destroy,
        "delete volume '" + name + "'",
        pool -> {
          var volume = Session.volume(pool, name);
          Session.requireUnmounted(destroy, name);
          return "deleting volume '%s' loses its data, %s mapped"
              .formatted(name, Size.human(volume.mappedBytes()));
        },
        pool -> {
          session.watched(
              destroy,
              "deleting",
              bar -> {
                pool.delete(name, bar);
                return name;
              });
          return new Deleted(name);
        },
        deleted -> "volume '%s' deleted".formatted(deleted.deleted()));
  }

  /// What is said after a deletion.
  public record Deleted(String deleted) {}

  @Command(
      name = "trim",
      description = "Gives whole blocks that hold only zeroes back to the pool.")
  void trim(
      @Mixin Change change,
      @Parameters(paramLabel = "NAME", description = "The volume.") String name)
      throws IOException {
    session.change(
        change,
        "give the blocks of zeroes of '" + name + "' back to the pool",
        pool -> Session.volume(pool, name),
        pool -> session.watched(change, "trimming", bar -> pool.trim(name, bar)),
        trimmed ->
            "%s given back by '%s'".formatted(Size.human(trimmed.freedBytes()), trimmed.name()));
  }

  @Command(
      name = "mount",
      description = {
        "Mounts the file system of a volume or snapshot that 'lumeo up' serves; for root.",
        "A volume without one gets the one named by --fs. What holds anything else is never"
            + " formatted. Snapshots are mounted read-only."
      })
  void mount(
      @Mixin Change change,
      @Parameters(paramLabel = "NAME", description = "The volume or snapshot.") String name,
      @Parameters(paramLabel = "MOUNTPOINT", description = "An existing directory.")
          Path mountPoint,
      @Option(
              names = "--fs",
              paramLabel = "TYPE",
              description = "Make such a file system if the volume has none: ext4 or xfs.")
          @Nullable FileSystemType fileSystem,
      @Option(
              names = {"-r", "--read-only"},
              description = "Mount without writing.")
          boolean readOnly)
      throws IOException {
    requireDirectory(change);
    var volume = session.look(change, pool -> pool.get(name));
    var request =
        new Mounts.Request(
            name,
            mountPoint.toAbsolutePath(),
            fileSystem,
            readOnly || volume.isSnapshot(),
            volume.mappedBytes() > 0);
    var mounts = new Mounts(change.directory(), new Tools());
    if (change.dryRun) {
      mounts.check(request);
      session.plan(change, "mount '%s' at %s".formatted(name, mountPoint));
      return;
    }
    var mounted = mounts.mount(request);
    session
        .printer(change)
        .done(
            "'%s' is mounted at %s; undo it with 'lumeo volume umount %s'"
                .formatted(name, mountPoint, name),
            mounted);
  }

  @Command(
      name = "umount",
      description = "Unmounts a volume and takes away all that 'mount' set up for it.")
  void umount(
      @Mixin Change change,
      @Parameters(paramLabel = "NAME", description = "The volume or snapshot.") String name)
      throws IOException {
    requireDirectory(change);
    var mounts = new Mounts(change.directory(), new Tools());
    if (change.dryRun) {
      session.plan(change, "unmount '%s' from %s".formatted(name, mounts.find(name).mountPoint()));
      return;
    }
    var mount = mounts.umount(name);
    session
        .printer(change)
        .done("'%s' is no longer mounted at %s".formatted(name, mount.mountPoint()), mount);
  }

  private static void requireDirectory(Where where) throws StorageException {
    if (!where.isDirectory()) {
      throw new StorageException.Unsupported(
          "only a pool in a directory can be mounted from; serve it with 'lumeo up' and name it"
              + " with --dir");
    }
  }
}
