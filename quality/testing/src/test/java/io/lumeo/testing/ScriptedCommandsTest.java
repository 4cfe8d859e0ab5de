package io.lumeo.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.testing.ScriptedCommands.Mishap;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ScriptedCommandsTest {
  private static final Command COMMAND = Command.of("lvcreate", "-n", "v");

  private final AtomicInteger done = new AtomicInteger();

  private ScriptedCommands host() {
    return ScriptedCommands.answering(_ -> {
      done.incrementAndGet();
      return ScriptedCommands.success("a long answer");
    });
  }

  @Test
  void aReliableHostDoesWhatTheScriptDoes() throws Exception {
    var host = host();
    assertThat(host.run(COMMAND).stdout()).isEqualTo("a long answer");
    assertThat(host.ran()).containsExactly(COMMAND);
    assertThat(host.happened()).isEmpty();
    assertThat(host.host()).isEqualTo("scripted");
  }

  @Test
  void everyMishapHappensAsItSays() throws Exception {
    assertThat(only(Mishap.FAILS).run(COMMAND).exit()).isEqualTo(5);
    assertThat(only(Mishap.IS_KILLED).run(COMMAND).exit()).isEqualTo(137);
    assertFails(Mishap.IS_NOT_STARTED, CommandFailure.NotStarted.class);
    assertFails(Mishap.HANGS, CommandFailure.TimedOut.class);
    assertFails(Mishap.IS_STUCK, CommandFailure.Stuck.class);
    assertFails(Mishap.IS_NOT_REACHED, CommandFailure.Unreachable.class);
    assertThat(done).as("nothing was done so far").hasValue(0);

    assertFails(Mishap.HANGS_AFTERWARDS, CommandFailure.TimedOut.class);
    assertFails(Mishap.LOSES_CONNECTION, CommandFailure.Unreachable.class);
    assertFails(Mishap.IS_INTERRUPTED, InterruptedException.class);
    assertThat(only(Mishap.IS_KILLED_AFTERWARDS).run(COMMAND).exit()).isEqualTo(137);
    assertThat(only(Mishap.ANSWERS_HALF).run(COMMAND).stdout()).isEqualTo("a long");
    assertThat(only(Mishap.ANSWERS_GARBAGE).run(COMMAND).stdout()).isNotEqualTo("a long answer");
    assertThat(done).as("each of these was done").hasValue(6);
  }

  private ScriptedCommands only(Mishap mishap) {
    return host().unreliable(new Random(1), 1).with(Set.of(mishap));
  }

  private void assertFails(Mishap mishap, Class<? extends Exception> failure) {
    assertThatThrownBy(() -> only(mishap).run(COMMAND)).isInstanceOf(failure);
  }

  @SeededTest
  void theSameSeedBringsTheSameMishaps(Random random) {
    long seed = random.nextLong();
    assertThat(mishaps(seed)).isEqualTo(mishaps(seed)).hasSizeBetween(10, 90);
    assertThat(EnumSet.allOf(Mishap.class)).containsAll(mishaps(seed));
  }

  private List<Mishap> mishaps(long seed) {
    var host = host().unreliable(new Random(seed), 0.5);
    for (int i = 0; i < 100; i++) {
      try {
        host.run(COMMAND);
      } catch (CommandFailure | InterruptedException mishap) {
        assertThat(host.happened()).isNotEmpty();
      }
    }
    return host.happened();
  }
}
