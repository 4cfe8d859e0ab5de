package io.lumeo.cli.lvm;

import io.lumeo.cli.Printer;
import io.lumeo.cli.Printer.Column;
import io.lumeo.cli.Size;
import io.lumeo.rest.Records;
import io.lumeo.storage.Health;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo host …`
@Command(name = "host", synopsisSubcommandLabel = "COMMAND")
final class HostCommands {
  private final HostSession session;

  HostCommands(HostSession session) {
    this.session = session;
  }

  @Command(
      name = "show",
      description = {
        "Shows what a host has: volume groups, thin pools, volumes, snapshots, how full they are and"
            + " what is not well.",
        "Reads only. Needs root's rights there; see --sudo."
      })
  void show(
      @Mixin HostOptions options,
      @Option(
              names = {"-d", "--devices"},
              description = "The physical devices too.")
          boolean devices)
      throws StorageFailure, IOException {
    var found = session.look(options);
    var printer = session.printer(options);
    printer.document(found.inventory(), () -> print(printer, found, devices));
  }

  private static void print(Printer printer, Found found, boolean devices) {
    var all = found.inventory();
    if (all.pools().isEmpty()) {
      printer.line("there is no volume group on " + all.system());
    } else {
      printer.table(all.pools(), poolColumns(found));
    }
    if (!all.volumes().isEmpty()) {
      printer.line("");
      printer.table(all.volumes(), volumeColumns(found));
    }
    if (devices && !all.devices().isEmpty()) {
      printer.line("");
      printer.table(all.devices(), deviceColumns(found));
    }
    var complaints = complaints(found);
    if (!complaints.isEmpty()) {
      printer.line("");
      complaints.forEach(printer::line);
    }
  }

  private static List<Column<Pool>> poolColumns(Found found) {
    return List.of(
        Column.text("POOL", found::fullName),
        Column.text("KIND", pool -> Records.word(pool.kind())),
        Column.number("SIZE", pool -> Size.human(pool.data().sizeBytes())),
        Column.number("FREE", pool -> Size.human(pool.data().freeBytes())),
        Column.number("DATA%", pool -> percent(pool.data())),
        Column.number("META%", pool -> percent(pool.metadata())),
        Column.text("GROWS AT", pool -> selfExtension(pool)),
        Column.text("HEALTH", pool -> Records.word(pool.health().state())));
  }

  private static @Nullable String selfExtension(Pool pool) {
    var rule = pool.selfExtension();
    return rule == null
        ? null
        : "%d%% by %d%%%s"
            .formatted(
                rule.thresholdPercent(),
                rule.stepPercent(),
                rule.watched() ? "" : ", but nobody watches");
  }

  private static List<Column<Volume>> volumeColumns(Found found) {
    return List.of(
        Column.text("VOLUME", found::fullName),
        Column.text("KIND", volume -> Records.word(volume.kind())),
        Column.number("SIZE", volume -> Size.human(volume.sizeBytes())),
        Column.number("DATA%", volume -> percent(volume.data())),
        Column.text("ORIGIN", volume -> origin(found, volume)),
        Column.text("HOLDS", HostCommands::content),
        Column.text("STATE", HostCommands::state),
        Column.text("TAGS", volume -> String.join(",", volume.tags())));
  }

  private static @Nullable String origin(Found found, Volume volume) {
    return found.inventory().volumes().stream()
        .filter(other -> other.uuid().equals(volume.origin()))
        .map(Volume::name)
        .findFirst()
        .orElse(null);
  }

  private static @Nullable String content(Volume volume) {
    var fileSystem = volume.fileSystem();
    if (fileSystem == null) {
      return null;
    }
    var place = fileSystem.mountPoint() == null ? "" : " at " + fileSystem.mountPoint();
    var usage = fileSystem.usage() == null ? "" : ", %s%%".formatted(percent(fileSystem.usage()));
    return fileSystem.type() + place + usage;
  }

  private static String state(Volume volume) {
    if (!volume.health().isOk()) {
      return Records.word(volume.health().state());
    }
    var words = new ArrayList<String>();
    words.add(volume.open() ? "open" : volume.active() ? "active" : "inactive");
    if (volume.readOnly()) {
      words.add("read-only");
    }
    return String.join(",", words);
  }

  private static List<Column<Inventory.Device>> deviceColumns(Found found) {
    return List.of(
        Column.text("DEVICE", Inventory.Device::path),
        Column.text("GROUP", device -> found.byUuid(device.pool()).map(Pool::name).orElse(null)),
        Column.number("SIZE", device -> Size.human(device.usage().sizeBytes())),
        Column.number("FREE", device -> Size.human(device.usage().freeBytes())),
        Column.text("STATE", device -> device.missing() ? "missing" : "there"));
  }

  private static @Nullable String percent(@Nullable Usage usage) {
    return usage == null ? null : String.format(Locale.ROOT, "%.1f", 100 * usage.ratio());
  }

  /// What is not well, in the system's own words.
  private static List<String> complaints(Found found) {
    var lines = new ArrayList<String>();
    found.inventory().pools().forEach(pool -> complain(lines, pool.health()));
    found.inventory().volumes().forEach(volume -> complain(lines, volume.health()));
    found.inventory().warnings().forEach(warning -> lines.add("warning: " + warning));
    return lines;
  }

  private static void complain(List<String> lines, Health health) {
    if (!health.isOk() && !health.reason().isEmpty()) {
      lines.add("%s: %s".formatted(Records.word(health.state()), health.reason()));
    }
  }

  @Command(
      name = "usage",
      description = {
        "Says how full everything is, from the kernel and without LVM's locks: cheap enough to be"
            + " asked every few seconds."
      })
  void usage(
      @Mixin HostOptions options,
      @Parameters(
              arity = "0..1",
              paramLabel = "NAME",
              description = "Only this pool, volume or snapshot.")
          @Nullable String name)
      throws StorageFailure, IOException {
    var system = session.open(options);
    var found = new Found(system.inventory());
    var lines = new ArrayList<UsageLine>();
    for (var sample : system.usage()) {
      var line = UsageLine.of(found, sample);
      if (name == null || name.equals(line.name()) || name.equals(line.uuid())) {
        lines.add(line);
      }
    }
    if (name != null && lines.isEmpty()) {
      throw new StorageFailure.NotFound(
          "nothing is known of the use of %s on %s"
              .formatted(Printer.oneLine(name), system.name()));
    }
    session.printer(options).list(lines, UsageLine.COLUMNS);
  }
}
