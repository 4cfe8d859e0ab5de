package io.lumeo.cli.lvm;

import io.lumeo.cli.Console;
import io.lumeo.cli.OutputFormat;
import io.lumeo.cli.Printer;
import io.lumeo.cli.Stop;
import io.lumeo.storage.Change;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import java.io.IOException;

/// What the commands about hosts have in common: the host, the console, and the way from a wish
/// through a plan to its outcome.
///
/// Ctrl-C and SIGTERM stop a plan between two of its steps; what was done is then taken back, or
/// left to be finished.
final class HostSession {
  private final HostSystems systems;
  private final Console console;
  private final Stop stop;

  HostSession(HostSystems systems, Console console, Stop stop) {
    this.systems = systems;
    this.console = console;
    this.stop = stop;
  }

  /// What is wanted, once it is known what the host has.
  @FunctionalInterface
  interface Wish {
    Change of(Found found) throws StorageFailure, IOException;
  }

  /// What a person is to consent to.
  @FunctionalInterface
  interface Loss {
    String of(Plan plan);
  }

  StorageSystem open(HostOptions options) throws StorageFailure, IOException {
    return systems.open(options);
  }

  Printer printer(HostOptions options) {
    return new Printer(console.out(), options.output());
  }

  /// Looks at a host and changes nothing.
  Found look(HostOptions options) throws StorageFailure, IOException {
    return new Found(open(options).inventory());
  }

  /// Changes a host, or with `--dry-run` prints the plan.
  void change(HostChange options, Wish wish) throws StorageFailure, IOException {
    var system = open(options);
    var plan = system.plan(wish.of(new Found(system.inventory())));
    if (options.dryRun) {
      print(options, plan);
    } else {
      apply(options, system, plan);
    }
  }

  /// The same after asking.
  void destroy(HostDestroy options, Wish wish, Loss loss) throws StorageFailure, IOException {
    var system = open(options);
    var plan = system.plan(wish.of(new Found(system.inventory())));
    if (options.dryRun) {
      print(options, plan);
      return;
    }
    if (!plan.isEmpty()) {
      console.requireConsent(options.yes, loss.of(plan));
    }
    apply(options, system, plan);
  }

  void requireConsent(HostDestroy options, String loss) throws IOException {
    console.requireConsent(options.yes, loss);
  }

  /// Prints a plan and does nothing.
  void print(HostOptions options, Plan plan) {
    var printer = printer(options);
    printer.document(
        PlanView.of(plan), () -> PlanText.lines(plan).forEach(line -> printer.line(line)));
  }

  private void apply(HostOptions options, StorageSystem system, Plan plan) throws StorageFailure {
    report(options, plan, underWay(options, progress -> system.apply(plan, progress)));
  }

  /// Long work under a line that says how far it is, which can be stopped.
  @FunctionalInterface
  interface Work {
    Outcome with(io.lumeo.storage.Progress progress) throws StorageFailure;
  }

  Outcome underWay(HostOptions options, Work work) throws StorageFailure {
    stop.arm();
    boolean shown = options.output() == OutputFormat.TABLE && console.interactive();
    try (var line = new ProgressLine(console.err(), shown, stop::isAsked)) {
      return work.with(line);
    }
  }

  void report(HostOptions options, Plan plan, Outcome outcome) {
    var printer = printer(options);
    printer.document(
        outcome, () -> PlanText.outcome(plan, outcome).forEach(line -> printer.line(line)));
  }
}
