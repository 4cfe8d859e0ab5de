package io.lumeo.storage;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// How one system runs the steps of one plan, and sees what came of them. What is asked of it is
/// answered from its last look.
///
/// @param <S> what it runs as one step
public interface StepRunner<S> {

  /// Looks at the system again.
  void look() throws StorageFailure;

  // --- what a step is

  /// Whether nobody can see that it was done, so that it is done again when a plan that had come so
  /// far is finished.
  boolean isRepeated(S step);

  /// Whether something takes it back.
  boolean canBeTakenBack(S step);

  /// Whether nothing need be taken back of it: a backup, a check.
  default boolean isHarmless(S step) {
    return false;
  }

  /// Whether the plan has to go on once it was begun, be it seen or not.
  default boolean isToBeEnded(S step) {
    return false;
  }

  /// The file in which it keeps the pool's metadata, if that is what it does.
  default Optional<String> backup(S step) {
    return Optional.empty();
  }

  // --- what one sees of it

  /// Whether one sees that it is done; never so of what is repeated.
  boolean isDone(S step);

  /// Whether something of it is to be seen, be it half done.
  default boolean isToBeSeen(S step) {
    return isDone(step);
  }

  /// What keeps it from being run now, in words that follow a colon; looks again where that is
  /// needed to know.
  Optional<String> hindrance(S step) throws StorageFailure;

  /// Whether all that the plan is about is gone, so that there is nothing left to do.
  default boolean isMoot() {
    return false;
  }

  // --- doing

  /// Runs it, and looks whether it is done. What the command says is heard, what the system looks
  /// like is believed.
  ///
  /// @throws StepFailed if it is known that it was not done
  /// @throws StorageFailure if that is not known; then nothing more is done
  void run(S step, Progress progress) throws StepFailed, StorageFailure;

  /// Takes back a step of which something is to be seen, and looks whether that was done.
  ///
  /// @throws StorageFailure if it was not
  void takeBack(S step) throws StorageFailure;

  // --- what came of all

  /// The uuids of the volumes that the plan made.
  Collection<String> made();

  /// What is different now and was not expected so exactly, in words with figures.
  List<String> effects();

  /// What will only happen later, and what brings it about.
  default List<String> pending() {
    return List.of();
  }
}
