package io.lumeo.agent;

import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import java.util.List;
import java.util.OptionalLong;

/// What came of a decision.
public sealed interface Upshot {

  /// In one sentence.
  String words();

  /// It is as was wanted, or will be without further doing.
  ///
  /// @param reclaimedBytes what a trim gave back; empty for what is none, and when nobody can say
  record Done(Outcome outcome, OptionalLong reclaimedBytes) implements Upshot {
    /// What is no trim.
    public Done(Outcome outcome) {
      this(outcome, OptionalLong.empty());
    }

    @Override
    public String words() {
      return switch (outcome.result()) {
        case DONE -> joined(outcome.effects(), "done");
        case UNCHANGED -> joined(outcome.effects(), "it was so already");
        case DELAYED -> joined(outcome.pending(), "it will be done later");
        case UNDONE -> joined(outcome.effects(), "it was taken back");
      };
    }

    private static String joined(List<String> parts, String otherwise) {
      return parts.isEmpty() ? otherwise : String.join("; ", parts);
    }
  }

  /// It was only asked what would be done.
  record Would(Plan plan) implements Upshot {
    @Override
    public String words() {
      return plan.isEmpty()
          ? "nothing would change"
          : "would " + String.join(", ", plan.steps().stream().map(Plan.Step::title).toList());
    }
  }

  /// It was not done: a rule of ours or a guard of the system's forbids it.
  record Refused(String reason) implements Upshot {
    @Override
    public String words() {
      return reason;
    }
  }

  /// It could not be done.
  ///
  /// @param uncertain whether some of it may have been done all the same
  record Failed(String reason, boolean uncertain) implements Upshot {
    @Override
    public String words() {
      return reason;
    }
  }

  /// Whether what was wanted is so now, or would be.
  default boolean isGood() {
    return switch (this) {
      case Done(var outcome, _) -> outcome.result() != Outcome.Result.UNDONE;
      case Would _ -> true;
      case Refused _, Failed _ -> false;
    };
  }
}
