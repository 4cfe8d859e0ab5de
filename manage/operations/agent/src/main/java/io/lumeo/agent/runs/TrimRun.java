package io.lumeo.agent.runs;

import io.lumeo.agent.Decision;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.Intent;
import io.lumeo.agent.TimeSource;
import io.lumeo.agent.Upshot;
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
import java.util.stream.Stream;

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
  /// @param reclaimedBytes what the trimmed volumes use less than before, each at least 0; empty
  ///   when nobody can say of any
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
    var done = report.build();
    return new Gain(done, reclaimed(done));
  }

  private static OptionalLong reclaimed(RunReport report) {
    var known =
        report.lines().stream()
            .map(RunReport.Line::upshot)
            .flatMap(upshot ->
                upshot instanceof Upshot.Done(_, var bytes) && bytes.isPresent()
                    ? Stream.of(bytes.getAsLong())
                    : Stream.of())
            .toList();
    return known.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(known.stream().mapToLong(Long::longValue).sum());
  }
}
