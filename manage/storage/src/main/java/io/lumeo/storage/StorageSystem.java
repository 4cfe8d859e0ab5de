package io.lumeo.storage;

import java.util.List;

/// One machine's storage of one kind: the LVM of a host, or Lumeo's own pools. What looks after
/// storage asks a system what it is [capable][Capability] of, never what kind it is.
///
/// Implementations are safe for use by several threads; changes to one pool run one at a time.
public interface StorageSystem {

  /// The name it has in the configuration, unique among the systems an agent looks after.
  String name();

  /// All that there is, as one consistent look. Costs what the system's own report costs.
  Inventory inventory() throws StorageFailure;

  /// How full everything is, without taking the system's locks: cheap enough for every few seconds.
  List<UsageSample> usage() throws StorageFailure;

  /// What making `change` would take. Nothing is changed.
  ///
  /// @throws StorageFailure.Refused if a guard forbids it, with the reason in one sentence
  /// @throws StorageFailure.NotFound if what it names is not there
  Plan plan(Change change) throws StorageFailure;

  /// Does what a plan says, and notes each step where a restart finds it.
  ///
  /// @throws StorageFailure.Moved if the pool has changed since the plan was made
  /// @throws StorageFailure.Busy if the volume must be idle and is not
  Outcome apply(Plan plan, Progress progress) throws StorageFailure;

  /// Plans that were begun and not ended, by this process or one before it, oldest first.
  List<UnfinishedPlan> unfinished() throws StorageFailure;

  /// Finishes a plan that was begun; where that is no longer possible, undoes it.
  Outcome finish(UnfinishedPlan plan, Progress progress) throws StorageFailure;

  /// Takes back what has been done of a plan that was begun.
  ///
  /// @throws StorageFailure.Refused if something of it cannot be taken back; then nothing is
  /// @throws StorageFailure.Unsupported if the system can only finish
  default Outcome undo(UnfinishedPlan plan, Progress progress) throws StorageFailure {
    throw new StorageFailure.Unsupported(
        "%s takes no plan back; finish plan %s".formatted(name(), plan.plan().id()));
  }

  /// Looks into a snapshot through a throw-away clone or read-only view that no one else sees.
  Inspection inspect(InspectionRequest request, Progress progress) throws StorageFailure;
}
