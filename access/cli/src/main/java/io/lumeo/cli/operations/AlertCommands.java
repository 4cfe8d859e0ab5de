package io.lumeo.cli.operations;

import io.lumeo.agent.watch.OnDemand;
import io.lumeo.alerts.Delivery;
import io.lumeo.alerts.Notice;
import io.lumeo.block.StorageException;
import io.lumeo.cli.ExitCode;
import io.lumeo.cli.Printer.Column;
import io.lumeo.cli.Span;
import io.lumeo.configuration.ChannelSettings;
import io.lumeo.configuration.Secrets;
import io.lumeo.configuration.SourceText;
import io.lumeo.rest.Records;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo alerts …`
@Command(name = "alerts", synopsisSubcommandLabel = "COMMAND")
final class AlertCommands {
  /// Where silences are written that were asked for here.
  private static final String SILENCES = "conf.d/silences.yaml";

  private static final List<Column<Line>> COLUMNS =
      List.of(
          Column.text("SEVERITY", Line::severity),
          Column.text("ALERT", Line::alert),
          Column.text("SINCE", line -> line.since().truncatedTo(ChronoUnit.SECONDS)),
          Column.text("WHAT", Line::title));

  private static final List<Column<Tested>> TESTED =
      List.of(
          Column.text("CHANNEL", Tested::channel),
          Column.text("RESULT", Tested::result),
          Column.text("REASON", Tested::reason));

  private final OperationsSession session;

  AlertCommands(OperationsSession session) {
    this.session = session;
  }

  /// An alert that fires.
  public record Line(
      String alert,
      String severity,
      Instant since,
      String title,
      String meaning,
      List<String> next,
      Map<String, String> labels,
      String fingerprint) {

    static Line of(Notice notice) {
      return new Line(
          notice.alert().rule(),
          Records.word(notice.severity()),
          notice.begunAt(),
          notice.text().title(),
          notice.text().meaning(),
          notice.text().next(),
          notice.alert().labels(),
          notice.alert().fingerprint());
    }
  }

  @Command(
      name = "list",
      description =
          "Lists what fires and is not silenced, as the agent saw it last, gravest first.")
  void list(@Mixin ConfigurationOptions options) throws IOException {
    var configuration = session.configuration(options);
    var state = OperationsSession.stateOf(configuration, "alerts");
    if (state.isEmpty()) {
      throw new StorageException.NotFound(
          "no agent has ever looked, so nothing is known to fire; 'lumeo doctor' looks now");
    }
    try (var database = state.get()) {
      var standing =
          new OnDemand(configuration, database, List.of())
              .standing(session.surroundings().time().instant());
      session.printer(options).list(standing.stream().map(Line::of).toList(), COLUMNS);
    }
  }

  // --- silences

  @Command(
      name = "silence",
      description = {
        "Announces nothing that matches for a while: somebody works on it, or knows.",
        "The silence is written to conf.d/silences.yaml beside the configuration, and put in force."
      })
  void silence(
      @Mixin ConfigurationChange options,
      @Option(
              names = "--for",
              required = true,
              paramLabel = "TIME",
              converter = Span.class,
              description = "How long: 2h, 3d.")
          Duration length,
      @Option(names = "--on", paramLabel = "HOST", description = "Only of this host, or db*.")
          @Nullable String host,
      @Option(
              names = "--object",
              paramLabel = "OBJECT",
              description = "Only of this, as vg0/data, or vg0/*.")
          @Nullable String object,
      @Option(
              names = "--rule",
              paramLabel = "RULE",
              description = "Only by this rule, as pool-data-full, or snapshot-*.")
          @Nullable String rule)
      throws IOException {
    check(options, host, object, rule);
    var inForce = new InForce(session, session.file(options));
    var from = session.surroundings().time().instant().truncatedTo(ChronoUnit.SECONDS);
    var entry = new ArrayList<String>();
    add(entry, "host", host);
    add(entry, "object", object);
    add(entry, "rule", rule);
    add(entry, "from", from.toString());
    add(entry, "until", from.plus(length).toString());
    add(entry, "author", session.author());
    add(entry, "reason", options.reason);
    var sources = with(inForce.file().folder().read(), entry);
    inForce.valid(sources);
    var sentence = "silent until " + from.plus(length);
    if (options.dryRun) {
      session
          .printer(options)
          .done("would be " + sentence, new ConfigurationCommands.Intended("silence", true));
      return;
    }
    session.printer(options).done(sentence, inForce.replace(sources, "silence: " + options.reason));
  }

  private static void check(
      ConfigurationChange options,
      @Nullable String host,
      @Nullable String object,
      @Nullable String rule)
      throws StorageException {
    if (host == null && object == null && rule == null) {
      throw new StorageException.InvalidArgument(
          "a silence over everything hides everything; say --on, --object or --rule");
    }
    if (options.reason.isBlank()) {
      throw new StorageException.InvalidArgument("say why, for whoever wonders: --reason TEXT");
    }
  }

  private static void add(List<String> entry, String key, @Nullable String value) {
    if (value != null) {
      entry.add("%s: '%s'".formatted(key, value.replace("'", "''")));
    }
  }

  private static List<SourceText> with(List<SourceText> sources, List<String> entry) {
    var text = "    - " + String.join("\n      ", entry) + "\n";
    var all = new ArrayList<SourceText>();
    var written = false;
    for (var source : sources) {
      boolean ours = source.file().equals(SILENCES);
      all.add(ours ? new SourceText(SILENCES, source.text() + text) : source);
      written |= ours;
    }
    if (!written) {
      var head = "# Written by 'lumeo alerts silence'.\nalerts:\n  silences:\n";
      all.add(new SourceText(SILENCES, head + text));
    }
    return all;
  }

  // --- channels

  /// How a test message went.
  public record Tested(String channel, String result, String reason) {
    static Tested of(Delivery delivery) {
      return new Tested(delivery.channel(), Records.word(delivery.result()), delivery.reason());
    }

    private boolean isDelivered() {
      return result.equals("delivered");
    }
  }

  @Command(
      name = "test",
      description = "Sends a message that says it is a test, to one channel or to all, now.")
  int test(
      @Mixin ConfigurationOptions options,
      @Parameters(arity = "0..1", paramLabel = "CHANNEL", description = "Only to this one.")
          @Nullable String channel)
      throws IOException {
    var configuration = session.configuration(options);
    var names =
        configuration.channels().stream()
            .map(ChannelSettings::name)
            .filter(name -> channel == null || name.equals(channel))
            .toList();
    if (names.isEmpty()) {
      throw new StorageException.NotFound(
          channel == null
              ? "the configuration has no channels"
              : "the configuration has no channel '%s'".formatted(channel));
    }
    var around = session.surroundings();
    var tested = new ArrayList<Tested>();
    for (var name : names) {
      tested.add(
          Tested.of(
              OnDemand.test(
                  configuration,
                  name,
                  new Secrets(around.environment()),
                  around.connections().local(false),
                  around.time())));
    }
    session.printer(options).list(tested, TESTED);
    return tested.stream().allMatch(Tested::isDelivered)
        ? ExitCode.OK.code()
        : ExitCode.FAILED.code();
  }
}
