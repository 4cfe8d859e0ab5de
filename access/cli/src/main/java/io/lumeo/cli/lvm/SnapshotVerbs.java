package io.lumeo.cli.lvm;

import io.lumeo.cli.SizeChange;
import io.lumeo.cli.Tags;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo lvm snapshot …`
@Command(
    name = "snapshot",
    description = "Take, extend, copy and merge snapshots.",
    synopsisSubcommandLabel = "COMMAND")
final class SnapshotVerbs {
  private final HostSession session;

  SnapshotVerbs(HostSession session) {
    this.session = session;
  }

  @Command(
      name = "create",
      description = {
        "Takes a snapshot of a volume.",
        "That of a thin volume is thin and has no size. That of any other is classic: what its"
            + " origin overwrites goes to a store of --store, and when that is full the snapshot is"
            + " lost."
      })
  void create(
      @Mixin HostChange options,
      @Parameters(paramLabel = "VOLUME", description = "What to take it of: GROUP/NAME.")
          String volume,
      @Parameters(paramLabel = "NAME", description = "Its name, in the same group.") String name,
      @Option(
              names = "--store",
              paramLabel = "SIZE|PERCENT",
              converter = StoreOption.class,
              description = "The store of a classic snapshot: 5G, or 20%% of its origin.")
          @Nullable StoreSize store,
      @Option(
              names = "--inactive",
              description = "Leave a thin snapshot without a device until it is activated.")
          boolean inactive,
      @Option(
              names = {"-r", "--read-only"},
              description = "Nobody can write to it.")
          boolean readOnly,
      @Mixin Tags tags)
      throws StorageFailure, IOException {
    session.change(
        options,
        found ->
            new Change.CreateSnapshot(
                found.volume(volume).uuid(),
                name,
                store,
                !inactive,
                readOnly,
                new TreeSet<>(tags.list())));
  }

  @Command(
      name = "extend",
      description = "Makes the store of a classic snapshot larger, before it is full.")
  void extend(
      @Mixin HostChange options,
      @Parameters(paramLabel = "SNAPSHOT", description = "The snapshot: GROUP/NAME.")
          String snapshot,
      @Parameters(
              paramLabel = "SIZE",
              converter = SizeChange.Converter.class,
              description = "The store's new size, or with a plus how much is added.")
          SizeChange size)
      throws StorageFailure, IOException {
    session.change(
        options,
        found -> {
          var volume = found.snapshot(snapshot);
          return new Change.ExtendSnapshotStore(volume.uuid(), size.applyTo(storeBytes(volume)));
        });
  }

  private static long storeBytes(Volume snapshot) {
    @Nullable Usage store = snapshot.data();
    return store == null ? snapshot.sizeBytes() : store.sizeBytes();
  }

  @Command(
      name = "clone",
      description = "Makes a writable thin volume that begins as what a thin snapshot holds.")
  void copy(
      @Mixin HostChange options,
      @Parameters(paramLabel = "SOURCE", description = "A thin snapshot or volume: GROUP/NAME.")
          String source,
      @Parameters(paramLabel = "NAME", description = "The new volume's name.") String name,
      @Option(names = "--inactive", description = "Leave it without a device.") boolean inactive,
      @Mixin Tags tags)
      throws StorageFailure, IOException {
    session.change(
        options,
        found ->
            new Change.CreateClone(
                found.volume(source).uuid(), name, !inactive, new TreeSet<>(tags.list())));
  }

  @Command(
      name = "merge",
      description = {
        "Makes a volume what a snapshot of it is. What the volume holds now is kept in another"
            + " snapshot first.",
        "A volume that is in use changes only when it is activated anew, which is said."
      })
  void merge(
      @Mixin HostDestroy options,
      @Parameters(paramLabel = "SNAPSHOT", description = "The snapshot: GROUP/NAME.")
          String snapshot,
      @Option(
              names = "--keep",
              description = "Keep the snapshot, which a merge uses up otherwise; thin ones only.")
          boolean keep,
      @Option(
              names = "--safety",
              paramLabel = "NAME",
              description =
                  "The name of the snapshot of what the volume holds now (default:"
                      + " VOLUME-before-SNAPSHOT).")
          @Nullable String safety,
      @Option(names = "--no-safety", description = "Do not keep what the volume holds now.")
          boolean withoutSafety)
      throws StorageFailure, IOException {
    session.destroy(
        options,
        found -> {
          var from = found.snapshot(snapshot);
          var volume = found.origin(from);
          var name = safety == null ? volume.name() + "-before-" + from.name() : safety;
          return new Change.RollBack(volume.uuid(), from.uuid(), keep, withoutSafety ? null : name);
        },
        _ ->
            withoutSafety
                ? "the merge of %s loses what its origin holds now".formatted(snapshot)
                : "the merge of %s replaces what its origin holds now".formatted(snapshot));
  }
}
