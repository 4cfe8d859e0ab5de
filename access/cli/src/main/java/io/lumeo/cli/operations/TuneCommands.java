package io.lumeo.cli.operations;

import io.lumeo.block.StorageException;
import io.lumeo.cli.Declined;
import io.lumeo.cli.OutputFormat;
import io.lumeo.cli.Printer;
import io.lumeo.cli.Printer.Column;
import io.lumeo.cli.Size;
import io.lumeo.cli.Stop;
import io.lumeo.cli.lvm.ProgressLine;
import io.lumeo.forecasts.TuningResult;
import io.lumeo.forecasts.TuningResults;
import io.lumeo.state.Database;
import io.lumeo.storage.StorageFailure;
import io.lumeo.tuning.Effort;
import io.lumeo.tuning.Place;
import io.lumeo.tuning.Recommendation;
import io.lumeo.tuning.Study;
import io.lumeo.tuning.Tuner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lumeo tune …`
@Command(
    name = "tune",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Measures with fio on scratch volumes, which are removed again, in free space of a group or on"
          + " empty devices. What was measured is kept for reports and forecasts."
    })
final class TuneCommands {
  private static final List<Column<TuningResult>> RESULTS =
      List.of(
          Column.text("MEASURED", result -> words(result.parameters())),
          Column.text("FIGURES", result -> figures(result.figures())));

  private final OperationsSession session;
  private final Stop stop;

  TuneCommands(OperationsSession session, Stop stop) {
    this.session = session;
    this.stop = stop;
  }

  /// A study as it is done with a tuner.
  @FunctionalInterface
  private interface Work {
    Study with(Tuner tuner, Place place, Effort effort) throws StorageFailure;
  }

  @Command(
      name = "chunk-size",
      description = "Compares thin pools with chunks of different sizes, for each workload.")
  void chunkSize(
      @Mixin TuneOptions options,
      @Option(
              names = "--chunk",
              paramLabel = "SIZE",
              converter = Size.Converter.class,
              description = "A candidate; may be repeated (default: 64K, 256K, 1M).")
          @Nullable List<Size> chunks)
      throws StorageFailure, IOException {
    var candidates =
        chunks == null
            ? List.of(64L << 10, 256L << 10, 1L << 20)
            : chunks.stream().map(Size::bytes).toList();
    study(options, (tuner, place, effort) -> tuner.chunkSize(place, candidates, effort));
  }

  @Command(
      name = "snapshot-cost",
      description = "Measures what classic and thin snapshots cost a volume's random writes.")
  void snapshotCost(@Mixin TuneOptions options) throws StorageFailure, IOException {
    study(options, (tuner, place, effort) -> tuner.snapshotCost(place, effort));
  }

  @Command(
      name = "layout",
      description =
          "Compares linear, striped and mirrored volumes, thin ones, and metadata on a faster"
              + " device.")
  void layout(@Mixin TuneOptions options) throws StorageFailure, IOException {
    study(options, (tuner, place, effort) -> tuner.layout(place, effort));
  }

  private void study(TuneOptions options, Work work) throws StorageFailure, IOException {
    var place = options.place();
    var effort = options.effort();
    var host = new ConfiguredHosts(session.surroundings());
    stop.arm();
    try (var database = Database.open(baseline(host, options));
        var line = new ProgressLine(session.console().err(), isWatched(options), stop::isAsked)) {
      var tuner =
          new Tuner(
              host.setup(options).commands(),
              TuningResults.open(database),
              session.surroundings().time(),
              question -> consents(options, question),
              line);
      print(options, work.with(tuner, place, effort));
    } catch (UncheckedIOException nobodyToAsk) {
      throw nobodyToAsk.getCause();
    }
  }

  /// The state file, which the agent must not have: it would be measured too.
  private Path baseline(ConfiguredHosts hosts, TuneOptions options) throws IOException {
    var configuration = ConfigurationFile.ifThere(options.configuration(), session.surroundings());
    var file = hosts.state(options.state(), configuration).resolve(OperationsSession.STATE_FILE);
    var agent = new RunningAgent(file, session.surroundings().connections()).id();
    if (agent.isPresent()) {
      throw new StorageException.Busy(
          "the agent, process %d, has the state and would be measured too; stop it first"
              .formatted(agent.getAsLong()));
    }
    Files.createDirectories(file.toAbsolutePath().resolveSibling("."));
    return file;
  }

  private boolean isWatched(TuneOptions options) {
    return options.output() == OutputFormat.TABLE && session.console().interactive();
  }

  private boolean consents(TuneOptions options, String question) {
    try {
      session.console().requireConsent(options.yes, question);
      return true;
    } catch (Declined no) {
      // The tuner says what comes of it.
      return false;
    } catch (IOException nobodyToAsk) {
      throw new UncheckedIOException(nobodyToAsk);
    }
  }

  private void print(TuneOptions options, Study study) {
    var printer = new Printer(session.console().out(), options.output());
    printer.document(
        study,
        () -> {
          printer.table(study.results(), RESULTS);
          printer.line("");
          study.recommendations().forEach(advice -> print(printer, advice));
        });
  }

  private static void print(Printer printer, Recommendation advice) {
    printer.line("for %s: %s".formatted(advice.use(), advice.choice()));
    advice.reasons().forEach(reason -> printer.line("    " + reason));
  }

  private static String words(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String figures(Map<String, Double> figures) {
    return figures.entrySet().stream()
        .map(entry -> String.format(Locale.ROOT, "%s %.4g", entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", "));
  }
}
