package io.lumeo.lvm;

import io.lumeo.commands.Commands;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.UsageSample;
import java.util.ArrayList;
import java.util.List;

/// How full a host's pools, thin volumes and snapshots are now, from the kernel alone: cheap enough
/// for every few seconds. What is allocated of a group is not in it: that changes with LVM's
/// metadata only, and a report tells it.
final class UsageReader {
  private final KernelStatus kernel;

  UsageReader(Commands commands) {
    this.kernel = new KernelStatus(new HostCommands(commands));
  }

  /// Samples of what is known and active.
  ///
  /// @param known an earlier look at the host: it knows names and the sizes that never change. What
  ///   has been made since is not in the answer
  List<UsageSample> usage(HostState known) throws StorageFailure {
    var statuses = kernel.read();
    var samples = new ArrayList<UsageSample>();
    for (var group : known.report().groups()) {
      for (var volume : group.volumes()) {
        var status = statuses.get(volume.uuid());
        if (status != null) {
          samples.add(sample(volume, status));
        }
      }
    }
    return samples;
  }

  private static UsageSample sample(VolumeRow volume, TargetStatus status) {
    return new UsageSample(
        volume.uuid(),
        UsageMapping.data(volume, status),
        UsageMapping.metadata(volume, status),
        volume.isThinPool()
            ? Diagnosis.ofPool(volume, status)
            : Diagnosis.ofVolume(volume, status));
  }
}
