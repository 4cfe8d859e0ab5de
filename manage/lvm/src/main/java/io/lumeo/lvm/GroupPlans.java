package io.lumeo.lvm;

import io.lumeo.storage.Change.AddDevices;
import io.lumeo.storage.Change.RestoreGroupMetadata;
import io.lumeo.storage.Draft;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.NotFound;
import io.lumeo.storage.StorageFailure.Refused;
import java.util.ArrayList;
import java.util.TreeSet;

/// Plans for whole volume groups.
final class GroupPlans {
  private GroupPlans() {}

  static Draft<Step> addDevices(Site site, Drafting draft, AddDevices change)
      throws StorageFailure {
    if (!change.pool().equals(site.groupUuid())) {
      throw new Refused("devices are added to a volume group, not to a pool inside it");
    }
    var missing = new ArrayList<String>();
    for (var path : change.devices()) {
      Names.checkDevice(path);
      if (!new Condition.HasDevice(site.groupUuid(), path).holds(site.host())) {
        checkAddable(site, path);
        missing.add(path);
      }
    }
    if (missing.isEmpty()) {
      return draft.alreadySo("%s has these devices already".formatted(site.groupName()));
    }
    draft.backUp();
    for (var path : missing) {
      draft
          .step(
              Step.of(
                      "add %s to %s".formatted(path, site.groupName()),
                      LvmCommand.of("vgextend", site.groupName(), path),
                      new Condition.HasDevice(site.groupUuid(), path))
                  .undoneBy(LvmCommand.of("vgreduce", site.groupName(), path)))
          .expect("%s: %s more of it", site.groupName(), path);
    }
    return draft.finished();
  }

  private static void checkAddable(Site site, String path) throws StorageFailure {
    for (var group : site.host().report().groups()) {
      if (group.devices().stream().anyMatch(device -> device.path().equals(path))) {
        throw new Refused("%s belongs to group %s already".formatted(path, group.group().name()));
      }
    }
    if (site.host().report().freeDevices().stream().anyMatch(d -> d.path().equals(path))) {
      return; // a physical volume that belongs to nobody
    }
    var content = site.around().devices().get(path);
    if (content == null) {
      throw new NotFound("there is no device %s on the host".formatted(path));
    }
    Guards.deviceIsBlank(path, content);
  }

  static Draft<Step> restoreMetadata(Site site, Drafting draft, RestoreGroupMetadata change)
      throws StorageFailure {
    Names.checkFile(change.backup());
    if (site.hasThinPools()) {
      throw new Refused(
          "%s has thin pools, whose own metadata a restore leaves as they are: LVM would say it succeeded and the pool would not start again; restore from the trash instead"
              .formatted(site.groupName()));
    }
    var text = site.around().backups().get(change.backup());
    if (text == null) {
      throw new NotFound("there is no backup %s in the store".formatted(change.backup()));
    }
    var backup = GroupBackup.parse(text);
    check(site, backup, change.backup());
    var file = site.rules().backupFolder() + "/" + change.backup();
    var lost =
        backup.volumes().values().stream()
            .filter(volume -> site.group().volume(volume.name()).isEmpty())
            .map(GroupBackup.Volume::name)
            .sorted()
            .toList();
    return draft
        .precondition("no volume of %s is active", site.groupName())
        .precondition("nothing has been made or extended since the backup")
        .backUp()
        .step(
            Step.of(
                "restore the metadata of %s".formatted(site.groupName()),
                LvmCommand.of("vgcfgrestore", "-f", file, site.groupName()),
                new Condition.Holds(site.groupUuid(), new TreeSet<>(backup.volumes().keySet()))))
        .expect("%s: the volumes of sequence %d", site.groupName(), backup.sequence())
        .expect("back again, inactive: %s", lost.isEmpty() ? "none" : String.join(", ", lost))
        .note("what was removed is whole only if nothing has been written to its space since")
        .finished();
  }

  /// Guards that going back takes nothing away that is there now, and gives no space twice.
  private static void check(Site site, GroupBackup backup, String name) throws Refused {
    var group = site.groupName();
    if (!backup.groupUuid().equals(site.groupUuid())) {
      throw new Refused("%s is a backup of another group than %s".formatted(name, group));
    }
    if (backup.hasThinPools()) {
      throw new Refused(
          "%s had thin pools when %s was made; a restore would bring back pools that cannot start"
              .formatted(group, name));
    }
    for (var volume : site.group().volumes()) {
      if (volume.active()) {
        throw new Refused(
            "%s is active; deactivate all of %s first".formatted(volume.fullName(), group));
      }
      var then = backup.volumes().get(volume.uuid());
      if (then == null) {
        throw new Refused(
            "%s was made after the backup, perhaps where the restored volumes lay; restoring would forget it"
                .formatted(volume.fullName()));
      }
      if (then.extents() < site.extents(volume.sizeBytes())) {
        throw new Refused(
            "%s has been extended since the backup; restoring would cut it off"
                .formatted(volume.fullName()));
      }
    }
    var devices = new TreeSet<String>();
    site.group().devices().forEach(device -> devices.add(device.uuid()));
    if (!devices.equals(new TreeSet<>(backup.devices()))) {
      throw new Refused("%s has other devices now than when %s was made".formatted(group, name));
    }
  }
}
