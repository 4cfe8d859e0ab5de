package io.lumeo.cli.operations;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.RunBook;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.runs.PolicyTerms;
import io.lumeo.agent.runs.RetentionRun;
import io.lumeo.agent.runs.RunReport;
import io.lumeo.agent.runs.SnapshotRun;
import io.lumeo.block.StorageException;
import io.lumeo.cli.ExitCode;
import io.lumeo.cli.Printer.Column;
import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.Selector;
import io.lumeo.policies.RunKey;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lumeo policy …`
@Command(name = "policy", synopsisSubcommandLabel = "COMMAND")
final class PolicyCommands {
  private static final List<Column<Line>> COLUMNS =
      List.of(
          Column.text("POLICY", Line::id),
          Column.text("TITLE", Line::title),
          Column.text("SCHEDULE", Line::schedule),
          Column.text("ZONE", Line::zone),
          Column.text("VOLUMES", Line::volumes),
          Column.text("NEXT", line -> line.enabled() ? line.next() : "off"),
          Column.text("LAST", Line::last),
          Column.text("RESULT", Line::lastResult));

  private static final List<Column<Next>> NEXT =
      List.of(
          Column.text("POLICY", Next::policy),
          Column.text("DUE", Next::due),
          Column.text("BY ITS CLOCKS", Next::local));

  private final OperationsSession session;

  PolicyCommands(OperationsSession session) {
    this.session = session;
  }

  /// A policy at a glance.
  ///
  /// @param volumes how many it selects, on all hosts together, when they were last looked at for
  ///   it; null when none was
  /// @param next when its next run is due
  /// @param last when its last run began, on any host; null when none has
  public record Line(
      String id,
      String title,
      boolean enabled,
      String schedule,
      String zone,
      @Nullable Integer volumes,
      Instant next,
      @Nullable Instant last,
      @Nullable String lastResult) {}

  @Command(name = "list", description = "Lists the policies, their next run and how the last went.")
  void list(@Mixin ConfigurationOptions options) throws IOException {
    var configuration = session.configuration(options);
    var now = session.surroundings().time().instant();
    var state = OperationsSession.stateOf(configuration, "runs");
    try {
      var runs = state.map(RunBook::view);
      var lines =
          configuration.policies().stream()
              .map(PolicyTerms::of)
              .map(terms ->
                  line(
                      terms,
                      volumes(runs, configuration, terms.id()),
                      last(runs, configuration, terms.id()),
                      now))
              .toList();
      session.printer(options).list(lines, COLUMNS);
    } finally {
      state.ifPresent(database -> database.close());
    }
  }

  private static Optional<RunRecord> last(
      Optional<RunBook> runs, Configuration configuration, String policy) {
    return configuration.hosts().stream()
        .flatMap(
            host -> runs.flatMap(book -> book.last(Task.snapshot(policy), host.name())).stream())
        .max(Comparator.comparing(RunRecord::begunAt));
  }

  private static @Nullable Integer volumes(
      Optional<RunBook> runs, Configuration configuration, String policy) {
    var known =
        configuration.hosts().stream()
            .map(host ->
                runs.map(book -> book.selected(Task.snapshot(policy), host.name()))
                    .orElse(OptionalInt.empty()))
            .filter(OptionalInt::isPresent)
            .toList();
    return known.isEmpty() ? null : known.stream().mapToInt(OptionalInt::getAsInt).sum();
  }

  private static Line line(
      PolicyTerms terms, @Nullable Integer volumes, Optional<RunRecord> last, Instant now) {
    return new Line(
        terms.id(),
        terms.settings().title(),
        terms.settings().enabled(),
        terms.settings().timetable().schedule(),
        terms.timetable().zone().getId(),
        volumes,
        next(terms, now).truncatedTo(ChronoUnit.SECONDS),
        last.map(run -> run.begunAt().truncatedTo(ChronoUnit.SECONDS)).orElse(null),
        last.map(PolicyCommands::result).orElse(null));
  }

  private static String result(RunRecord run) {
    return run.end()
        .map(end -> end.result().name().toLowerCase(java.util.Locale.ROOT))
        .orElse("under way");
  }

  private static Instant next(PolicyTerms terms, Instant after) {
    var timetable = terms.timetable();
    // One that is scheduled already may be due only after its jitter.
    var scheduled = timetable.newestDue(after);
    do {
      scheduled = timetable.next(scheduled);
    } while (!timetable.dueAt(scheduled).isAfter(after));
    return timetable.dueAt(scheduled);
  }

  /// All of a policy.
  public record Shown(
      String id,
      String title,
      boolean enabled,
      String schedule,
      String zone,
      long jitterSeconds,
      @Nullable Long catchUpSeconds,
      List<String> volumes,
      List<String> except,
      boolean together,
      List<String> keeps,
      String snapshots,
      @Nullable String minimumFree,
      List<String> hooks,
      @Nullable String verification,
      Instant next) {}

  @Command(name = "show", description = "Shows what a policy says.")
  void show(
      @Mixin ConfigurationOptions options,
      @Parameters(paramLabel = "POLICY", description = "Its id.") String id)
      throws IOException {
    var terms = find(session.configuration(options), id);
    var settings = terms.settings();
    session
        .printer(options)
        .show(
            new Shown(
                settings.id(),
                settings.title(),
                settings.enabled(),
                settings.timetable().schedule(),
                settings.timetable().zone().getId(),
                settings.timetable().jitter().toSeconds(),
                settings.timetable().catchUp().map(Duration::toSeconds).orElse(null),
                words(settings.volumes()),
                words(settings.except()),
                settings.together(),
                keeps(terms),
                settings.snapshot().kind().name().toLowerCase(java.util.Locale.ROOT),
                settings.minimumFree().map(PolicyWords::minimumFree).orElse(null),
                PolicyWords.hooks(settings),
                settings.verification().map(PolicyWords::verification).orElse(null),
                next(terms, session.surroundings().time().instant())));
  }

  private static List<String> words(List<Selector> selectors) {
    return selectors.stream().map(PolicyWords::selector).toList();
  }

  private static List<String> keeps(PolicyTerms terms) {
    var keeps = new ArrayList<String>();
    terms.retention().buckets().forEach((bucket, count) -> keeps.add(count + " " + bucket));
    if (terms.retention().last() > 0) {
      keeps.add("the last " + terms.retention().last());
    }
    if (terms.retention().within() != null) {
      keeps.add("all younger than " + terms.retention().within());
    }
    keeps.add("never fewer than " + terms.retention().minimum());
    return keeps;
  }

  private static PolicyTerms find(Configuration configuration, String id) throws StorageException {
    return configuration.policies().stream()
        .filter(policy -> policy.id().equals(id))
        .findFirst()
        .map(PolicyTerms::of)
        .orElseThrow(() ->
            new StorageException.NotFound(
                "there is no policy '%s'; the configuration has %s"
                    .formatted(
                        id,
                        configuration.policies().stream()
                            .map(policy -> policy.id())
                            .collect(Collectors.joining(", ")))));
  }

  /// A run that is to come.
  ///
  /// @param scheduled what it is known by
  /// @param due when it begins: later than `scheduled` by the policy's jitter
  /// @param local `scheduled` by the clocks of the policy's zone
  public record Next(String policy, Instant scheduled, Instant due, String local) {}

  @Command(name = "next", description = "Lists the next runs of the policies, soonest first.")
  void next(
      @Mixin ConfigurationOptions options,
      @Parameters(arity = "0..1", paramLabel = "POLICY", description = "Only of this one.")
          @Nullable String id,
      @Option(
              names = "--count",
              paramLabel = "N",
              defaultValue = "5",
              description = "So many of each policy (default: 5).")
          int count)
      throws IOException {
    var configuration = session.configuration(options);
    var all =
        id == null
            ? configuration.policies().stream()
                .filter(policy -> policy.enabled())
                .map(PolicyTerms::of)
                .toList()
            : List.of(find(configuration, id));
    var now = session.surroundings().time().instant();
    var runs = new ArrayList<Next>();
    all.forEach(terms -> runs.addAll(nextOf(terms, now, count)));
    runs.sort(Comparator.comparing(Next::due).thenComparing(Next::policy));
    session.printer(options).list(runs, NEXT);
  }

  private static List<Next> nextOf(PolicyTerms terms, Instant now, int count) {
    var runs = new ArrayList<Next>();
    var timetable = terms.timetable();
    for (var at = timetable.next(timetable.newestDue(now));
        runs.size() < count;
        at = timetable.next(at)) {
      if (timetable.dueAt(at).isAfter(now)) {
        runs.add(new Next(terms.id(), at, timetable.dueAt(at), timetable.show(at)));
      }
    }
    return runs;
  }

  @Command(
      name = "run",
      description = {
        "Runs a policy now: its hooks and snapshots, and then its retention.",
        "With --dry-run exactly the same is decided, and nothing is done."
      })
  int run(
      @Mixin HostWork options,
      @Parameters(paramLabel = "POLICY", description = "Its id.") String id)
      throws IOException, InterruptedException {
    var configuration = session.configuration(options);
    var terms = find(configuration, id);
    try (var place = Workplace.open(session.surroundings(), configuration, options.dryRun);
        var measured = Measurements.open(configuration)) {
      var selected = new AtomicInteger();
      var exitCode =
          session.forEach(
              options, configuration, host -> run(place, host, terms, measured, selected));
      if (exitCode == ExitCode.OK.code() && selected.get() == 0) {
        throw new StorageException.NotFound(
            "policy '%s' selects no volume, so it protects nothing; correct what 'lumeo policy show %s' lists as its volumes"
                .formatted(id, id));
      }
      return exitCode;
    }
  }

  private List<RunLine> run(
      Workplace place,
      HostSetup host,
      PolicyTerms terms,
      Measurements measured,
      AtomicInteger selected)
      throws StorageFailure, IOException, InterruptedException {
    var time = session.surroundings().time();
    var inventory = host.system().inventory();
    var volumes = terms.volumes(host.name(), inventory);
    selected.addAndGet(volumes.size());
    if (!place.hand().isDry()) {
      place.runs().selected(Task.snapshot(terms.id()), host.name(), volumes.size());
    }
    if (volumes.isEmpty()) {
      return retain(place, host, terms, measured, new RunReport(List.of()));
    }
    var began = time.instant().truncatedTo(ChronoUnit.SECONDS);
    var made =
        new SnapshotRun(
                place.hand(),
                place.ledger(),
                measured.foresee(host, inventory, time.instant()),
                time)
            .run(
                host,
                terms,
                new RunKey(terms.id(), began),
                volumes.stream().map(Volume::uuid).toList());
    if (!place.hand().isDry()) {
      note(place, host, terms, began, made);
    }
    var lines = new ArrayList<>(RunLine.of(host.name(), made));
    lines.addAll(retain(place, host, terms, measured, made));
    return lines;
  }

  private List<RunLine> retain(
      Workplace place, HostSetup host, PolicyTerms terms, Measurements measured, RunReport made)
      throws StorageFailure, IOException {
    var now = session.surroundings().time().instant();
    return RunLine.of(
        host.name(),
        new RetentionRun(place.hand(), measured.configuration()::trash)
            .runAfter(made, host, terms, Set.of(), now, Duration.ZERO));
  }

  private void note(
      Workplace place, HostSetup host, PolicyTerms terms, Instant began, RunReport made) {
    place
        .runs()
        .add(
            Task.snapshot(terms.id()),
            host.name(),
            began,
            new RunRecord.End(
                session.surroundings().time().instant(), made.result(), made.detail()));
  }
}
