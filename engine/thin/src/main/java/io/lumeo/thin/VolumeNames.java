package io.lumeo.thin;

import io.lumeo.block.StorageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Which thin device has which name, and which ids are free. Every device of the pool has a name
/// here. Not thread-safe: [Volumes] holds its lock.
final class VolumeNames {
  private final Map<String, ThinId> ids = new HashMap<>();
  private final NavigableMap<ThinId, String> names = new TreeMap<>();
  private int nextId;

  void bind(String name, ThinId id) {
    ids.put(name, id);
    names.put(id, name);
  }

  void unbind(ThinId id) {
    var name = names.remove(id);
    if (name != null) {
      ids.remove(name);
    }
  }

  boolean contains(String name) {
    return ids.containsKey(name);
  }

  boolean contains(ThinId id) {
    return names.containsKey(id);
  }

  ThinId id(String name) throws StorageException {
    var id = ids.get(name);
    if (id == null) {
      throw new StorageException.NotFound(
          "there is no volume or snapshot '%s'; 'lumeo volume list' shows what there is"
              .formatted(VolumeRules.printable(name)));
    }
    return id;
  }

  @Nullable String name(ThinId id) {
    return names.get(id);
  }

  /// All ids, ascending.
  Set<ThinId> ids() {
    return names.keySet();
  }

  void forEach(BiConsumer<String, ThinId> visitor) {
    ids.forEach(visitor);
  }

  /// An id is in use, or was.
  void used(ThinId id) {
    nextId = Math.max(nextId, id.value() + 1);
  }

  /// Ids that are free: the next ones never used, or, when those are used up, the lowest free ones.
  List<ThinId> newIds(int count) throws StorageException {
    var free = new ArrayList<ThinId>(count);
    while (free.size() < count && nextId <= ThinId.MAX) {
      free.add(new ThinId(nextId++));
    }
    for (int value = 0; free.size() < count && value <= ThinId.MAX; value++) {
      var id = new ThinId(value);
      if (!names.containsKey(id) && !free.contains(id)) {
        free.add(id);
      }
    }
    if (free.size() < count) {
      throw new StorageException.OutOfSpace(
          "the pool has %d devices and no ids for %d more; delete some"
              .formatted(names.size(), count));
    }
    return free;
  }
}
