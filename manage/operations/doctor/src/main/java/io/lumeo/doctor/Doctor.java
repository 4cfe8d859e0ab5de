package io.lumeo.doctor;

import io.lumeo.lvm.Checkup;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Says what would bite, worst first, and what mends it: a pure function of what was found on a
/// host. It changes nothing and needs no configuration.
public final class Doctor {
  private Doctor() {}

  /// Examines a host's LVM.
  public static Examination examine(Checkup checkup) {
    return examine(Host.of(checkup.inventory(), Optional.of(checkup)));
  }

  /// Examines any storage by what all storage says of itself.
  public static Examination examine(Inventory inventory) {
    return examine(Host.of(inventory, Optional.empty()));
  }

  private static Examination examine(Host host) {
    var findings = new Findings();
    new PoolChecks(host, findings).run();
    new SnapshotChecks(host, findings).run();
    new VolumeChecks(host, findings).run();
    new GroupChecks(host, findings).run();
    host.lvm().ifPresent(checkup -> new LvmChecks(host, checkup, findings).run());
    return new Examination(host.inventory().system(), host.now(), findings.all(), gauges(host));
  }

  private static List<Gauge> gauges(Host host) {
    var gauges = new ArrayList<Gauge>();
    for (var pool : host.inventory().pools()) {
      if (pool.kind() != Pool.Kind.VOLUME_GROUP) {
        var name = host.name(pool);
        gauges.add(Limits.POOL_DATA.gauge(name + " data", pool.data().ratio()));
        var metadata = pool.metadata();
        if (metadata != null) {
          gauges.add(Limits.POOL_METADATA.gauge(name + " metadata", metadata.ratio()));
        }
      }
    }
    for (var volume : host.inventory().volumes()) {
      var store = volume.data();
      if (volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT && store != null) {
        gauges.add(Limits.SNAPSHOT_STORE.gauge(host.name(volume) + " store", store.ratio()));
      }
    }
    return gauges;
  }
}
