package io.lumeo.agent;

import io.lumeo.audit.AuditResult;
import io.lumeo.storage.StorageFailure;

/// What a system's failure means for whoever wanted the change.
public final class Failures {
  private Failures() {}

  /// A failure to plan: nothing was changed.
  static Upshot beforeTheChange(StorageFailure failure) {
    return isRefusal(failure)
        ? new Upshot.Refused(words(failure))
        : new Upshot.Failed(words(failure), false);
  }

  /// A failure to apply a plan.
  static Upshot duringTheChange(StorageFailure failure) {
    return isRefusal(failure)
        ? new Upshot.Refused(words(failure))
        : new Upshot.Failed(words(failure), isUncertain(failure));
  }

  /// What it says: every failure says something.
  public static String words(Exception failure) {
    return String.valueOf(failure.getMessage());
  }

  private static boolean isRefusal(StorageFailure failure) {
    return switch (failure) {
      case StorageFailure.Refused _,
          StorageFailure.OutOfSpace _,
          StorageFailure.Unsupported _,
          StorageFailure.NotFound _ ->
          true;
      case StorageFailure.Moved _,
          StorageFailure.Busy _,
          StorageFailure.CommandFailed _,
          StorageFailure.TimedOut _,
          StorageFailure.Unreachable _,
          StorageFailure.Partial _,
          StorageFailure.Cancelled _ ->
          false;
    };
  }

  /// Whether something may have changed all the same.
  private static boolean isUncertain(StorageFailure failure) {
    return switch (failure) {
      case StorageFailure.CommandFailed _,
          StorageFailure.TimedOut _,
          StorageFailure.Unreachable _,
          StorageFailure.Partial _,
          StorageFailure.Cancelled _ ->
          true;
      case StorageFailure.Moved _,
          StorageFailure.Busy _,
          StorageFailure.Refused _,
          StorageFailure.OutOfSpace _,
          StorageFailure.Unsupported _,
          StorageFailure.NotFound _ ->
          false;
    };
  }

  /// As it is recorded.
  static AuditResult result(Upshot upshot) {
    return switch (upshot) {
      case Upshot.Done(var outcome, _) ->
          switch (outcome.result()) {
            case DONE, UNCHANGED -> AuditResult.DONE;
            case DELAYED -> AuditResult.PARTIAL;
            case UNDONE -> AuditResult.FAILED;
          };
      case Upshot.Would _ -> AuditResult.DRY_RUN;
      case Upshot.Refused _ -> AuditResult.REFUSED;
      case Upshot.Failed(_, var uncertain) -> uncertain ? AuditResult.PARTIAL : AuditResult.FAILED;
    };
  }
}
