package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Growth that is held off after it has failed, by a clock that a test moves by hand.
class GrowthByItselfTest {
  /// Cancelling always comes too late: the action has begun and waits for the lock.
  private static final class LateClock implements PoolClock {
    final List<Runnable> begun = new ArrayList<>();

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable action) {
      begun.add(action);
      return () -> {};
    }
  }

  private final LateClock clock = new LateClock();
  private int tries;

  private GrowthByItself failing() throws IOException {
    var metadata = new MemoryDevice(4 << 20);
    var data = new MemoryDevice(8L * BLOCK);
    Pool.format(metadata, data, BLOCK);
    var options = PoolOptions.DEFAULT.withAutoExtension(new AutoExtension(BLOCK, 16L * BLOCK));
    var opened = PoolMetadata.open(metadata, options.metadataCacheBytes(), true);
    return new GrowthByItself(
        new PoolState(opened, metadata, data, options),
        clock,
        _ -> {
          tries++;
          throw new StorageException.OutOfSpace("the disk below is full");
        });
  }

  @Test
  void aPauseThatWasCancelledTooLateDoesNotEndTheNext() throws IOException {
    var growth = failing();
    assertThat(growth.grow()).isFalse();
    growth.forgetFailure();
    assertThat(growth.grow()).isFalse();
    assertThat(tries).isEqualTo(2);

    clock.begun.getFirst().run();
    assertThat(growth.grow()).isFalse();
    assertThat(tries).isEqualTo(2);

    clock.begun.getLast().run();
    assertThat(growth.grow()).isFalse();
    assertThat(tries).isEqualTo(3);
  }
}
