package io.lumeo.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class SeededTestTest {
  private static final Set<Long> FIRST_DRAWS = new HashSet<>();
  private static int runs;

  @SeededTest(seeds = 7)
  void itRunsOncePerSeed(Random random, TestInfo info) {
    assertThat(info.getDisplayName()).matches("-Dseed=\\d+");
    long seed = Long.parseLong(info.getDisplayName().substring("-Dseed=".length()));
    long draw = random.nextLong();
    assertThat(draw).isEqualTo(new Random(seed).nextLong());
    FIRST_DRAWS.add(draw);
    runs++;
  }

  @AfterAll
  static void everyRunHadItsOwnSeed() {
    assertThat(FIRST_DRAWS).hasSize(runs);
  }

  @Test
  void theSeedsAreTheSameOnEveryMachine() {
    assertThat(SeededTestExtension.seeds("a.B.c", 3, "", " "))
        .containsExactlyElementsOf(SeededTestExtension.seeds("a.B.c", 3, "", "").boxed().toList())
        .doesNotContainAnyElementsOf(
            SeededTestExtension.seeds("a.B.d", 3, "", "").boxed().toList());
  }

  @Test
  void oneSeedOrAnotherNumberOfThemCanBeAskedFor() {
    assertThat(SeededTestExtension.seeds("a.B.c", 3, " 42", "100")).containsExactly(42L);
    assertThat(SeededTestExtension.seeds("a.B.c", 3, "", "100")).hasSize(100);
  }
}
