package io.lumeo.agent.runs;

import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.Ledger;
import io.lumeo.agent.Upshot;
import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Executed;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.configuration.Hook;
import io.lumeo.policies.RunKey;
import io.lumeo.storage.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs the commands that a policy wants before and after its snapshots, on the host that has the
/// volumes, each with its deadline, and records each.
final class Hooks {
  private final Ledger ledger;

  Hooks(Ledger ledger) {
    this.ledger = ledger;
  }

  /// Runs the hooks of a policy that come before, in order, up to the first that fails.
  ///
  /// @return what came of the last one
  Upshot before(HostSetup host, PolicyTerms terms, RunKey key)
      throws IOException, InterruptedException {
    for (var hook : terms.settings().before()) {
      var upshot = run(host, terms, key, hook, "hook.before");
      if (!upshot.isGood()) {
        return upshot;
      }
    }
    return good("all hooks ran");
  }

  /// Runs all hooks of a policy that come after, whatever becomes of one.
  ///
  /// @return what came of the first that failed, or of all
  Upshot after(HostSetup host, PolicyTerms terms, RunKey key)
      throws IOException, InterruptedException {
    var first = good("all hooks ran");
    @Nullable IOException notRecorded = null;
    for (var hook : terms.settings().after()) {
      try {
        var upshot = run(host, terms, key, hook, "hook.after");
        first = first.isGood() ? upshot : first;
      } catch (IOException e) {
        // The others must run all the same: somebody may be waiting for them.
        notRecorded = notRecorded == null ? e : notRecorded;
      }
    }
    if (notRecorded != null) {
      throw notRecorded;
    }
    return first;
  }

  private Upshot run(HostSetup host, PolicyTerms terms, RunKey key, Hook hook, String verb)
      throws IOException, InterruptedException {
    var command =
        Command.of(hook.command())
            .within(hook.deadline())
            .with("LUMEO_POLICY", key.policy())
            .with("LUMEO_HOST", host.name())
            .with("LUMEO_SCHEDULED", key.scheduledAt().toString());
    var intent = Intent.scheduled(terms.actor(), verb, host.name(), key.policy());
    var exit = -1;
    var took = Duration.ZERO;
    Upshot upshot;
    try {
      var result = host.commands().run(command);
      exit = result.exit();
      took = result.duration();
      upshot =
          result.succeeded()
              ? good("%s ran".formatted(command.program()))
              : new Upshot.Failed(
                  "hook %s ended with status %d: %s"
                      .formatted(command.program(), exit, result.complaint()),
                  false);
    } catch (CommandFailure failure) {
      upshot = new Upshot.Failed("hook: " + failure.getMessage(), false);
    }
    ledger.note(
        intent,
        upshot.isGood() ? AuditResult.DONE : AuditResult.FAILED,
        upshot.words(),
        List.of(new Executed(command.arguments(), exit, took)),
        took);
    return upshot;
  }

  private static Upshot good(String words) {
    return new Upshot.Done(
        new Outcome("", Outcome.Result.DONE, List.of(), List.of(words), List.of()));
  }
}
