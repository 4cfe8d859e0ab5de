package io.lumeo.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `lumeo completion`
@Command(name = "completion", footer = "%nUse it with: source <(lumeo completion)")
final class CompletionCommand implements Runnable {
  private final Console console;

  @Spec private CommandSpec spec = CommandSpec.create();

  CompletionCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    console.out().print(AutoComplete.bash("lumeo", spec.root().commandLine()));
    console.out().flush();
  }
}
