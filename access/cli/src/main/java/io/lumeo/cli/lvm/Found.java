package io.lumeo.cli.lvm;

import io.lumeo.cli.Printer;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// What a host has, found by the names that people give: `GROUP/NAME`, `/dev/GROUP/NAME`, or a
/// uuid. A name that two things have is refused: it takes their uuid to tell them apart.
record Found(Inventory inventory) {
  private static final String DEVICES = "/dev/";

  /// The volume or snapshot of that name.
  Volume volume(String name) throws StorageFailure {
    var wanted = bare(name);
    return one(
        inventory.volumes().stream().filter(volume -> isCalled(volume, wanted)).toList(),
        "volume",
        name,
        Volume::uuid);
  }

  private boolean isCalled(Volume volume, String name) {
    return volume.uuid().equals(name) || fullName(volume).equals(name);
  }

  /// The snapshot of that name.
  Volume snapshot(String name) throws StorageFailure {
    var volume = volume(name);
    if (!volume.isSnapshot()) {
      throw new StorageFailure.NotFound("%s is no snapshot".formatted(fullName(volume)));
    }
    return volume;
  }

  /// What a snapshot was taken of.
  Volume origin(Volume snapshot) throws StorageFailure {
    return inventory.volumes().stream()
        .filter(volume -> volume.uuid().equals(snapshot.origin()))
        .findFirst()
        .orElseThrow(() ->
            new StorageFailure.NotFound(
                "what %s was taken of is no longer there".formatted(fullName(snapshot))));
  }

  /// The volume group of that name.
  Pool group(String name) throws StorageFailure {
    return pool(name, "volume group", pool -> pool.kind() == Pool.Kind.VOLUME_GROUP);
  }

  /// The thin pool of that name.
  Pool thinPool(String name) throws StorageFailure {
    return pool(name, "thin pool", pool -> pool.kind() == Pool.Kind.THIN_POOL);
  }

  /// What a new volume can be made in: a volume group or a thin pool.
  Pool home(String name) throws StorageFailure {
    return pool(name, "volume group or thin pool", _ -> true);
  }

  private Pool pool(String name, String kind, Predicate<Pool> wanted) throws StorageFailure {
    var plain = bare(name);
    return one(
        inventory.pools().stream()
            .filter(wanted)
            .filter(pool -> pool.uuid().equals(plain) || fullName(pool).equals(plain))
            .toList(),
        kind,
        name,
        Pool::uuid);
  }

  private static String bare(String name) {
    return name.startsWith(DEVICES) ? name.substring(DEVICES.length()) : name;
  }

  private <T> T one(List<T> found, String kind, String name, Function<T, String> uuid)
      throws StorageFailure {
    if (found.isEmpty()) {
      throw new StorageFailure.NotFound(
          "there is no %s %s on %s; see 'lumeo host show'"
              .formatted(kind, Printer.oneLine(name), inventory.system()));
    }
    if (found.size() > 1) {
      throw new StorageFailure.Refused(
          "%d things are called %s; name the one you mean by its uuid: %s"
              .formatted(
                  found.size(),
                  Printer.oneLine(name),
                  String.join(", ", found.stream().map(uuid).toList())));
    }
    return found.getFirst();
  }

  /// `GROUP/NAME`.
  String fullName(Volume volume) {
    return groupName(volume.pool()).map(group -> group + "/").orElse("") + volume.name();
  }

  /// `GROUP/NAME` of a thin pool, the bare name of a group.
  String fullName(Pool pool) {
    return pool.parent() == null
        ? pool.name()
        : groupName(pool.parent()).map(group -> group + "/").orElse("") + pool.name();
  }

  /// The name of the volume group that a pool is or lies in.
  private Optional<String> groupName(String uuid) {
    var pool = byUuid(uuid);
    if (pool.isPresent() && pool.get().parent() != null) {
      pool = byUuid(pool.get().parent());
    }
    return pool.map(Pool::name);
  }

  /// The pool of that uuid.
  Optional<Pool> byUuid(String uuid) {
    return inventory.pools().stream().filter(pool -> pool.uuid().equals(uuid)).findFirst();
  }
}
