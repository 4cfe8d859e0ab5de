package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.storage.Change;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Draft;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanEntry;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.StorageFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The journal gives back what it was given, with every kind of condition.
class JournalTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final TreeSet<String> TAGS = new TreeSet<>(Set.of("a=b", "c"));
  private static final TreeSet<String> NONE = new TreeSet<>();

  @TempDir Path folder;

  private static final Change CHANGE =
      new Change.CreateSnapshot("v", "n", new StoreSize.OfOrigin(20), true, false, TAGS);

  private static final List<Condition> CONDITIONS =
      List.of(
          new Condition.Made("g", "n", "r", Condition.Kind.THIN),
          new Condition.IsPool("g", "n"),
          new Condition.Present("g", "n"),
          new Condition.NameFree("g", "n"),
          new Condition.Named("v", "n"),
          new Condition.Gone("v", "n"),
          new Condition.Sized("v", "n", 7),
          new Condition.MetadataSized("v", "n", 7),
          new Condition.FileSystemFills("v", "n"),
          new Condition.Tagged("v", "n", TAGS, NONE),
          new Condition.Active("v", "n", true),
          new Condition.NotInUse("v", "n"),
          new Condition.Merging("g", "n"),
          new Condition.HasDevice("g", "/dev/a"),
          new Condition.Discards("p", "n", "passdown"),
          new Condition.HasProfile("p", "n", "f"),
          new Condition.Monitored("p", "n"),
          new Condition.Holds("g", TAGS),
          new Condition.Repeated());

  @Test
  void everyKindOfConditionIsTried() {
    assertThat(CONDITIONS.stream().map(Condition::getClass).collect(Collectors.toSet()))
        .hasSize((int) alternatives(Condition.class));
    assertThat(CONDITIONS).allSatisfy(c -> assertThat(c.words()).isNotBlank());
  }

  private static long alternatives(Class<?> sealed) {
    return Arrays.stream(sealed.getPermittedSubclasses()).count();
  }

  @Test
  void whatIsWrittenIsReadAgainAsItWas() throws StorageFailure {
    var journal = PlanEntry.journal(folder, new LvmStepCodec());
    var written = new ArrayList<PlanEntry<Step>>();
    for (int i = 0; i < 3; i++) {
      var entry = entry(i).with(0, PlanEntry.State.DONE).with(1, PlanEntry.State.BEGUN);
      journal.write(entry);
      written.add(entry);
    }
    assertThat(PlanEntry.journal(folder, new LvmStepCodec()).unfinished()).isEqualTo(written);
    assertThat(written.getFirst().unfinished().stepsDone()).isEqualTo(1);
  }

  private static PlanEntry<Step> entry(int number) {
    var steps = new ArrayList<Step>();
    for (var condition : CONDITIONS) {
      steps.add(
          Step.of("do \"it\"", List.of("lvm", "x\ny"), condition)
              .reading("input\n")
              .undoneBy(List.of("lvm", "back"))
              .requiring(condition, condition)
              .acceptingExits(0, 1)
              .within(Duration.ofSeconds(3)));
    }
    steps.add(Step.harmless("look", List.of("true")));
    var plan =
        new Plan(
            PlanId.at(NOW.plusSeconds(number), new Random(number)).text(),
            "host",
            CHANGE,
            "g",
            12,
            List.of("p"),
            steps.stream().map(Step::shown).toList(),
            List.of("e"),
            List.of("n"));
    return PlanEntry.begin(new Draft<>(plan, TAGS, steps), NOW);
  }
}
