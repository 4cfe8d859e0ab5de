package io.lumeo.lvm;

import io.lumeo.storage.Change.Activate;
import io.lumeo.storage.Change.CreateVolume;
import io.lumeo.storage.Change.Rename;
import io.lumeo.storage.Change.SetTags;
import io.lumeo.storage.Draft;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Plans that make, name, tag and activate volumes.
final class VolumePlans {
  private VolumePlans() {}

  static Draft<Step> create(Site site, Drafting draft, CreateVolume change) throws StorageFailure {
    Guards.nameIsFree(site, change.name());
    Names.checkTagsOfNew(change.tags());
    if (change.sizeBytes() <= 0) {
      throw new Refused("a volume is larger than nothing");
    }
    long extents = site.extents(change.sizeBytes());
    if (extents * site.extentBytes() != change.sizeBytes()) {
      draft.note("rounded up to whole extents: %s", site.size(extents));
    }
    draft.backUp();
    return change.pool().equals(site.groupUuid())
        ? thick(site, draft, change, extents)
        : thin(site, draft, change, extents);
  }

  private static Draft<Step> thick(Site site, Drafting draft, CreateVolume change, long extents)
      throws StorageFailure {
    site.checkRoom(extents, List.of());
    // -y: old signatures in the space it happens to get are nobody's and are wiped.
    var arguments =
        new ArrayList<>(List.of("-y", "-Wy", "-l", Long.toString(extents), "-n", change.name()));
    arguments.addAll(SnapshotPlans.tagsOf(site, change.tags(), null));
    arguments.add(site.groupName());
    return draft
        .step(made(site, change.name(), Condition.Kind.THICK, arguments))
        .expect("a volume %s of %s", site.in(change.name()), site.size(extents))
        .expect("%s: %d extents taken", site.groupName(), extents)
        .finished();
  }

  private static Draft<Step> thin(Site site, Drafting draft, CreateVolume change, long extents)
      throws StorageFailure {
    var pool = site.volume(change.pool());
    Guards.isAPool(pool);
    Guards.poolAdmits(site, pool);
    var arguments =
        new ArrayList<>(
            List.of("-T", "-V", extents * site.extentBytes() + "b", "-n", change.name()));
    arguments.addAll(SnapshotPlans.tagsOf(site, change.tags(), null));
    arguments.add(pool.fullName());
    return draft
        .step(made(site, change.name(), Condition.Kind.THIN, arguments))
        .expect(
            "a thin volume %s of %s in %s",
            site.in(change.name()), site.size(extents), pool.fullName())
        .note("it takes space when it is written to; the pool must be watched")
        .finished();
  }

  private static Step made(Site site, String name, Condition.Kind kind, List<String> arguments) {
    return Step.of(
            "make the volume %s".formatted(site.in(name)),
            LvmCommand.of("lvcreate", arguments),
            new Condition.Made(site.groupUuid(), name, site.id().text(), kind))
        .requiring(new Condition.NameFree(site.groupUuid(), name))
        .undoneBy(LvmCommand.of("lvremove", "-y", site.in(name)));
  }

  static Draft<Step> activate(Site site, Drafting draft, Activate change) throws StorageFailure {
    var volume = site.volume(change.volume());
    Guards.visible(volume);
    draft.touching(volume);
    if (change.active() && volume.active() && Guards.hasMerge(volume)) {
      return completeMerge(site, draft, volume);
    }
    if (volume.active() == change.active()) {
      return draft.alreadySo(
          "%s is %s already".formatted(volume.fullName(), change.active() ? "active" : "inactive"));
    }
    return change.active()
        ? draft.step(activation(volume, volume.name())).finished()
        : deactivate(site, draft, volume);
  }

  private static Draft<Step> completeMerge(Site site, Drafting draft, VolumeRow volume)
      throws StorageFailure {
    Guards.notInUse(volume);
    var snapshot =
        site.group().volumes().stream()
            .filter(other -> other.hidden() && other.origin().equals(volume.name()))
            .findFirst()
            .orElseThrow(() ->
                new Refused(
                    "a merge into %s is going on; wait until it has ended"
                        .formatted(volume.fullName())));
    draft.expect("%s is what %s was", volume.fullName(), snapshot.fullName());
    return snapshot.isThin()
        ? draft.step(thinMerge(volume, snapshot)).finished()
        : draft.step(beginMerge(volume)).step(awaitMerge(volume, snapshot)).finished();
  }

  private static Step thinMerge(VolumeRow volume, VolumeRow snapshot) {
    return Step.of(
            "complete the merge into %s".formatted(volume.fullName()),
            refresh(volume),
            new Condition.Gone(snapshot.uuid(), snapshot.fullName()))
        .requiring(new Condition.NotInUse(volume.uuid(), volume.fullName()))
        .within(Step.LONG);
  }

  private static List<String> refresh(VolumeRow volume) {
    return LvmCommand.of("lvchange", "--refresh", volume.fullName());
  }

  /// What a classic snapshot holds is copied back, which goes on when this command has ended.
  private static Step beginMerge(VolumeRow volume) {
    return Step.of(
            "begin the merge into %s".formatted(volume.fullName()),
            refresh(volume),
            new Condition.Repeated())
        .requiring(new Condition.NotInUse(volume.uuid(), volume.fullName()))
        .within(Step.LONG);
  }

