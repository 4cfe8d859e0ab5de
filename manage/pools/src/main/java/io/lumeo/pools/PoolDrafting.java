package io.lumeo.pools;

import io.lumeo.storage.Change;
import io.lumeo.storage.Draft;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanId;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// A plan while it is being written. Its words are formats, as [String#formatted] takes them.
@SuppressWarnings("AnnotateFormatMethod")
final class PoolDrafting {
  private final String system;
  private final List<String> options;
  private final PoolView pool;
  private final Change change;
  private final PlanId id;
  private final List<String> preconditions = new ArrayList<>();
  private final List<PoolStep> steps = new ArrayList<>();
  private final List<String> expected = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final SortedSet<String> volumes = new TreeSet<>();

  PoolDrafting(String system, List<String> options, PoolView pool, Change change, PlanId id) {
    this.system = system;
    this.options = options;
    this.pool = pool;
    this.change = change;
    this.id = id;
  }

  PoolDrafting touching(VolumeView volume) {
    volumes.add(volume.uuid());
    return require("'%s' is %s", volume.name(), volume.uuid());
  }

  PoolDrafting require(String words, Object... values) {
    preconditions.add(words.formatted(values));
    return this;
  }

  PoolDrafting expect(String words, Object... values) {
    expected.add(words.formatted(values));
    return this;
  }

  PoolDrafting note(String words, Object... values) {
    notes.add(words.formatted(values));
    return this;
  }

  PoolDrafting step(PoolStep step) {
    steps.add(step);
    return this;
  }

  /// A plan that does nothing, as it is so already.
  Draft<PoolStep> alreadySo(String words, Object... values) {
    steps.clear();
    expected.clear();
    return note(words, values).finished();
  }

  Draft<PoolStep> finished() {
    return new Draft<>(
        new Plan(
            id.text(),
            system,
            change,
            pool.uuid(),
            pool.sequence(),
            List.copyOf(preconditions),
            steps.stream().map(step -> step.shown(options)).toList(),
            List.copyOf(expected),
            List.copyOf(notes)),
        volumes,
        steps);
  }
}
