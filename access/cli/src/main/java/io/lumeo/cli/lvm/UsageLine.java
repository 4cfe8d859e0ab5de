package io.lumeo.cli.lvm;

import io.lumeo.cli.Printer.Column;
import io.lumeo.cli.Size;
import io.lumeo.rest.Records;
import io.lumeo.storage.Health;
import io.lumeo.storage.Usage;
import io.lumeo.storage.UsageSample;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How full one thing is, with its name.
public record UsageLine(
    String name, String uuid, @Nullable Usage data, @Nullable Usage metadata, Health health) {

  static final List<Column<UsageLine>> COLUMNS =
      List.of(
          Column.text("NAME", UsageLine::name),
          Column.number("SIZE", line -> size(line.data())),
          Column.number("USED", line -> used(line.data())),
          Column.number("DATA%", line -> percent(line.data())),
          Column.number("META%", line -> percent(line.metadata())),
          Column.text("HEALTH", line -> Records.word(line.health().state())));

  static UsageLine of(Found found, UsageSample sample) {
    var pool = found.byUuid(sample.uuid()).map(found::fullName);
    var name =
        pool.or(() ->
                found.inventory().volumes().stream()
                    .filter(volume -> volume.uuid().equals(sample.uuid()))
                    .map(found::fullName)
                    .findFirst())
            .orElse(sample.uuid());
    return new UsageLine(name, sample.uuid(), sample.data(), sample.metadata(), sample.health());
  }

  private static @Nullable String size(@Nullable Usage usage) {
    return usage == null ? null : Size.human(usage.sizeBytes());
  }

  private static @Nullable String used(@Nullable Usage usage) {
    return usage == null ? null : Size.human(usage.usedBytes());
  }

  private static @Nullable String percent(@Nullable Usage usage) {
    return usage == null ? null : String.format(Locale.ROOT, "%.1f", 100 * usage.ratio());
  }
}
