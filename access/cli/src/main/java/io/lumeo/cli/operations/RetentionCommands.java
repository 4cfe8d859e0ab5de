package io.lumeo.cli.operations;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.runs.Holdings;
import io.lumeo.agent.runs.PolicyTerms;
import io.lumeo.agent.runs.RetentionRun;
import io.lumeo.block.StorageException;
import io.lumeo.cli.Printer.Column;
import io.lumeo.configuration.Configuration;
import io.lumeo.policies.RetentionPlan;
import io.lumeo.policies.RetentionPlan.Verdict;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `lumeo retention …`
@Command(name = "retention", synopsisSubcommandLabel = "COMMAND")
final class RetentionCommands {
  private static final List<Column<Line>> COLUMNS =
      List.of(
          Column.text("HOST", Line::host),
          Column.text("VOLUME", Line::volume),
          Column.text("SNAPSHOT", Line::snapshot),
          Column.text("CREATED", Line::created),
          Column.text("VERDICT", line -> line.keep() ? "keep" : "delete"),
          Column.text("BECAUSE", line -> String.join("; ", line.reasons())));

  private final OperationsSession session;

  RetentionCommands(OperationsSession session) {
    this.session = session;
  }

  /// What becomes of one snapshot.
  ///
  /// @param policy whose it is, or null when it is no policy's
  public record Line(
      String host,
      String volume,
      String snapshot,
      String uuid,
      @Nullable Instant created,
      @Nullable String policy,
      boolean keep,
      List<String> reasons) {}

  @Command(
      name = "explain",
      description = {
        "Says of every snapshot whether it is kept or deleted next, and why.",
        "The agent asks the same function, so it does nothing else; but it spares besides what is"
            + " being verified at that moment, and everything for a day after the clock was set."
      })
  void explain(
      @Mixin HostChoice options,
      @Parameters(arity = "0..1", paramLabel = "POLICY", description = "Only by this one.")
          @Nullable String id)
      throws StorageFailure, IOException {
    var configuration = session.configuration(options);
    var policies = policies(configuration, id);
    var lines = new ArrayList<Line>();
    var warnings = new ArrayList<String>();
    for (var settings : OperationsSession.hosts(configuration, options.host)) {
      var host = session.setup(configuration, settings, options.sudo);
      explain(host, policies, lines, warnings);
    }
    session.printer(options).list(lines, COLUMNS);
    warnings.forEach(warning -> session.console().err().println("lumeo: " + warning));
    session.console().err().flush();
  }

  private static List<PolicyTerms> policies(Configuration configuration, @Nullable String id)
      throws StorageException {
    var policies =
        configuration.policies().stream()
            .filter(policy -> id == null || policy.id().equals(id))
            .map(PolicyTerms::of)
            .toList();
    if (policies.isEmpty()) {
      throw new StorageException.NotFound(
          id == null
              ? "the configuration has no policies"
              : "there is no policy '%s'; see 'lumeo policy list'".formatted(id));
    }
    return policies;
  }

  private void explain(
      HostSetup host, List<PolicyTerms> policies, List<Line> lines, List<String> warnings)
      throws StorageFailure {
    var inventory = host.system().inventory();
    var now = session.surroundings().time().instant();
    var told = new HashSet<String>();
    var others = new ArrayList<Verdict>();
    for (var terms : policies) {
      var plan = RetentionRun.plan(terms, inventory, Set.of(), now, Duration.ZERO);
      warnings.addAll(plan.warnings());
      tellOwn(host, inventory, terms, plan, told, lines);
      others.addAll(plan.verdicts());
    }
    for (var verdict : others) {
      // Every policy says of what is not its own that it is kept, and why.
      if (told.add(verdict.snapshot().uuid())) {
        lines.add(line(host, inventory, verdict));
      }
    }
  }

  private static void tellOwn(
      HostSetup host,
      Inventory inventory,
      PolicyTerms terms,
      RetentionPlan plan,
      Set<String> told,
      List<Line> lines) {
    for (var verdict : plan.verdicts()) {
      if (terms.id().equals(verdict.snapshot().owner())) {
        told.add(verdict.snapshot().uuid());
        lines.add(line(host, inventory, verdict));
      }
    }
  }

  private static Line line(HostSetup host, Inventory inventory, Verdict verdict) {
    var snapshot = verdict.snapshot();
    var created = snapshot.createdAt();
    return new Line(
        host.name(),
        inventory
            .volume(snapshot.volume())
            .map(volume -> Holdings.name(inventory, volume))
            .orElse(snapshot.volume()),
        snapshot.name(),
        snapshot.uuid(),
        created == null ? null : created.truncatedTo(ChronoUnit.SECONDS),
        snapshot.owner(),
        verdict.keep(),
        verdict.reasons());
  }
}
