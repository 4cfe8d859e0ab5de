package io.lumeo.lvm;

import io.lumeo.storage.Change;
import io.lumeo.storage.Draft;
import io.lumeo.storage.PlanId;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.NotFound;
import java.util.Optional;

/// What making a change would take: a pure function of what was found on the host. The same host,
/// the same change and the same name of a plan give the same steps, so a plan is checked before its
/// first step by making it again.
///
/// Who plans what: [SnapshotPlans], [RollBackPlans], [VolumePlans], [GrowthPlans], [PoolPlans],
/// [GroupPlans], [TrashPlans].
record Planner(String system, DriverRules rules) {

  Draft<Step> plan(HostState host, Surroundings around, Change change, PlanId id)
      throws StorageFailure {
    var group = groupOf(host, change);
    Guards.groupNameIsUsable(group.group().name());
    Guards.writable(host, group);
    var site = new Site(host, around, rules, id, group);
    var draft = new Drafting(system, site, change);
    return switch (change) {
      case Change.CreateSnapshot c -> SnapshotPlans.create(site, draft, c);
      case Change.CreateClone c -> SnapshotPlans.cloneOf(site, draft, c);
      case Change.ExtendSnapshotStore c -> SnapshotPlans.extendStore(site, draft, c);
      case Change.RollBack c -> RollBackPlans.rollBack(site, draft, c);
      case Change.CreateVolume c -> VolumePlans.create(site, draft, c);
      case Change.Activate c -> VolumePlans.activate(site, draft, c);
      case Change.Rename c -> VolumePlans.rename(site, draft, c);
      case Change.SetTags c -> VolumePlans.setTags(site, draft, c);
      case Change.ExtendVolume c -> GrowthPlans.extend(site, draft, c);
      case Change.GrowFileSystem c -> GrowthPlans.growFileSystem(site, draft, c);
      case Change.Trim c -> GrowthPlans.trim(site, draft, c);
      case Change.CreateThinPool c -> PoolPlans.create(site, draft, c);
      case Change.ExtendPoolData c -> PoolPlans.extendData(site, draft, c);
      case Change.ExtendPoolMetadata c -> PoolPlans.extendMetadata(site, draft, c);
      case Change.RepairPoolMetadata c -> PoolPlans.repair(site, draft, c);
      case Change.SetDiscards c -> PoolPlans.setDiscards(site, draft, c);
      case Change.SetSelfExtension c -> PoolPlans.setSelfExtension(site, draft, c);
      case Change.AddDevices c -> GroupPlans.addDevices(site, draft, c);
      case Change.RestoreGroupMetadata c -> GroupPlans.restoreMetadata(site, draft, c);
      case Change.Trash c -> TrashPlans.trash(site, draft, c);
      case Change.RestoreFromTrash c -> TrashPlans.restore(site, draft, c);
      case Change.Purge c -> TrashPlans.purge(site, draft, c);
    };
  }

  private static LvmReport.Group groupOf(HostState host, Change change) throws NotFound {
    var target = target(change);
    return host.report().groups().stream()
        .filter(group ->
            group.group().uuid().equals(target)
                || group.volumes().stream().anyMatch(volume -> volume.uuid().equals(target)))
        .findFirst()
        .orElseThrow(() -> Site.noVolume(target));
  }

  /// The uuid of the volume, the pool or the group that a change is about.
  static String target(Change change) {
    return switch (change) {
      case Change.CreateSnapshot c -> c.volume();
      case Change.CreateClone c -> c.source();
      case Change.ExtendSnapshotStore c -> c.snapshot();
      case Change.RollBack c -> c.volume();
      case Change.CreateVolume c -> c.pool();
      case Change.Activate c -> c.volume();
      case Change.Rename c -> c.volume();
      case Change.SetTags c -> c.volume();
      case Change.ExtendVolume c -> c.volume();
      case Change.GrowFileSystem c -> c.volume();
      case Change.Trim c -> c.volume();
      case Change.CreateThinPool c -> c.group();
      case Change.ExtendPoolData c -> c.pool();
      case Change.ExtendPoolMetadata c -> c.pool();
      case Change.RepairPoolMetadata c -> c.pool();
      case Change.SetDiscards c -> c.pool();
      case Change.SetSelfExtension c -> c.pool();
      case Change.AddDevices c -> c.pool();
      case Change.RestoreGroupMetadata c -> c.group();
      case Change.Trash c -> c.volume();
      case Change.RestoreFromTrash c -> c.volume();
      case Change.Purge c -> c.volume();
    };
  }

  /// The volume whose content a change needs to know of.
  static Optional<String> contentWanted(Change change) {
    return switch (change) {
      case Change.ExtendVolume c -> Optional.of(c.volume());
      case Change.GrowFileSystem c -> Optional.of(c.volume());
      case Change.Trim c -> Optional.of(c.volume());
      default -> Optional.empty();
    };
  }
}
