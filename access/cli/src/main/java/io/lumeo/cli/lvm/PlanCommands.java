package io.lumeo.cli.lvm;

import io.lumeo.cli.Printer;
import io.lumeo.cli.Printer.Column;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.UnfinishedPlan;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `lumeo plan …`: what was begun on a host and not ended.
@Command(name = "plan", synopsisSubcommandLabel = "COMMAND")
final class PlanCommands {
  private static final List<Column<PlanView>> COLUMNS =
      List.of(
          Column.text("PLAN", PlanView::id),
          Column.text("CHANGE", PlanView::change),
          Column.text(
              "BEGUN",
              plan -> Objects.requireNonNull(plan.begunAt()).truncatedTo(ChronoUnit.SECONDS)),
          Column.number("STEPS", plan -> plan.stepsDone() + "/" + plan.steps().size()),
          Column.text("TO", plan -> plan.expected().isEmpty() ? null : plan.expected().getFirst()));

  private final HostSession session;

  PlanCommands(HostSession session) {
    this.session = session;
  }

  @Command(
      name = "list",
      description = {
        "Lists the plans whose end nobody saw: the power failed, or a command did not answer.",
        "A running command's plan is among them while it runs."
      })
  void list(@Mixin HostOptions options) throws StorageFailure, IOException {
    var plans = session.open(options).unfinished().stream().map(PlanView::of).toList();
    session.printer(options).list(plans, COLUMNS);
  }

  @Command(name = "show", description = "Shows a plan that has not ended, step by step.")
  void show(
      @Mixin HostOptions options,
      @Parameters(paramLabel = "PLAN", description = "As 'lumeo plan list' names it.") String id)
      throws StorageFailure, IOException {
    var half = find(session.open(options), id);
    var printer = session.printer(options);
    printer.document(
        PlanView.of(half),
        () -> {
          PlanText.lines(half.plan()).forEach(printer::line);
          printer.line(
              "%d of %d steps are known to be done"
                  .formatted(half.stepsDone(), half.plan().steps().size()));
        });
  }

  @Command(
      name = "finish",
      description = {
        "Looks at the host and does what is left of a plan.",
        "If nothing of it was done, nothing is: what it asked for may no longer be wanted."
      })
  void finish(
      @Mixin HostChange options,
      @Parameters(paramLabel = "PLAN", description = "As 'lumeo plan list' names it.") String id)
      throws StorageFailure, IOException {
    var system = session.open(options);
    var half = find(system, id);
    if (options.dryRun) {
      session.print(options, half.plan());
      return;
    }
    session.report(
        options, half.plan(), session.underWay(options, progress -> system.finish(half, progress)));
  }

  @Command(
      name = "undo",
      description = {
        "Takes back what was done of a plan, where all of it can be taken back.",
        "An extension cannot: a volume is never made smaller again. Finish it."
      })
  void undo(
      @Mixin HostDestroy options,
      @Parameters(paramLabel = "PLAN", description = "As 'lumeo plan list' names it.") String id)
      throws StorageFailure, IOException {
    var system = session.open(options);
    var half = find(system, id);
    if (options.dryRun) {
      session.print(options, half.plan());
      return;
    }
    session.requireConsent(options, "what plan %s has done so far is taken back".formatted(id));
    session.report(
        options, half.plan(), session.underWay(options, progress -> system.undo(half, progress)));
  }

  private static UnfinishedPlan find(StorageSystem system, String id) throws StorageFailure {
    return system.unfinished().stream()
        .filter(half -> half.plan().id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new StorageFailure.NotFound(
                "there is no unfinished plan %s on %s; see 'lumeo plan list'"
                    .formatted(Printer.oneLine(id), system.name())));
  }
}
