package io.lumeo.cli.operations;

import io.lumeo.block.StorageException;
import io.lumeo.cli.Printer.Column;
import io.lumeo.configuration.AutoscalerImport;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ConfigurationDiff;
import io.lumeo.configuration.ConfigurationHistory;
import io.lumeo.configuration.ConfigurationHistory.Version;
import io.lumeo.configuration.ConfigurationSchema;
import io.lumeo.configuration.Mistake;
import io.lumeo.configuration.ReadResult;
import io.lumeo.configuration.SourceText;
import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo config …`
@Command(name = "config", synopsisSubcommandLabel = "COMMAND")
final class ConfigurationCommands {
  private static final List<Column<Version>> VERSIONS =
      List.of(
          Column.number("VERSION", Version::number),
          Column.text("TIME", version -> version.time().truncatedTo(ChronoUnit.SECONDS)),
          Column.text("AUTHOR", Version::author),
          Column.text("REASON", Version::reason));

  private static final List<Column<Mistake>> MISTAKES =
      List.of(
          Column.text("WHERE", m -> "%s:%d:%d".formatted(m.file(), m.line(), m.column())),
          Column.text("KEY", Mistake::path),
          Column.text("MISTAKE", Mistake::message));

  private final OperationsSession session;

  ConfigurationCommands(OperationsSession session) {
    this.session = session;
  }

  /// What a configuration that is right holds.
  public record Checked(
      String file, int hosts, int policies, int growthRules, int channels, int reports) {
    static Checked of(Path file, Configuration configuration) {
      return new Checked(
          file.toString(),
          configuration.hosts().size(),
          configuration.policies().size(),
          configuration.growth().size(),
          configuration.channels().size(),
          configuration.reports().size());
    }

    String sentence() {
      return "%s is right: %d hosts, %d policies, %d growth rules, %d channels, %d reports"
          .formatted(file, hosts, policies, growthRules, channels, reports);
    }
  }

  @Command(
      name = "check",
      description = "Reads the configuration and lists everything that is wrong with it at once.")
  void check(@Mixin ConfigurationOptions options) throws IOException {
    var file = session.file(options);
    switch (ConfigurationFile.reader().read(file.folder().read())) {
      case ReadResult.Valid(var configuration) -> {
        var checked = Checked.of(file.path(), configuration);
        session.printer(options).done(checked.sentence(), checked);
      }
      case ReadResult.Refused(var mistakes) -> {
        session.printer(options).list(mistakes, MISTAKES);
        throw InForce.refused(file.path(), mistakes);
      }
    }
  }

  @Command(
      name = "show",
      description = "Prints the files of the configuration, with secrets masked.")
  void show(@Mixin ConfigurationOptions options) throws IOException {
    var sources = session.file(options).folder().read();
    session.console().out().print(ConfigurationDiff.show(sources));
    session.console().out().flush();
  }

  @Command(name = "schema", description = "Prints the JSON Schema of the configuration.")
  void schema() {
    session.console().out().print(ConfigurationSchema.text());
    session.console().out().flush();
  }

  // --- putting in force

  @Command(
      name = "apply",
      description = {
        "Puts the files in force as they are now, and notes them in the history.",
        "A running agent is told to read them. Files with a mistake are refused and the old ones go"
            + " on."
      })
  void apply(@Mixin ConfigurationChange options) throws IOException {
    var inForce = new InForce(session, session.file(options));
    if (options.dryRun) {
      inForce.valid(inForce.file().folder().read());
      session
          .printer(options)
          .done(
              "would put %s in force".formatted(inForce.file().path()),
              new Intended("apply", true));
      return;
    }
    report(options, inForce.apply(options.reason));
  }

  /// What `--dry-run` says in JSON and YAML.
  public record Intended(String action, boolean dryRun) {}

  private void report(ConfigurationOptions options, Version version) {
    session.printer(options).done("version %d is in force".formatted(version.number()), version);
  }

  // --- the history

  @Command(name = "history", description = "Lists the versions that were in force.")
  void history(@Mixin ConfigurationOptions options) throws IOException {
    var configuration = session.configuration(options);
    var state = OperationsSession.stateOf(configuration, "configuration");
    if (state.isEmpty()) {
      session.printer(options).list(List.of(), VERSIONS);
      return;
    }
    try (var database = state.get()) {
      session.printer(options).list(ConfigurationHistory.view(database).versions(), VERSIONS);
    }
  }

  @Command(
      name = "diff",
      description = {
        "Shows what changed from one version to another, as 'diff -u' does; secrets are masked.",
        "Without TO up to the files as they are now, without FROM since the latest version."
      })
  void diff(
      @Mixin ConfigurationOptions options,
      @Parameters(arity = "0..1", paramLabel = "FROM", description = "A version.")
          @Nullable Integer from,
      @Parameters(arity = "0..1", paramLabel = "TO", description = "A later version.")
          @Nullable Integer to)
      throws IOException {
    var file = session.file(options);
    try (var database = past(options)) {
      var history = ConfigurationHistory.view(database);
      var first = from == null ? InForce.latest(history) : from;
      var text =
          to == null
              ? ConfigurationDiff.between(
                  "version " + first, InForce.sources(history, first), "now", file.folder().read())
              : ConfigurationDiff.between(
                  "version " + first,
                  InForce.sources(history, first),
                  "version " + to,
                  InForce.sources(history, to));
      session.console().out().print(text);
      session.console().out().flush();
    }
  }

  private Database past(ConfigurationOptions options) throws IOException {
    return OperationsSession.stateOf(session.configuration(options), "configuration")
        .orElseThrow(() ->
            new StorageException.NotFound(
                "there is no version yet; 'lumeo config apply' makes the first"));
  }

  @Command(
      name = "rollback",
      description = {
        "Puts an older version in force: the files become those of that time, as a new version.",
        "What is in the files now has to be in the history: apply it first."
      })
  void rollBack(
      @Mixin ConfigurationChange options,
      @Parameters(paramLabel = "VERSION", description = "As 'lumeo config history' lists it.")
          int number,
      @Option(
              names = {"-y", "--yes"},
              description = "Do it without asking.")
          boolean yes)
      throws IOException {
    var inForce = new InForce(session, session.file(options));
    try (var database = past(options)) {
      var history = ConfigurationHistory.view(database);
      inForce.valid(InForce.sources(history, number));
      if (options.dryRun) {
        session
            .printer(options)
            .done("would go back to version " + number, new Intended("rollback", true));
        return;
      }
      session
          .console()
          .requireConsent(yes, "going back to version %d replaces the files".formatted(number));
      report(options, inForce.rollBack(number, history, options.reason));
    }
  }

  // --- from elsewhere

  @Command(
      name = "import",
      description = {
        "Prints a configuration made of a file of lvm-autoscaler's: targets with lv_path,"
            + " mount_point, threshold_percent, increment_gb and interval_seconds.",
        "Look through it before you use it."
      })
  void convert(@Parameters(paramLabel = "FILE", description = "JSON or YAML.") Path file)
      throws IOException {
    var source = new SourceText(String.valueOf(file.getFileName()), Files.readString(file));
    var imported = AutoscalerImport.convert(source);
    session.console().out().print(imported.yaml());
    session.console().out().flush();
    if (!imported.mistakes().isEmpty()) {
      throw new StorageException.InvalidArgument(
          "%d entries are left out; the first: %s"
              .formatted(imported.mistakes().size(), imported.mistakes().getFirst()));
    }
  }
}
