package io.lumeo.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PollIntervalTest {
  private static final Duration BASE = Duration.ofSeconds(15);

  @Test
  void itIsAsConfiguredWhenSomethingFillsSlowly() {
    assertThat(choose(Duration.ofDays(3), 20)).isEqualTo(new PollInterval(BASE, "as configured"));
  }

  @Test
  void itIsLongerWhenNothingFills() {
    assertThat(choose(null, 20))
        .isEqualTo(new PollInterval(BASE.multipliedBy(2), "nothing is filling"));
  }

  @Test
  void itIsShorterWhenSomethingMayBeFullSoon() {
    assertThat(choose(Duration.ofMinutes(2), 20))
        .isEqualTo(new PollInterval(Duration.ofSeconds(6), "something may be full in 2 min"));
    assertThat(choose(Duration.ofSeconds(3), 20).interval()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void aDearLookIsTakenLessOftenUnlessThereIsDanger() {
    assertThat(choose(Duration.ofDays(3), 400))
        .isEqualTo(
            new PollInterval(
                Duration.ofSeconds(40), "a look takes 400 ms, and is to take 1 % of the time"));
    assertThat(choose(Duration.ofDays(3), 4000).interval()).isEqualTo(Duration.ofMinutes(1));
    assertThat(choose(Duration.ofMinutes(2), 4000).interval()).isEqualTo(Duration.ofSeconds(6));
  }

  private static PollInterval choose(@Nullable Duration timeToFull, long costMillis) {
    return PollInterval.choose(
        BASE,
        Duration.ofSeconds(2),
        Duration.ofMinutes(1),
        timeToFull,
        Duration.ofMillis(costMillis));
  }
}
