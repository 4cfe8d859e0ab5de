package io.lumeo.agent;

import io.lumeo.alerts.Quantity;
import io.lumeo.audit.AuditEntry;
import io.lumeo.storage.Change;
import io.lumeo.storage.Outcome;
import io.lumeo.storage.Plan;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.storage.Volume;
import java.util.ArrayList;
import java.util.OptionalLong;
import java.util.SortedMap;

/// What a trim gives back: what its volume uses less after it than before. What the file system
/// says it has discarded is no measure of that, as it names what was free all along each time.
public final class TrimGain {
  /// What the record calls it, among what was measured after a change.
  private static final String RECLAIMED = "reclaimedBytes";

  private final StorageSystem system;
  private final Plan plan;
  private final OptionalLong before;

  private TrimGain(StorageSystem system, Plan plan, OptionalLong before) {
    this.system = system;
    this.plan = plan;
    this.before = before;
  }

  /// Measures before a plan is applied. Of one that is no trim nothing is asked.
  static TrimGain before(StorageSystem system, Plan plan) {
    return new TrimGain(system, plan, used(system, plan));
  }

  private static OptionalLong used(StorageSystem system, Plan plan) {
    if (!(plan.change() instanceof Change.Trim(var uuid))) {
      return OptionalLong.empty();
    }
    try {
      return system
          .inventory()
          .volume(uuid)
          .map(Volume::data)
          .map(use -> OptionalLong.of(use.usedBytes()))
          .orElse(OptionalLong.empty());
    } catch (StorageFailure | RuntimeException cannotSay) {
      // Only the gain stays unknown. Whether the trim can be done, the trim itself finds out.
      return OptionalLong.empty();
    }
  }

  /// Measures again, after it, and adds to what came of it how many bytes were given back.
  Upshot.Done of(Outcome outcome) {
    var after = before.isEmpty() ? before : used(system, plan);
    if (after.isEmpty()) {
      return new Upshot.Done(outcome);
    }
    var bytes = Math.max(0, before.getAsLong() - after.getAsLong());
    var effects = new ArrayList<>(outcome.effects());
    effects.add(Quantity.BYTES.text((double) bytes) + " given back");
    return new Upshot.Done(
        new Outcome(
            outcome.plan(), outcome.result(), outcome.volumes(), effects, outcome.pending()),
        OptionalLong.of(bytes));
  }

  /// Writes it where the record has what was measured afterwards.
  static void record(OptionalLong bytes, SortedMap<String, String> after) {
    bytes.ifPresent(many -> after.put(RECLAIMED, String.valueOf(many)));
  }

  /// What a record says was given back, if it is that of a trim.
  public static OptionalLong in(AuditEntry entry) {
    var bytes = entry.after().getOrDefault(RECLAIMED, "");
    return bytes.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(bytes))
        : OptionalLong.empty();
  }
}
