package io.lumeo.cli.lvm;

import io.lumeo.block.StorageException;
import io.lumeo.cli.Size;
import io.lumeo.cli.SizeChange;
import io.lumeo.cli.Tags;
import io.lumeo.rest.Records;
import io.lumeo.storage.Change;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo lvm pool …`
@Command(
    name = "pool",
    description = "Make, extend, set and repair thin pools.",
    synopsisSubcommandLabel = "COMMAND")
final class PoolVerbs {
  private final HostSession session;

  PoolVerbs(HostSession session) {
    this.session = session;
  }

  @Command(name = "create", description = "Makes a thin pool in a volume group.")
  void create(
      @Mixin HostChange options,
      @Parameters(paramLabel = "GROUP", description = "The volume group.") String group,
      @Parameters(paramLabel = "NAME", description = "Its name.") String name,
      @Parameters(
              paramLabel = "SIZE",
              converter = Size.Converter.class,
              description = "The size of its data.")
          Size size,
      @Option(
              names = "--metadata-size",
              paramLabel = "SIZE",
              converter = Size.Converter.class,
              description = "The size of its metadata, which the spare takes once more.")
          @Nullable Size metadata,
      @Option(
              names = "--chunk-size",
              paramLabel = "SIZE",
              converter = Size.Converter.class,
              description = "The chunk that space is given out in: 64K to 1G, for good.")
          @Nullable Size chunk,
      @Option(
              names = "--data-device",
              paramLabel = "DEVICE",
              description = "A device for the data; may be repeated.")
          @Nullable List<String> dataDevices,
      @Option(
              names = "--metadata-device",
              paramLabel = "DEVICE",
              description = "A device for the metadata; may be repeated.")
          @Nullable List<String> metadataDevices,
      @Option(
              names = "--profile",
              paramLabel = "NAME",
              description = "A metadata profile of LVM's.")
          @Nullable String profile,
      @Mixin Tags tags)
      throws StorageFailure, IOException {
    session.change(
        options,
        found ->
            new Change.CreateThinPool(
                found.group(group).uuid(),
                name,
                size.bytes(),
                bytes(metadata),
                bytes(chunk),
                list(dataDevices),
                list(metadataDevices),
                profile,
                new TreeSet<>(tags.list())));
  }

  private static @Nullable Long bytes(@Nullable Size size) {
    return size == null ? null : size.bytes();
  }

  private static List<String> list(@Nullable List<String> items) {
    return items == null ? List.of() : items;
  }

  @Command(name = "extend", description = "Makes the data or the metadata of a thin pool larger.")
  void extend(
      @Mixin HostChange options,
      @Parameters(paramLabel = "POOL", description = "GROUP/POOL.") String name,
      @Option(
              names = "--data",
              paramLabel = "SIZE",
              converter = SizeChange.Converter.class,
              description = "The new size of its data, or with a plus how much is added.")
          @Nullable SizeChange data,
      @Option(
              names = "--metadata",
              paramLabel = "SIZE",
              converter = SizeChange.Converter.class,
              description = "The same of its metadata; the spare grows with it.")
          @Nullable SizeChange metadata)
      throws StorageFailure, IOException {
    if ((data == null) == (metadata == null)) {
      throw new StorageException.InvalidArgument(
          "one thing is extended at a time; give --data or --metadata");
    }
    session.change(options, found -> extension(found.thinPool(name), data, metadata));
  }

  private static Change extension(
      Pool pool, @Nullable SizeChange data, @Nullable SizeChange metadata) throws IOException {
    if (data != null) {
      return new Change.ExtendPoolData(pool.uuid(), data.applyTo(pool.data().sizeBytes()));
    }
    var now = pool.metadata() == null ? 0 : pool.metadata().sizeBytes();
    return new Change.ExtendPoolMetadata(
        pool.uuid(), java.util.Objects.requireNonNull(metadata).applyTo(now));
  }

  /// What becomes of a discard.
  enum Discards {
    IGNORE,
    NO_PASSDOWN,
    PASSDOWN;

    @Override
    public String toString() {
      return Records.word(this);
    }

    String lvm() {
      return toString().replace("-", "");
    }
  }

  @Command(
      name = "discard",
      description =
          "Says what becomes of what file systems free: it is ignored, returns to the"
              + " pool, or is passed on to the devices too.")
  void discard(
      @Mixin HostChange options,
      @Parameters(paramLabel = "POOL", description = "GROUP/POOL.") String name,
      @Parameters(
              paramLabel = "MODE",
              description = "ignore, no-passdown or passdown.",
              converter = DiscardWord.class)
          Discards mode)
      throws StorageFailure, IOException {
    session.change(
        options, found -> new Change.SetDiscards(found.thinPool(name).uuid(), mode.lvm()));
  }

  @Command(
      name = "autoextend",
      description = {
        "Says when and by how much LVM itself extends a thin pool, by a profile, and has the pool"
            + " watched.",
        "LVM knows no maximum: see 'lumeo grow' for extension with a limit."
      })
  void autoextend(
      @Mixin HostChange options,
      @Parameters(paramLabel = "POOL", description = "GROUP/POOL.") String name,
      @Option(
              names = "--threshold",
              paramLabel = "PERCENT",
              description = "The fill at which it is extended, 50 to 99.")
          @Nullable Integer threshold,
      @Option(
              names = "--step",
              paramLabel = "PERCENT",
              defaultValue = "20",
              description = "By how much of its size (default: 20).")
          int step,
      @Option(names = "--off", description = "Never.") boolean off)
      throws StorageFailure, IOException {
    if (off == (threshold != null)) {
      throw new StorageException.InvalidArgument("say either --threshold PERCENT or --off");
    }
    session.change(
        options,
        found ->
            new Change.SetSelfExtension(
                found.thinPool(name).uuid(),
                threshold == null ? null : new SelfExtension(threshold, step, true, null)));
  }

  @Command(
      name = "repair",
      description = {
        "Rebuilds the metadata of an inactive thin pool after damage, and keeps what was there"
            + " before.",
        "Refused a second time: what the first has not mended needs a person."
      })
  void repair(
      @Mixin HostDestroy options,
      @Parameters(paramLabel = "POOL", description = "GROUP/POOL.") String name)
      throws StorageFailure, IOException {
    session.destroy(
        options,
        found -> new Change.RepairPoolMetadata(found.thinPool(name).uuid()),
        _ -> "the metadata of %s are replaced by what can be read of them".formatted(name));
  }
}
