package io.lumeo.cli.operations;

import io.lumeo.agent.Look;
import io.lumeo.agent.runs.Holdings;
import io.lumeo.agent.watch.OnDemand;
import io.lumeo.block.StorageException;
import io.lumeo.cli.Printer.Column;
import io.lumeo.cli.Size;
import io.lumeo.configuration.Configuration;
import io.lumeo.forecasts.FullDate;
import io.lumeo.rest.Records;
import io.lumeo.state.Database;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `lumeo forecast`: when what fills will be full.
@Command(
    name = "forecast",
    footer = {
      "",
      "EARLY comes true in one of ten cases, LIKELY in half of them, LATE in nine of ten. It rests"
          + " on what the agent has measured."
    })
final class ForecastCommand implements Callable<Integer> {
  private static final List<Column<Line>> COLUMNS =
      List.of(
          Column.text("HOST", Line::host),
          Column.text("OBJECT", Line::object),
          Column.text("FULL", Line::what),
          Column.number("LIMIT", line -> Size.human(line.limitBytes())),
          Column.text("EARLY", line -> day(line.early())),
          Column.text("LIKELY", line -> day(line.likely())),
          Column.text("LATE", line -> day(line.late())),
          Column.text("CONFIDENCE", Line::confidence));

  private final OperationsSession session;

  @Mixin private HostChoice options = new HostChoice();

  ForecastCommand(OperationsSession session) {
    this.session = session;
  }

  /// When one thing is full.
  ///
  /// @param averted whether something extends it in time
  public record Line(
      String host,
      String object,
      String uuid,
      String what,
      long limitBytes,
      @Nullable Instant early,
      @Nullable Instant likely,
      @Nullable Instant late,
      String confidence,
      boolean averted) {}

  private static @Nullable String day(@Nullable Instant at) {
    return at == null ? null : at.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  @Override
  public Integer call() throws StorageFailure, IOException {
    var configuration = session.configuration(options);
    var state = OperationsSession.stateOf(configuration, "samples");
    if (state.isEmpty()) {
      throw new StorageException.NotFound(
          "nothing was measured yet, so nothing can be foreseen; run the agent for a day or two");
    }
    try (var database = state.get()) {
      var looks = new Looks(session).take(configuration, options.host, options.sudo);
      session.printer(options).list(lines(configuration, database, looks), COLUMNS);
    }
    return 0;
  }

  private List<Line> lines(Configuration configuration, Database database, List<Look> looks) {
    var onDemand = new OnDemand(configuration, database, looks);
    var now = session.surroundings().time().instant();
    var lines = new ArrayList<Line>();
    for (var look : looks) {
      if (look instanceof Look.Seen seen) {
        var host = seen.host().name();
        onDemand
            .forecast(host, now)
            .ifPresent(outlook ->
                outlook.dates().forEach(date -> lines.add(line(host, seen.inventory(), date))));
      }
    }
    return lines;
  }

  private static Line line(String host, Inventory inventory, FullDate date) {
    return new Line(
        host,
        name(inventory, date.uuid()),
        date.uuid(),
        Records.word(date.what()),
        Math.round(date.limitBytes()),
        date.when().early(),
        date.when().likely(),
        date.when().late(),
        date.confidence().text(),
        date.averted());
  }

  private static String name(Inventory inventory, String uuid) {
    return inventory
        .pool(uuid)
        .map(pool -> Holdings.name(inventory, pool))
        .or(() -> inventory.volume(uuid).map(volume -> Holdings.name(inventory, volume)))
        .orElse(uuid);
  }
}
