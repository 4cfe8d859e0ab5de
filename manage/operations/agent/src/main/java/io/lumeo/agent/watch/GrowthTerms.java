package io.lumeo.agent.watch;

import io.lumeo.agent.Foresight;
import io.lumeo.agent.runs.GrowthItem;
import io.lumeo.configuration.GrowthSettings;
import io.lumeo.forecasts.ExtensionRoom;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the growth rules mean for a pool, to those who only look ahead. Pure.
///
/// @param growth the first that matches holds
record GrowthTerms(List<GrowthSettings> growth) {

  /// The rule that holds for a pool's data.
  Optional<GrowthSettings> of(Inventory inventory, Pool pool) {
    var name = Names.of(inventory, pool);
    return growth.stream()
        .filter(rule -> rule.host().matches(inventory.system()))
        .filter(
            rule -> rule.target() instanceof GrowthSettings.Pools(var glob) && glob.matches(name))
        .findFirst();
  }

  /// The size that a pool reaches if nobody interferes: its own, when nothing extends it.
  long reachableBytes(Inventory inventory, Pool pool) {
    var size = pool.data().sizeBytes();
    var rule = of(inventory, pool);
    var managed = rule.filter(any -> any.mode() == GrowthSettings.Mode.MANAGED).isPresent();
    var itself = pool.selfExtension();
    if (!managed && (itself == null || !itself.watched())) {
      return size;
    }
    var cap =
        managed
            ? rule.flatMap(GrowthSettings::maximumBytes).orElse(null)
            : itself == null ? null : itself.maximumBytes();
    var group = group(inventory, pool);
    if (group == null) {
      // What its files lie on is not known: without a cap nothing can be promised.
      return cap == null ? size : Math.max(size, cap);
    }
    var reserve =
        managed ? rule.map(any -> any.reserve().of(group.data().sizeBytes())).orElse(0L) : 0L;
    return new ExtensionRoom(size, group.data().freeBytes(), reserve, cap).reachableBytes();
  }

  /// What has to be free in each group, by its uuid, for the largest next step that Lumeo makes in
  /// it; what is left alone in it is part of that.
  Map<String, Long> roomForNextSteps(Inventory inventory) {
    var rooms = new HashMap<String, Long>();
    for (var item : GrowthItem.of(inventory.system(), inventory, growth, Foresight.none())) {
      if (item.roomForNextStep() > 0) {
        rooms.merge(item.group(), item.roomForNextStep(), Math::max);
      }
    }
    return rooms;
  }

  static @Nullable Pool group(Inventory inventory, Pool pool) {
    var parent = pool.parent();
    return parent == null ? null : inventory.pool(parent).orElse(null);
  }
}
