package io.lumeo.agent.watch;

import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What pools and volumes are called: by people, in selectors and in labels.
final class Names {
  private Names() {}

  /// The names of the pool that a volume draws from, and of those that one draws from in turn.
  static List<String> pools(Inventory inventory, Volume volume) {
    var names = new ArrayList<String>();
    for (var pool = inventory.pool(volume.pool()); pool.isPresent(); ) {
      names.add(pool.get().name());
      var parent = pool.get().parent();
      pool = parent == null ? java.util.Optional.empty() : inventory.pool(parent);
    }
    return names;
  }

  /// `vg0/thin`, or the name alone of what draws from nothing.
  static String of(Inventory inventory, Pool pool) {
    var group = group(inventory, pool);
    return group.isEmpty() ? pool.name() : group + "/" + pool.name();
  }

  /// `vg0/data`: the outermost pool and the volume, as LVM and people name it.
  static String of(Inventory inventory, Volume volume) {
    var pools = pools(inventory, volume);
    return pools.isEmpty() ? volume.name() : pools.getLast() + "/" + volume.name();
  }

  private static String group(Inventory inventory, Pool pool) {
    var parent = pool.parent();
    return parent == null ? "" : inventory.pool(parent).map(Pool::name).orElse("");
  }

  /// The labels `host`, `vg` and `pool` of a pool.
  static SortedMap<String, String> labels(Inventory inventory, Pool pool) {
    var labels = new TreeMap<String, String>();
    labels.put("host", inventory.system());
    labels.put("vg", group(inventory, pool));
    labels.put("pool", pool.name());
    return labels;
  }

  /// The labels `host`, `vg`, `pool` and `lv` of a volume.
  static SortedMap<String, String> labels(Inventory inventory, Volume volume) {
    var labels = new TreeMap<String, String>();
    labels.put("host", inventory.system());
    labels.put("vg", "");
    labels.put("pool", "");
    inventory
        .pool(volume.pool())
        .ifPresent(pool -> {
          if (pool.kind() == Pool.Kind.VOLUME_GROUP) {
            labels.put("vg", pool.name());
          } else {
            labels.putAll(labels(inventory, pool));
          }
        });
    labels.put("lv", volume.name());
    return labels;
  }
}
