package io.lumeo.cli.operations;

import io.lumeo.agent.watch.OnDemand;
import io.lumeo.block.StorageException;
import io.lumeo.cli.Span;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.Glob;
import io.lumeo.configuration.ReportSettings;
import io.lumeo.configuration.ReportSettings.Content;
import io.lumeo.configuration.ReportSettings.Format;
import io.lumeo.configuration.TimetableSettings;
import io.lumeo.reports.HtmlReport;
import io.lumeo.reports.MarkdownReport;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo report`: everything of every host on one page, now.
@Command(name = "report")
final class ReportCommand implements Callable<Integer> {
  private final OperationsSession session;

  @Parameters(
      arity = "0..1",
      paramLabel = "REPORT",
      description = "A report of the configuration (default: all of everything).")
  private @Nullable String name;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration (default: $LUMEO_CONFIG, else /etc/lumeo/lumeo.yaml).")
  private @Nullable Path configuration;

  @Option(
      names = "--html",
      description =
          "As a page of HTML that holds all it needs (default: as the report says, else Markdown).")
  private boolean html;

  @Option(
      names = "--period",
      paramLabel = "TIME",
      converter = Span.class,
      defaultValue = "7d",
      description = "How far back what was done goes (default: 7d).")
  private Duration period = Duration.ofDays(7);

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description = "Write it there (default: to standard output).")
  private @Nullable Path target;

  @Option(names = "--sudo", description = "Run the hosts' commands through 'sudo -n'.")
  private boolean sudo;

  ReportCommand(OperationsSession session) {
    this.session = session;
  }

  @Override
  public Integer call() throws StorageFailure, IOException {
    var read = ConfigurationFile.of(configuration, session.surroundings()).read();
    var settings = settings(read);
    var state = OperationsSession.stateOf(read, "samples");
    if (state.isEmpty()) {
      throw new StorageException.NotFound(
          "nothing was measured yet, so there is nothing to report; see 'lumeo host show'");
    }
    try (var database = state.get()) {
      var looks = new Looks(session).take(read, null, sudo);
      var now = session.surroundings().time().instant();
      var data = new OnDemand(read, database, looks).report(settings, period, now);
      boolean asHtml = html || settings.format() == Format.HTML;
      write(asHtml ? HtmlReport.of(data) : MarkdownReport.of(data));
    }
    return 0;
  }

  private ReportSettings settings(Configuration read) throws StorageException {
    if (name == null) {
      return new ReportSettings(
          "now",
          new TimetableSettings("@daily", ZoneOffset.UTC, Duration.ZERO, Optional.empty()),
          Format.MARKDOWN,
          EnumSet.allOf(Content.class),
          List.of(Glob.ANY),
          List.of());
    }
    return read.reports().stream()
        .filter(report -> report.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new StorageException.NotFound("the configuration has no report '%s'".formatted(name)));
  }

  private void write(String text) throws IOException {
    if (target != null) {
      Files.writeString(target, text);
      session.console().out().println("written to " + target);
    } else {
      session.console().out().print(text);
    }
    session.console().out().flush();
  }
}
