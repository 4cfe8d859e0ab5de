package io.lumeo.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedClockTest {
  private final SimulatedClock clock = new SimulatedClock(Instant.EPOCH);
  private final List<String> ran = new ArrayList<>();

  @Test
  void actionsRunInTheOrderOfTheirTimeAndSeeIt() {
    clock.schedule(Duration.ofSeconds(2), () -> ran.add("second at " + clock.now()));
    clock.schedule(Duration.ofSeconds(1), () -> ran.add("first at " + clock.nanos()));
    clock.schedule(Duration.ofSeconds(2), () -> ran.add("third"));
    clock.schedule(Duration.ofSeconds(3), () -> ran.add("too late"));
    clock.advance(Duration.ofMillis(2500));
    assertThat(ran)
        .containsExactly("first at 1000000000", "second at 1970-01-01T00:00:02Z", "third");
    assertThat(clock.now()).isEqualTo(Instant.EPOCH.plusMillis(2500));
  }

  @Test
  void whatAnActionSchedulesRunsWhenItIsDue() {
    clock.schedule(Duration.ofSeconds(1), this::tick);
    clock.advance(Duration.ofSeconds(10));
    assertThat(ran).hasSize(10);
  }

  private void tick() {
    ran.add("tick");
    clock.schedule(Duration.ofSeconds(1), this::tick);
  }

  @Test
  void whatIsCancelledDoesNotRun() {
    var action = clock.schedule(Duration.ofSeconds(1), () -> ran.add("cancelled"));
    clock.schedule(Duration.ofSeconds(1), () -> ran.add("kept"));
    action.cancel();
    clock.advance(Duration.ofSeconds(1));
    assertThat(ran).containsExactly("kept");
    assertThat(new SimulatedClock().now()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
  }
}
