package io.lumeo.agent;

import io.lumeo.audit.AuditResult;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import java.io.IOException;

/// Says what would be done, and records that it was asked.
public final class DryHand implements Hand {
  private final Ledger ledger;

  public DryHand(Ledger ledger) {
    this.ledger = ledger;
  }

  @Override
  public Upshot carryOut(StorageSystem system, Decision decision, Progress progress)
      throws IOException {
    var upshot = upshot(system, decision);
    ledger.note(
        decision.intent(),
        AuditResult.DRY_RUN,
        "%s; %s".formatted(decision.reason(), upshot.words()));
    return upshot;
  }

  private static Upshot upshot(StorageSystem system, Decision decision) {
    return switch (decision) {
      case Decision.Refuse(_, var reason) -> new Upshot.Refused(reason);
      case Decision.Act act -> {
        try {
          yield new Upshot.Would(system.plan(act.change()));
        } catch (StorageFailure failure) {
          yield Failures.beforeTheChange(failure);
        }
      }
    };
  }

  @Override
  public boolean isDry() {
    return true;
  }
}
