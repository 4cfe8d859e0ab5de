package io.lumeo.agent.runs;

import io.lumeo.agent.Decision;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.TimeSource;
import io.lumeo.configuration.TrimSettings;
import io.lumeo.storage.Capability;
import io.lumeo.storage.Change;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/// Returns the blocks that file systems have freed to their pools, one volume after the other, and
/// says how many bytes that gave back.
public final class TrimRun {
  private final Hand hand;
  private final TimeSource time;
  private final BooleanSupplier stopping;

  public TrimRun(Hand hand, TimeSource time, BooleanSupplier stopping) {
    this.hand = hand;
    this.time = time;
    this.stopping = stopping;
  }

  /// What a trim gave back.
  ///
  /// @param reclaimedBytes what the trimmed volumes use less than before, at least 0; empty when
  ///   nobody can say
  public record Gain(RunReport report, OptionalLong reclaimedBytes) {

    /// In one sentence.
    public String detail() {
      return reclaimedBytes.isEmpty()
          ? report.detail()
          : "%d bytes given back; %s".formatted(reclaimedBytes.getAsLong(), report.detail());
    }
  }

  /// The volumes of a host that a trim is for and that can be trimmed now.
  public static List<Volume> volumes(TrimSettings settings, String host, Inventory inventory) {
    return Holdings.selected(host, inventory, settings.volumes(), List.of()).stream()
        .filter(volume -> volume.can(Capability.TRIM))
        .toList();
  }

  /// Trims volumes.
  ///
  /// @param volumes their uuids
  /// @throws StorageFailure if the host cannot be looked at before
  /// @throws IOException if it cannot be recorded
  public Gain run(HostSetup host, TrimSettings settings, Collection<String> volumes)
      throws StorageFailure, IOException {
    var before = host.system().inventory();
    var report = new RunReport.Builder();
    for (var uuid : volumes) {
      var volume = before.volume(uuid);
      if (volume.isPresent()) {
        report.add(
            Holdings.name(before, volume.get()),
            hand.carryOut(
                host.system(),
                new Decision.Act(
                    Intent.scheduled("trim:" + settings.name(), "trim", host.name(), uuid),
                    new Change.Trim(uuid),
                    "as scheduled"),
                new Deadline(time, settings.deadline(), stopping)));
      }
    }
    return new Gain(report.build(), reclaimed(host, before, volumes));
  }

  private static OptionalLong reclaimed(
      HostSetup host, Inventory before, Collection<String> volumes) {
    try {
      var after = host.system().inventory();
      return OptionalLong.of(Math.max(0, used(before, volumes) - used(after, volumes)));
    } catch (StorageFailure cannotSay) {
      // The trim is done and recorded; only its gain stays unknown.
      return OptionalLong.empty();
    }
  }

  private static long used(Inventory inventory, Collection<String> volumes) {
    return inventory.volumes().stream()
        .filter(volume -> volumes.contains(volume.uuid()))
        .mapToLong(volume -> volume.data() == null ? 0 : volume.data().usedBytes())
        .sum();
  }
}
