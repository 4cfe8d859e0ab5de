package io.lumeo.thin;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Grows the data device in steps when the pool's options allow it.
///
/// A step that fails (the disk below is full, say) is told once, and tried again after a pause that
/// doubles from time to time: whoever waits for space looks often, and would fail and tell as
/// often. Other options, or data that has grown in another way, end the pause.
///
/// All under the metadata lock.
final class GrowthByItself {
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final PoolState pool;
  private final PoolClock clock;
  private final SpaceQueue.Growth growth;

  /// What failed last, and with which options; null while nothing has.
  private @Nullable Failure failure;

  /// The end of the pause, while there is one.
  private PoolClock.@Nullable Scheduled retry;

  /// Counts the pauses: one that was cancelled too late must not end the next.
  private long pauses;

  private Duration pause = FIRST_PAUSE;

  private record Failure(AutoExtension extension, String reason) {}

  GrowthByItself(PoolState pool, PoolClock clock, SpaceQueue.Growth growth) {
    this.pool = pool;
    this.clock = clock;
    this.growth = growth;
  }

  /// Grows by a step. Returns whether there is more space now.
  boolean grow() {
    var extension = pool.options().autoExtension();
    if (extension == null || pool.mode() == PoolMode.READ_ONLY || pool.mode() == PoolMode.FAIL) {
      return false;
    }
    if (failure != null && !failure.extension().equals(extension)) {
      forgetFailure();
    }
    long now = pool.metadata().dataBlocks();
    long step = Math.ceilDiv(extension.stepBytes(), pool.dataBlockBytes);
    long wanted = Math.min(now + step, extension.maximumBytes() / pool.dataBlockBytes);
    if (wanted <= now || retry != null) {
      return false;
    }
    try {
      growth.growTo(wanted);
      forgetFailure();
      return true;
    } catch (IOException e) {
      failed(new Failure(extension, String.valueOf(e.getMessage())));
      return false;
    }
  }

  private void failed(Failure now) {
    if (!now.equals(failure)) {
      failure = now;
      pool.events.add(new PoolEvent.ExtensionFailed(now.reason()));
    }
    long begun = ++pauses;
    retry = clock.schedule(pause, () -> endPause(begun));
    var doubled = pause.multipliedBy(2);
    pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
  }

  private void endPause(long begun) {
    pool.lock();
    try {
      if (begun == pauses) {
        retry = null;
        pool.noteChange();
      }
    } finally {
      pool.unlock();
    }
  }

  /// From now on it is tried at once, and told again if it fails.
  void forgetFailure() {
    failure = null;
    pause = FIRST_PAUSE;
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
  }
}
