package io.lumeo.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.PlanEntry.State;
import io.lumeo.storage.StorageFailure.Cancelled;
import io.lumeo.storage.StorageFailure.CommandFailed;
import io.lumeo.storage.StorageFailure.Partial;
import io.lumeo.storage.StorageFailure.Refused;
import io.lumeo.storage.StorageFailure.TimedOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Plans on their way through a system that is a set of words: each step puts one into it.
class PlanExecutionTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;

  private final Shelf shelf = new Shelf();

  /// What is different about a step's word.
  private enum Kind {
    PLAIN,
    /// Nothing takes it back.
    FOR_GOOD,
    HARMLESS,
    /// Nobody can see whether it was done.
    REPEATED,
    BACKUP
  }

  private record Word(String text, Kind kind) {}

  private static final class WordCodec implements StepCodec<Word> {
    @Override
    public ObjectNode encode(Word step) {
      return Json.object(step.kind().name());
    }

    @Override
    public Word decode(JsonNode node, Plan.Step shown) {
      return new Word(shown.title(), Kind.valueOf(Json.text(node, "type")));
    }
  }

  /// A set of words, and what befalls whoever puts one there.
  private static final class Shelf implements StepRunner<Word> {
    private final Set<String> words = new TreeSet<>();
    private String failing = "";
    private String hanging = "";
    private String hindered = "";
    private String stuck = "";
    private boolean emptied;
    private List<String> pending = List.of();

    @Override
    public void look() {
      // It is always in view.
    }

    @Override
    public boolean isRepeated(Word step) {
      return step.kind() == Kind.REPEATED;
    }

    @Override
    public boolean canBeTakenBack(Word step) {
      return step.kind() == Kind.PLAIN;
    }

    @Override
    public boolean isHarmless(Word step) {
      return step.kind() == Kind.HARMLESS || step.kind() == Kind.BACKUP;
    }

    @Override
    public Optional<String> backup(Word step) {
      return step.kind() == Kind.BACKUP ? Optional.of("/" + step.text()) : Optional.empty();
    }

    @Override
    public boolean isDone(Word step) {
      return !isRepeated(step) && words.contains(step.text());
    }

    @Override
    public boolean isToBeSeen(Word step) {
      return isDone(step) || words.contains("half " + step.text());
    }

    @Override
    public Optional<String> hindrance(Word step) {
      return step.text().equals(hindered) ? Optional.of("it is in the way") : Optional.empty();
    }

    @Override
    public boolean isMoot() {
      return emptied;
    }

    @Override
    public void run(Word step, Progress progress) throws StepFailed, StorageFailure {
      if (step.text().equals(failing)) {
        words.add("half " + step.text());
        throw new StepFailed(new CommandFailed("no " + step.text()));
      }
      words.add(step.text());
      if (step.text().equals(hanging)) {
        throw new TimedOut(step.text() + " did not end");
      }
    }

    @Override
    public void takeBack(Word step) throws StorageFailure {
      if (step.text().equals(stuck)) {
        throw new Partial(step.text() + " stays", new CommandFailed("stuck"));
      }
      words.remove(step.text());
      words.remove("half " + step.text());
    }

    @Override
    public Collection<String> made() {
      return List.of("made");
    }

    @Override
    public List<String> effects() {
      return List.of("there are more words");
    }

    @Override
    public List<String> pending() {
      return pending;
    }
  }

  private PlanJournal<PlanEntry<Word>> journal() {
    return PlanEntry.journal(folder, new WordCodec());
  }

  private static PlanEntry<Word> entry(Word... steps) {
    var plan =
        new Plan(
            PlanId.at(NOW, new Random(1)).text(),
            "shelf",
            new Change.Trim("v"),
            "pool",
            3,
            List.of("p"),
            List.of(steps).stream()
                .map(step -> new Plan.Step(step.text(), List.of("put"), List.of("take")))
                .toList(),
            List.of("it is longer"),
            List.of("n"));
    return PlanEntry.begin(new Draft<>(plan, new TreeSet<>(Set.of("v")), List.of(steps)), NOW);
  }

  private PlanExecution<Word> execution(PlanEntry<Word> entry) {
    return new PlanExecution<>(shelf, journal(), Progress.none(), entry);
  }

  private static Word plain(String text) {
    return new Word(text, Kind.PLAIN);
  }

  private static Word forGood(String text) {
    return new Word(text, Kind.FOR_GOOD);
  }

  @Test
  void aPlanIsRunStepByStepAndSaysWhatCameOfIt() throws StorageFailure {
    var outcome = execution(entry(new Word("kept", Kind.BACKUP), plain("a"), forGood("b"))).run();
    assertThat(outcome.result()).isEqualTo(Result.DONE);
    assertThat(outcome.volumes()).containsExactly("made", "v");
    assertThat(outcome.effects()).containsExactly("it is longer", "there are more words");
    assertThat(outcome.backup()).isEqualTo("/kept");
    assertThat(shelf.words).containsExactlyInAnyOrder("kept", "a", "b");
    assertThat(journal().unfinished()).isEmpty();
  }

  @Test
  void whatHappensLaterIsSaidToBeDelayed() throws StorageFailure {
    shelf.pending = List.of("when nobody looks");
    var outcome = execution(entry(plain("a"))).run();
    assertThat(outcome.result()).isEqualTo(Result.DELAYED);
    assertThat(outcome.pending()).containsExactly("when nobody looks");
  }

  @Test
  void aStepThatFailsTakesAllThatWasDoneBackWithIt() throws StorageFailure {
    shelf.failing = "b";
    assertThatThrownBy(() -> execution(entry(plain("a"), plain("b"), plain("c"))).run())
        .isInstanceOf(CommandFailed.class)
        .hasMessage("no b");
    assertThat(shelf.words).isEmpty();
    assertThat(journal().unfinished()).isEmpty();
  }

  @Test
  void whatCannotBeTakenBackStaysAndIsFinishedLater() throws StorageFailure {
    var entry = entry(forGood("a"), plain("b"));
    shelf.hindered = "b";
    assertThatThrownBy(() -> execution(entry).run())
        .isInstanceOf(Partial.class)
        .hasMessageContaining("could not b: it is in the way; look at shelf, then plan again");
    var left = journal().unfinished(entry.id()).orElseThrow();
    assertThat(left.unfinished().stepsDone()).isEqualTo(1);
    assertThatThrownBy(() -> execution(left).finish()).isInstanceOf(Partial.class);
    assertThatThrownBy(() -> execution(left).undo())
        .isInstanceOf(Refused.class)
        .hasMessageContaining("nothing undoes 'a'; finish it");
    shelf.hindered = "";
    assertThat(execution(left).finish().result()).isEqualTo(Result.DONE);
    assertThat(shelf.words).containsExactly("a", "b");
  }

  @Test
  void aPlanThatCannotGoOnIsTakenBackWhenItIsFinished() throws StorageFailure {
    shelf.words.add("a");
    shelf.hindered = "b";
    var outcome = execution(entry(plain("a"), plain("b")).with(0, State.DONE)).finish();
    assertThat(outcome.result()).isEqualTo(Result.UNDONE);
    assertThat(outcome.effects()).singleElement().asString().startsWith("could not b");
    assertThat(shelf.words).isEmpty();
  }

  @Test
  void aStepWhoseEndNobodySawIsLookedFor() throws StorageFailure {
    shelf.hanging = "b";
    var entry = entry(plain("a"), plain("b"), plain("c"));
    assertThatThrownBy(() -> execution(entry).run()).isInstanceOf(TimedOut.class);
    var left = journal().unfinished(entry.id()).orElseThrow();
    assertThat(left.states()).containsExactly(State.DONE, State.BEGUN, State.WAITING);
    assertThat(execution(left).finish().result()).isEqualTo(Result.DONE);
    assertThat(shelf.words).containsExactly("a", "b", "c");
  }

  @Test
  void whatHadNotBegunIsNotBegunLaterAndWhatIsHalfMadeGoes() throws StorageFailure {
    shelf.words.add("half a");
    var outcome = execution(entry(plain("a"), plain("b")).with(0, State.BEGUN)).finish();
    assertThat(outcome.result()).isEqualTo(Result.UNDONE);
    assertThat(outcome.effects()).containsExactly("nothing of it had been done");
    assertThat(shelf.words).isEmpty();
  }

  @Test
  void whatItWasAboutMayBeGone() throws StorageFailure {
    shelf.emptied = true;
    var outcome = execution(entry(forGood("a"), plain("b")).with(0, State.DONE)).finish();
    assertThat(outcome.effects()).containsExactly("what it was about is no longer there");
  }

  @Test
  void aPlanIsTakenBackFromItsLastStepOn() throws StorageFailure {
    shelf.words.addAll(List.of("a", "b"));
    var begun = entry(plain("a"), plain("b")).with(0, State.DONE).with(1, State.BEGUN);
    var outcome = execution(begun).undo();
    assertThat(outcome.effects()).containsExactly("it was taken back");
    assertThat(shelf.words).isEmpty();
    assertThat(execution(entry(plain("a"))).undo().effects())
        .containsExactly("nothing of it had been done");
  }

  @Test
  void ofARepeatedStepNobodyKnowsHowFarItCame() {
    var begun = entry(new Word("a", Kind.REPEATED)).with(0, State.BEGUN);
    assertThatThrownBy(() -> execution(begun).undo()).isInstanceOf(Refused.class);
  }

  @Test
  void whatCannotBeTakenBackAfterAllIsSaidAloud() throws StorageFailure {
    shelf.failing = "b";
    shelf.stuck = "a";
    assertThatThrownBy(() -> execution(entry(plain("a"), plain("b"))).run())
        .isInstanceOf(Partial.class)
        .hasMessage("a stays");
    assertThat(journal().unfinished()).hasSize(1);
  }

  @Test
  void aPlanIsStoppedBetweenTwoSteps() throws StorageFailure {
    assertThatThrownBy(() -> stoppedBefore("b", entry(plain("a"), plain("b"))).run())
        .isInstanceOf(Cancelled.class)
        .hasMessageContaining("was stopped before it could b");
    assertThat(shelf.words).isEmpty();
    assertThatThrownBy(() -> stoppedBefore("b", entry(forGood("a"), plain("b"))).run())
        .isInstanceOf(Cancelled.class)
        .hasMessageContaining("cannot be taken back: finish it");
    assertThat(journal().unfinished()).hasSize(1);
  }

  private PlanExecution<Word> stoppedBefore(String title, PlanEntry<Word> entry) {
    var progress =
        new Progress() {
          private boolean cancelled;

          @Override
          public void report(String what, long done, long total) {
            cancelled = what.equals(title);
          }

          @Override
          public boolean isCancelled() {
            return cancelled;
          }
        };
    return new PlanExecution<>(shelf, journal(), progress, entry);
  }

  @Test
  void whatIsWrittenIsReadAgainAsItWas() throws StorageFailure, IOException {
    var entry = entry(plain("a"), new Word("b", Kind.HARMLESS)).with(0, State.DONE);
    journal().write(entry);
    assertThat(journal().unfinished()).containsExactly(entry);
    assertThat(entry.draft().doesTheSameAs(entry.draft().plan())).isTrue();
    Files.writeString(folder.resolve(entry.id() + ".json"), "{\"version\": 1}");
    assertThatThrownBy(() -> journal().unfinished()).hasMessageContaining("version 1");
  }
}
