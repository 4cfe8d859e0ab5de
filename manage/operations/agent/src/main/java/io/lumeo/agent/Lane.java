package io.lumeo.agent;

import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/// Does one kind of work for one host again and again, each time when it is due, until the agent
/// stops. Whatever goes wrong in a round is told and the next comes all the same: a lane that ended
/// in silence would be a host that nobody looks after.
final class Lane implements Runnable {
  /// How long it rests after a round that failed.
  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  /// It never waits for longer: the clock may be set, and new volumes may come.
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final TimeSource time;
  private final TimeSource.Bell bell;
  private final Round round;
  private final BooleanSupplier stopping;
  private final Listener listener;

  /// Hears how a round ended.
  interface Listener {
    void failed(Exception problem);

    void succeeded();
  }

  /// Does what is due.
  @FunctionalInterface
  interface Round {
    /// Does it, and returns when there is something to do again.
    Instant perform() throws StorageFailure, IOException, InterruptedException;
  }

  Lane(TimeSource time, Round round, BooleanSupplier stopping, Listener listener) {
    this.time = time;
    this.bell = time.newBell();
    this.round = round;
    this.stopping = stopping;
    this.listener = listener;
  }

  /// Ends the wait that is under way.
  void ring() {
    bell.ring();
  }

  @Override
  public void run() {
    try {
      while (!stopping.getAsBoolean()) {
        var next = perform();
        if (!stopping.getAsBoolean()) {
          bell.await(atMost(Duration.between(time.instant(), next)));
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration atMost(Duration wait) {
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  private Instant perform() throws InterruptedException {
    try {
      var next = atLatest(round.perform());
      listener.succeeded();
      return next;
    } catch (StorageFailure | IOException | RuntimeException e) {
      listener.failed(e);
      return time.instant().plus(AFTER_FAILURE);
    }
  }

  /// A round that has nothing to wait for says so by a time that no duration reaches.
  private Instant atLatest(Instant next) {
    var latest = time.instant().plus(LONGEST_WAIT);
    return next.isAfter(latest) ? latest : next;
  }
}