  /// What lvmpolld runs for a merge, in the foreground. Beside it or another of its kind it does no
  /// harm: whichever finds the merge at its end first removes the snapshot.
  private static Step awaitMerge(VolumeRow volume, VolumeRow snapshot) {
    return Step.of(
            "wait until %s is merged".formatted(snapshot.fullName()),
            LvmCommand.of("lvpoll", "--polloperation", "merge", "-i", "1", volume.fullName()),
            new Condition.Gone(snapshot.uuid(), snapshot.fullName()))
        .within(Step.LONG);
  }

  /// Without `-K` LVM says it succeeded and leaves what is to be skipped inactive.
  static Step activation(VolumeRow volume, String name) {
    var full = volume.group() + "/" + name;
    return Step.of(
            "activate %s".formatted(full),
            LvmCommand.of("lvchange", "-ay", "-K", full),
            new Condition.Active(volume.uuid(), full, true))
        .requiring(new Condition.Named(volume.uuid(), name))
        .undoneBy(LvmCommand.of("lvchange", "-an", full));
  }

  static Step deactivation(VolumeRow volume, String name) {
    var full = volume.group() + "/" + name;
    return Step.of(
            "deactivate %s".formatted(full),
            LvmCommand.of("lvchange", "-an", full),
            new Condition.Active(volume.uuid(), full, false))
        .requiring(
            new Condition.Named(volume.uuid(), name), new Condition.NotInUse(volume.uuid(), full))
        .undoneBy(LvmCommand.of("lvchange", "-ay", "-K", full));
  }

  private static Draft<Step> deactivate(Site site, Drafting draft, VolumeRow volume)
      throws StorageFailure {
    if (volume.isClassicSnapshot()) {
      throw new Refused(
          "%s is a classic snapshot, and deactivating it would take its origin down too"
              .formatted(volume.fullName()));
    }
    Guards.isNotAPool(volume);
    Guards.notInUse(volume);
    for (var snapshot : site.classicSnapshotsOf(volume)) {
      Guards.notInUse(snapshot);
      draft.note("its snapshot %s becomes inactive with it", snapshot.fullName());
    }
    return draft.step(deactivation(volume, volume.name())).finished();
  }

  static Draft<Step> rename(Site site, Drafting draft, Rename change) throws StorageFailure {
    var volume = site.volume(change.volume());
    Guards.visible(volume);
    Guards.settled(volume);
    draft.touching(volume);
    if (volume.name().equals(change.newName())) {
      return draft.alreadySo("%s is called so already".formatted(volume.fullName()));
    }
    Guards.nameIsFree(site, change.newName());
    return draft
        .backUp()
        .step(renaming(site, volume, change.newName()))
        .expect("%s is called %s", volume.fullName(), site.in(change.newName()))
        .note("whatever names %s, such as fstab, must be changed too", site.device(volume.name()))
        .finished();
  }

  static Step renaming(Site site, VolumeRow volume, String newName) {
    return Step.of(
            "rename %s to %s".formatted(volume.fullName(), newName),
            LvmCommand.of("lvrename", site.groupName(), volume.name(), newName),
            new Condition.Named(volume.uuid(), newName))
        .requiring(
            new Condition.Named(volume.uuid(), volume.name()),
            new Condition.NameFree(site.groupUuid(), newName))
        .undoneBy(LvmCommand.of("lvrename", site.groupName(), newName, volume.name()));
  }

  static Draft<Step> setTags(Site site, Drafting draft, SetTags change) throws StorageFailure {
    var volume = site.volume(change.volume());
    Guards.visible(volume);
    Names.checkTags(change.add());
    Names.checkTags(change.remove());
    draft.touching(volume);
    var add = new TreeSet<>(change.add());
    add.removeAll(volume.tags());
    var remove = new TreeSet<>(change.remove());
    remove.retainAll(volume.tags());
    remove.removeAll(change.add());
    if (add.isEmpty() && remove.isEmpty()) {
      return draft.alreadySo("%s has these tags already".formatted(volume.fullName()));
    }
    return draft
        .backUp()
        .step(tagging(volume, volume.name(), add, remove))
        .expect("%s: tags %s added, %s taken away", volume.fullName(), add, remove)
        .finished();
  }

  /// Changes tags of the volume that is called `name` by then.
  static Step tagging(
      VolumeRow volume, String name, SortedSet<String> add, SortedSet<String> remove) {
    var full = volume.group() + "/" + name;
    return Step.of(
            "change the tags of %s".formatted(full),
            LvmCommand.of("lvchange", tagOptions(add, remove, full)),
            new Condition.Tagged(volume.uuid(), full, add, remove))
        .requiring(new Condition.Named(volume.uuid(), name))
        .undoneBy(LvmCommand.of("lvchange", tagOptions(remove, add, full)));
  }

  private static List<String> tagOptions(
      SortedSet<String> add, SortedSet<String> remove, String fullName) {
    var arguments = new ArrayList<String>();
    for (var tag : remove) {
      arguments.addAll(List.of("--deltag", tag));
    }
    for (var tag : add) {
      arguments.addAll(List.of("--addtag", tag));
    }
    arguments.add(fullName);
    return arguments;
  }
}
