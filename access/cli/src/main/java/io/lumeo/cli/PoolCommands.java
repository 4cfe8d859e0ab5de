package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.cli.Printer.Column;
import io.lumeo.pools.PoolChange;
import io.lumeo.pools.PoolView;
import io.lumeo.pools.Serving;
import io.lumeo.rest.Records;
import io.lumeo.rest.RunningServer;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo pool …`
@Command(name = "pool", synopsisSubcommandLabel = "COMMAND")
final class PoolCommands {
  private static final List<Column<PoolView>> COLUMNS =
      List.of(
          Column.text("NAME", PoolView::name),
          Column.text("MODE", pool -> Records.word(pool.mode())),
          Column.number("SIZE", pool -> Size.human(pool.dataSizeBytes())),
          Column.number("USED", pool -> Size.human(pool.dataUsedBytes())),
          Column.number("DATA%", pool -> percent(pool.dataUsedBytes(), pool.dataSizeBytes())),
          Column.number(
              "META%", pool -> percent(pool.metadataUsedBytes(), pool.metadataSizeBytes())),
          Column.number("VOLUMES", PoolView::volumeCount),
          Column.number("SNAPSHOTS", PoolView::snapshotCount),
          Column.number(
              "PROVISIONED", pool -> String.format(Locale.ROOT, "%.2fx", pool.overProvisioning())));

  private final Session session;

  PoolCommands(Session session) {
    this.session = session;
  }

  private static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.1f", whole == 0 ? 0.0 : 100.0 * part / whole);
  }

  @Command(
      name = "create",
      description = {
        "Makes a pool: in a directory of its own, or in the two files or block devices given by"
            + " --meta and --data.",
        "Files that do not exist are made; a file that holds a pool already is never overwritten."
      })
  void create(@Mixin Change change, @Mixin PoolFormat options) throws IOException {
    var files = change.files();
    var format = options.format(files.data());
    var plan = new NewPool(files, format);
    plan.check();
    if (change.dryRun) {
      session.plan(change, plan.describe(change.toString()) + excess(format.metadataBytes()));
      return;
    }
    if (change.isDirectory()) {
      Files.createDirectories(change.directory());
    }
    try (var volumes = Volumes.create(files, format)) {
      var pool = new io.lumeo.pools.LocalVolumes(volumes, Serving.NOBODY).pool();
      session
          .printer(change)
          .done(
              "pool of %s in blocks of %s made in %s; serve it with 'lumeo up'%s or make a volume"
                      .formatted(
                          Size.human(pool.dataSizeBytes()),
                          Size.human(pool.dataBlockSizeBytes()),
                          change,
                          change.isDirectory() ? "" : " and the same --meta and --data")
                  + " with 'lumeo volume create'"
                  + excess(format.metadataBytes()),
              pool);
    }
  }

  @Command(name = "list", description = "Lists the pool, with how full it is.")
  void list(@Mixin Ask ask) throws IOException {
    var pool = session.look(ask, service -> service.pool());
    session.printer(ask).list(List.of(pool), COLUMNS);
  }

  @Command(name = "show", description = "Shows everything there is to know of the pool.")
  void show(@Mixin Ask ask) throws IOException {
    session.printer(ask).show(session.look(ask, pool -> pool.pool()));
  }

  @Command(
      name = "status",
      description = "Prints the pool's status line exactly as the kernel's dm-thin prints it.")
  void status(@Mixin Ask ask) throws IOException {
    var status = session.look(ask, pool -> pool.status());
    session.printer(ask).done(status.statusLine(), status);
  }

  @Command(
      name = "extend",
      description = "Grows the data or the metadata, while the pool is in use if need be.")
  void extend(
      @Mixin Change change,
      @Option(
              names = "--data-size",
              paramLabel = "SIZE",
              converter = SizeChange.Converter.class,
              description = "The new size of the data, or with a plus how much is added.")
          @Nullable SizeChange data,
      @Option(
              names = "--meta-size",
              paramLabel = "SIZE",
              converter = SizeChange.Converter.class,
              description = "The new size of the metadata, or with a plus how much is added.")
          @Nullable SizeChange metadata)
      throws IOException {
    if (data == null && metadata == null) {
      throw new StorageException.InvalidArgument(
          "nothing to extend; give --data-size or --meta-size, for example --data-size +10G");
    }
    var now = session.look(change, pool -> pool.pool());
    var dataBytes = data == null ? null : larger("data", data, now.dataSizeBytes());
    var metadataBytes =
        metadata == null ? null : larger("metadata", metadata, now.metadataSizeBytes());
    var excess = metadataBytes == null ? "" : excess(metadataBytes);
    session.change(
        change,
        "extend "
            + (dataBytes == null ? "" : "the data to " + Size.human(dataBytes))
            + (dataBytes == null || metadataBytes == null ? "" : " and ")
            + (metadataBytes == null
                ? ""
                : "the metadata to " + Size.human(usable(metadataBytes)) + excess),
        _ -> {},
        pool -> pool.changePool(PoolChange.extension(dataBytes, metadataBytes)),
        pool ->
            "the pool has %s of data and %s of metadata now%s"
                .formatted(
                    Size.human(pool.dataSizeBytes()),
                    Size.human(pool.metadataSizeBytes()),
                    excess));
  }

  private static long usable(long metadataBytes) {
    return Math.min(metadataBytes, Volumes.maxMetadataBytes());
  }

  /// What to say when more metadata is asked for than the kernel's format can address.
  private static String excess(long metadataBytes) {
    return usable(metadataBytes) == metadataBytes
        ? ""
        : "; not %s: the format has no use for more than %s of it"
            .formatted(Size.human(metadataBytes), Size.human(Volumes.maxMetadataBytes()));
  }

  private static Long larger(String what, SizeChange change, long nowBytes)
      throws StorageException {
    var bytes = change.applyTo(nowBytes);
    if (bytes < nowBytes) {
      throw new StorageException.InvalidArgument(
          "the %s cannot shrink from %s to %s; give a larger size"
              .formatted(what, Size.human(nowBytes), Size.human(bytes)));
    }
    return bytes;
  }

  @Command(
      name = "set",
      description = {
        "Changes how the pool behaves, and keeps it so.",
        "--read-only takes effect when the pool is opened next."
      })
  void set(@Mixin Change change, @Mixin PoolSettings settings) throws IOException {
    var wanted = settings.change();
    if (wanted.isEmpty()) {
      throw new StorageException.InvalidArgument(
          "nothing to set; see 'lumeo pool set --help' for what there is");
    }
    session.change(
        change,
        "set " + settings,
        pool -> wanted.requireRoomToGrow(pool.pool().dataSizeBytes()),
        pool -> pool.changePool(wanted),
        _ -> "set " + settings);
  }

  @Command(
      name = "message",
      description = {
        "Sends one of the kernel's messages: create_thin ID, create_snap ID ORIGIN, delete ID,"
            + " set_transaction_id OLD NEW, reserve_metadata_snap, release_metadata_snap.",
        "Devices made so appear as volumes named thin-ID; give them a size with 'volume resize'."
      })
  void message(
      @Mixin Destroy destroy,
      @Parameters(
              paramLabel = "MESSAGE",
              arity = "1..*",
              description = "The message and its arguments.")
          List<String> words)
      throws IOException {
    var message = String.join(" ", words);
    session.destroy(
        destroy,
        "send '" + message + "'",
        _ ->
            message.stripLeading().startsWith("delete")
                ? "this deletes a thin device and its data (" + message + ")"
                : null,
        pool -> {
          pool.message(message);
          return new Sent(message);
        },
        sent -> "'" + sent.message() + "' done");
  }

  /// What is said after a message.
  public record Sent(String message) {}

  @Command(
      name = "check",
      description = {
        "Checks the metadata of a pool that nobody has open: structure and reference counts.",
        "Exit code 0 when it is sound, 8 when it is not."
      })
  int check(
      @Mixin Ask ask,
      @Option(
              names = "--clear-needs-check",
              description = "If it is sound, let a pool be written again that a failure marked.")
          boolean clearNeedsCheck)
      throws IOException {
    refuseServed(ask, "check");
    var report =
        session.watched(
            ask,
            "checking",
            progress -> ServedElsewhere.orSaid(ask, () -> Volumes.check(ask.files(), progress)));
    var sound = report.problems().isEmpty();
    if (sound && clearNeedsCheck) {
      Volumes.clearNeedsCheck(ask.files());
    }
    session
        .printer(ask)
        .done(
            sound
                ? "sound: %d devices, %d data blocks and %d metadata blocks in use"
                    .formatted(
                        report.deviceCount(), report.dataBlocksUsed(), report.metadataBlocksUsed())
                : String.join("\n", report.problems()),
            report);
    return (sound ? ExitCode.OK : ExitCode.DAMAGED).code();
  }

  @Command(
      name = "dump",
      description = "Prints the metadata of a pool that nobody has open, as thin_dump's XML.")
  void dump(@Mixin Where where) throws IOException {
    refuseServed(where, "dump");
    var out = session.console().out();
    ServedElsewhere.orSaid(
        where,
        () -> {
          Volumes.dump(where.files(), out, io.lumeo.thin.Progress.NONE);
          return where;
        });
    out.flush();
  }

  /// Says who serves the pool before the lock says only that somebody does.
  private static void refuseServed(Where where, String verb) throws IOException {
    if (!where.isDirectory()) {
      return;
    }
    Path directory = where.directory();
    var server = RunningServer.find(directory);
    if (server.isPresent()) {
      throw new StorageException.Busy(
          "%s is served by process %d; stop it to %s the pool"
              .formatted(directory, server.get().pid(), verb));
    }
  }
}
