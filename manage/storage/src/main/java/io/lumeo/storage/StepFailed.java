package io.lumeo.storage;

/// A step has failed, and it is known what was done of it.
public final class StepFailed extends Exception {
  private static final long serialVersionUID = 1;
  private final StorageFailure failure;

  public StepFailed(StorageFailure failure) {
    super(failure.getMessage(), failure);
    this.failure = failure;
  }

  /// What whoever wanted the plan is told.
  public StorageFailure failure() {
    return failure;
  }
}
