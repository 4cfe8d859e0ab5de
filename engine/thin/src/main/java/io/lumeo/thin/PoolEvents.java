package io.lumeo.thin;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// What has happened to a pool and has not been told to its listeners yet. Events are added under
/// locks and told without, in their order.
final class PoolEvents {
  private static final System.Logger LOG = System.getLogger(Pool.class.getName());

  private final List<Consumer<PoolEvent>> listeners = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<PoolEvent> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean delivering = new AtomicBoolean();

  void listen(Consumer<PoolEvent> listener) {
    listeners.add(listener);
  }

  void add(PoolEvent event) {
    waiting.add(event);
  }

  /// Tells the listeners what has happened. Called without any lock held, since a listener may do
  /// anything with the pool; when one is being told already, that thread goes on to tell what has
  /// come since.
  void deliver() {
    while (!waiting.isEmpty() && delivering.compareAndSet(false, true)) {
      try {
        for (var event = waiting.poll(); event != null; event = waiting.poll()) {
          tell(event);
        }
      } finally {
        delivering.set(false);
      }
    }
  }

  /// What a listener does wrong must not fail the write that raised the event.
  private void tell(PoolEvent event) {
    for (var listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "a listener failed on " + event, e);
      }
    }
  }
}
