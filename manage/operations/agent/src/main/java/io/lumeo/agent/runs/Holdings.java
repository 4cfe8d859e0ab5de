package io.lumeo.agent.runs;

import io.lumeo.configuration.Selector;
import io.lumeo.policies.SnapshotFacts;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What an inventory holds, as policies ask for it. Pure functions.
public final class Holdings {
  private static final String VERIFY = "lumeo.verify";

  private Holdings() {}

  /// The names of the pool that a volume draws from, and of those that one draws from in turn.
  public static List<String> poolNames(Inventory inventory, Volume volume) {
    var names = new ArrayList<String>();
    for (var pool = inventory.pool(volume.pool()); pool.isPresent(); ) {
      names.add(pool.get().name());
      pool = parent(inventory, pool.get());
    }
    return names;
  }

  private static Optional<Pool> parent(Inventory inventory, Pool pool) {
    return pool.parent() == null ? Optional.empty() : inventory.pool(pool.parent());
  }

  /// The pool whose free space a pool grows into: its volume group, or itself.
  static Pool group(Inventory inventory, Pool pool) {
    return parent(inventory, pool).orElse(pool);
  }

  /// As people name a volume: `vg0/home`.
  public static String name(Inventory inventory, Volume volume) {
    var pools = poolNames(inventory, volume);
    return pools.isEmpty() ? volume.name() : pools.getLast() + "/" + volume.name();
  }

  /// As people name a pool: `vg0/thin`, or `images`.
  public static String name(Inventory inventory, Pool pool) {
    return parent(inventory, pool).map(group -> group.name() + "/").orElse("") + pool.name();
  }

  /// The volumes that any of `selectors` means and none of `except` does, by their names: what
  /// people have, and neither snapshots nor what Lumeo keeps for a while.
  public static List<Volume> selected(
      String host, Inventory inventory, List<Selector> selectors, List<Selector> except) {
    return inventory.volumes().stream()
        .filter(Holdings::isPeoples)
        .filter(volume ->
            anyMatches(host, inventory, volume, selectors)
                && !anyMatches(host, inventory, volume, except))
        .toList();
  }

  private static boolean isPeoples(Volume volume) {
    return (volume.kind() == Volume.Kind.THICK || volume.kind() == Volume.Kind.THIN)
        && !TrashTags.isTrashed(volume.tags())
        && !volume.tags().contains(VERIFY);
  }

  private static boolean anyMatches(
      String host, Inventory inventory, Volume volume, List<Selector> selectors) {
    var pools = poolNames(inventory, volume);
    return selectors.stream()
        .anyMatch(selector -> selector.matches(host, pools, volume.name(), volume.tags()));
  }

  static SortedSet<String> uuids(Collection<Volume> volumes) {
    var uuids = new TreeSet<String>();
    volumes.forEach(volume -> uuids.add(volume.uuid()));
    return uuids;
  }

  /// The facts of all snapshots that are not in the trash.
  ///
  /// @param inspected the uuids of those that a verification is looking into
  public static List<SnapshotFacts> snapshots(Inventory inventory, Set<String> inspected) {
    return snapshotVolumes(inventory)
        .map(volume -> facts(volume, inspected.contains(volume.uuid())))
        .toList();
  }

  static Stream<Volume> snapshotVolumes(Inventory inventory) {
    return inventory.volumes().stream()
        .filter(volume ->
            volume.isSnapshot()
                && !TrashTags.isTrashed(volume.tags())
                && !volume.tags().contains(VERIFY));
  }

  /// What nothing can be done with belongs to a merge, or to a group that takes no changes.
  static SnapshotFacts facts(Volume snapshot, boolean inspected) {
    return SnapshotTags.read(snapshot, snapshot.capabilities().isEmpty(), inspected);
  }

  /// How full what the volume's snapshots draw from is.
  static Usage room(Inventory inventory, Volume volume) {
    return inventory.pool(volume.pool()).map(Pool::data).orElse(new Usage(0, 0));
  }
}
