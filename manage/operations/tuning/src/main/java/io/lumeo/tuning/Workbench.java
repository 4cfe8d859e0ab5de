package io.lumeo.tuning;

import io.lumeo.commands.Command;
import io.lumeo.lvm.HostCommands;
import io.lumeo.lvm.LvmCommand;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageFailure.OutOfSpace;
import io.lumeo.storage.StorageFailure.Partial;
import io.lumeo.storage.StorageFailure.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// A group in which scratch volumes are made and from which all of them are gone when it is closed,
/// also after a failure. What a killed process leaves is found by its tag at the next start.
///
/// Used by one thread.
final class Workbench implements AutoCloseable {
  private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9+_.][A-Za-z0-9+_.-]*");
  private static final String OWN_GROUP = "lumeo_tune";

  /// `blkid` found nothing on a device.
  private static final int NOTHING_FOUND = 2;

  /// What is left free in a group that is there.
  private static final int RESERVE_PERCENT = 5;

  private final HostCommands host;
  private final String group;
  private final List<String> devices;
  private final Optional<String> fast;

  /// What is certainly there: made, and not removed yet.
  private final Set<String> there = new LinkedHashSet<>();

  private int named;

  private Workbench(HostCommands host, String group, List<String> devices, Optional<String> fast) {
    this.host = host;
    this.group = group;
    this.devices = devices;
    this.fast = fast;
  }

  /// Makes ready to work, if whoever is asked agrees.
  ///
  /// @param neededBytes what the study takes at most at one time
  /// @throws Refused if a device is not empty
  static Workbench open(HostCommands host, Place place, long neededBytes, Consent consent)
      throws StorageFailure {
    return switch (place) {
      case Place.Group(var name) -> in(host, name, neededBytes, consent);
      case Place.Devices(var paths, var fast) -> on(host, paths, fast, neededBytes, consent);
    };
  }

  // --- in a group that is there

  private static Workbench in(HostCommands host, String name, long neededBytes, Consent consent)
      throws StorageFailure {
    if (!GROUP.matcher(name).matches()) {
      throw new Refused("'%s' is not the name of a group".formatted(name));
    }
    var words =
        host.expectSuccess(
                lvm("vgs", "--noheadings", "--separator", "\t", "-o", "vg_size,vg_free", name))
            .strip()
            .split("\t", -1);
    if (words.length != 2 || !Arrays.stream(words).allMatch(word -> word.matches("[0-9]{1,18}"))) {
      throw new StorageFailure.CommandFailed(
          "LVM does not say how large group %s on %s is".formatted(name, host.host()));
    }
    checkRoom(name, Long.parseLong(words[0]), Long.parseLong(words[1]), neededBytes);
    ask(
        consent,
        "make scratch volumes of up to %s in group %s on %s and write to them as fast as they go"
            .formatted(Words.bytes(neededBytes), name, host.host()));
    return new Workbench(host, name, Devices.of(host, name), Optional.empty());
  }

  private static void checkRoom(String name, long size, long free, long needed) throws OutOfSpace {
    long usable = free - size / 100 * RESERVE_PERCENT;
    if (needed > usable) {
      throw new OutOfSpace(
          "the study needs %s and group %s has %s free, of which %d %% of the group stay free; measure less, or give it devices"
              .formatted(Words.bytes(needed), name, Words.bytes(free), RESERVE_PERCENT),
          needed - usable);
    }
  }

  // --- on devices of its own

  private static Workbench on(
      HostCommands host,
      List<String> paths,
      Optional<String> fast,
      long neededBytes,
      Consent consent)
      throws StorageFailure {
    var all = new ArrayList<>(paths);
    fast.ifPresent(all::add);
    for (var device : all) {
      checkEmpty(host, device);
    }
    ask(
        consent,
        "use %s on %s for scratch volumes; what is on %s is lost"
            .formatted(String.join(", ", all), host.host(), all.size() == 1 ? "it" : "them"));
    var create = new ArrayList<>(List.of("-y", "--addtag", Leftover.TAG, OWN_GROUP));
    create.addAll(all);
    host.expectSuccess(Command.of(LvmCommand.of("vgcreate", create)));
    var bench = new Workbench(host, OWN_GROUP, List.copyOf(paths), fast);
    bench.there.add(OWN_GROUP);
    try {
      bench.checkRoomOnDevices(neededBytes);
      return bench;
    } catch (StorageFailure failure) {
      bench.closeAfter(failure);
      throw failure;
    }
  }

  private void checkRoomOnDevices(long neededBytes) throws StorageFailure {
    var free = host.expectSuccess(lvm("vgs", "--noheadings", "-o", "vg_free", group)).strip();
    long usable = free.matches("[0-9]{1,18}") ? Long.parseLong(free) : 0;
    if (neededBytes > usable) {
      throw new OutOfSpace(
          "the study needs %s and the devices have %s; measure less, or give it more devices"
              .formatted(Words.bytes(neededBytes), Words.bytes(usable)),
          neededBytes - usable);
    }
  }

  private void closeAfter(StorageFailure failure) {
    try {
      close();
    } catch (StorageFailure left) {
      failure.addSuppressed(left);
    }
  }

  /// A device on which a probe finds nothing at all: no file system, no table, no volume of LVM's.
  private static void checkEmpty(HostCommands host, String device) throws StorageFailure {
    Devices.check(device);
    if (!host.run(Command.of("test", "-b", device)).succeeded()) {
      throw new StorageFailure.NotFound(
          "there is no block device %s on %s; `lsblk` lists those there are"
              .formatted(device, host.host()));
    }
    var probe = host.run(Command.of("blkid", "-p", "-o", "export", "--", device));
    if (probe.exit() != NOTHING_FOUND) {
      throw new Refused(
          "%s on %s is not empty: %s; if nobody needs that, `wipefs --all %s` first"
              .formatted(device, host.host(), probe.stdout().strip().replace('\n', ' '), device));
    }
  }

  private static void ask(Consent consent, String what) throws StorageFailure {
    if (!consent.isGiven(what)) {
      throw new StorageFailure.Cancelled("nobody agreed to " + what + "; nothing was touched");
    }
  }

  // --- what is made

  /// How many devices there are for data.
  int deviceCount() {
    return devices.size();
  }

  /// Whether there is a faster device for metadata.
  boolean hasFastDevice() {
    return fast.isPresent();
  }

  Scratch linear(long bytes) throws StorageFailure {
    return create("linear", List.of("--type", "linear", "-L", size(bytes)), devices);
  }

  /// Across all devices.
  Scratch striped(long bytes) throws StorageFailure {
    return create(
        "striped",
        List.of("--type", "striped", "-i", Integer.toString(devices.size()), "-L", size(bytes)),
        devices);
  }

  /// On two devices, both with all of it. What they hold now is not made the same first: nobody
  /// reads what was not written.
  Scratch mirrored(long bytes) throws StorageFailure {
    return create(
        "mirrored", List.of("--type", "raid1", "-m", "1", "--nosync", "-L", size(bytes)), devices);
  }

  /// @param metadataBytes at least 2 MiB
  Scratch pool(long bytes, long chunkBytes, long metadataBytes) throws StorageFailure {
    return create(
        "pool",
        List.of(
            "--type",
            "thin-pool",
            "-L",
            size(bytes),
            "-c",
            chunkBytes / 1024 + "k",
            "--poolmetadatasize",
            size(metadataBytes)),
        devices);
  }

  /// The same with its metadata on the fast device.
  Scratch poolWithFastMetadata(long bytes, long chunkBytes, long metadataBytes)
      throws StorageFailure {
    var metadata =
        create(
            "meta",
            List.of("--type", "linear", "-L", size(metadataBytes)),
            List.of(fast.orElseThrow()));
    var data = create("pool", List.of("--type", "linear", "-L", size(bytes)), devices);
    host.expectSuccess(
        lvm(
            "lvconvert",
            "-y",
            "--type",
            "thin-pool",
            "-c",
            chunkBytes / 1024 + "k",
            "--poolmetadata",
            metadata.fullName(),
            data.fullName()));
    there.remove(metadata.fullName());
    // The conversion leaves the tag behind on a hidden part.
    host.expectSuccess(lvm("lvchange", "--addtag", Leftover.TAG, data.fullName()));
    return data;
  }

  Scratch thin(Scratch pool, long bytes) throws StorageFailure {
    return create(
        "thin", List.of("--type", "thin", "-V", size(bytes), "--thinpool", pool.name()), List.of());
  }

  Scratch thinSnapshot(Scratch of) throws StorageFailure {
    var snapshot = next("snap");
    host.expectSuccess(
        lvm(
            "lvcreate",
            "-y",
            "-s",
            "-kn",
            "-n",
            snapshot.name(),
            "--addtag",
            Leftover.TAG,
            of.fullName()));
    return made(snapshot);
  }

  Scratch classicSnapshot(Scratch of, long storeBytes) throws StorageFailure {
    var snapshot = next("cow");
    host.expectSuccess(
        lvm(
            "lvcreate",
            "-y",
            "-s",
            "-L",
            size(storeBytes),
            "-n",
            snapshot.name(),
            "--addtag",
            Leftover.TAG,
            of.fullName()));
    return made(snapshot);
  }

  private Scratch create(String what, List<String> arguments, List<String> where)
      throws StorageFailure {
    var scratch = next(what);
    var all = new ArrayList<>(List.of("-y", "-n", scratch.name(), "--addtag", Leftover.TAG));
    all.addAll(arguments);
    all.add(group);
    all.addAll(where);
    host.expectSuccess(Command.of(LvmCommand.of("lvcreate", all)));
    return made(scratch);
  }

  private Scratch made(Scratch scratch) {
    there.add(scratch.fullName());
    return scratch;
  }

  private Scratch next(String what) {
    named++;
    return new Scratch(group, "lumeo_tune_%s%d".formatted(what, named));
  }

  /// LVM rounds it up to whole extents.
  private static String size(long bytes) {
    return Math.ceilDiv(bytes, 1024) + "k";
  }

  private static Command lvm(String command, String... arguments) {
    return Command.of(LvmCommand.of(command, arguments));
  }

  // --- what is removed

  /// Removes all that was made and is there; the group stays.
  void clear() throws StorageFailure {
    removeAll(kind -> kind != Leftover.Kind.GROUP);
  }

  @Override
  public void close() throws StorageFailure {
    boolean interrupted = Thread.interrupted();
    try {
      removeAll(_ -> true);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void removeAll(Predicate<Leftover.Kind> wanted) throws StorageFailure {
    var failures = new ArrayList<StorageFailure>();
    for (var leftover : ours()) {
      if (wanted.test(leftover.kind())) {
        try {
          leftover.remove(host);
          there.remove(leftover.name());
        } catch (StorageFailure failure) {
          failures.add(failure);
        }
      }
    }
    if (!failures.isEmpty()) {
      throw new Partial(
          "scratch volumes in group %s on %s could not be removed: %s; `lvs -S 'lv_tags={\"%s\"}'` shows them, and the next study removes them"
              .formatted(group, host.host(), failures.getFirst().getMessage(), Leftover.TAG),
          failures.getFirst());
    }
  }

  /// We know what the group was made of; LVM's word is for those who do not.
  private Leftover withItsDevices(Leftover leftover) {
    if (leftover.kind() != Leftover.Kind.GROUP) {
      return leftover;
    }
    var all = new ArrayList<>(devices);
    fast.ifPresent(all::add);
    return new Leftover(leftover.kind(), leftover.uuid(), leftover.name(), all);
  }

  /// What LVM lists of ours. An answer that lacks what was made is no answer: it must not pass for
  /// nothing being left.
  private List<Leftover> ours() throws StorageFailure {
    var found =
        Leftover.find(host).stream()
            .filter(leftover ->
                leftover.name().equals(group) || leftover.name().startsWith(group + "/"))
            .map(this::withItsDevices)
            .toList();
    var missing = new LinkedHashSet<>(there);
    found.forEach(leftover -> missing.remove(leftover.name()));
    if (!missing.isEmpty()) {
      throw new StorageFailure.CommandFailed(
          "LVM on %s does not list %s, which a study made there; look for volumes with the tag %s"
              .formatted(host.host(), String.join(", ", missing), Leftover.TAG));
    }
    return found;
  }
}
