package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static io.lumeo.thin.ScenarioPool.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Cuts the power at every operation on metadata, data and catalogue together, under random
/// histories of what is done to named volumes: each change is found whole or not at all, and once
/// it was answered it is found.
class VolumesCrashTest {
  private static final int MAX_BLOCKS = 8;
  private static final int DATA_BLOCKS = 200;
  private static final int STEPS = 60;
  private static final int MANY = 10;
  private static final int CRASHES_AT_EACH = 3;

  /// Names are short, so this many changes of tags make the catalogue be written anew soon.
  private static final int HISTORY = 240;

  /// A volume as it is found: what is in the first bytes of each block that it could have, beyond
  /// its size when it is made larger.
  private record Found(
      Volume.Kind kind,
      int blocks,
      @Nullable String origin,
      Set<String> tags,
      List<Integer> bytes) {

    Found withBlocks(int count) {
      return new Found(kind, count, origin, tags, bytes);
    }

    Found withTags(Set<String> other) {
      return new Found(kind, blocks, origin, other, bytes);
    }

    Found withOrigin(String other) {
      return new Found(kind, blocks, other, tags, bytes);
    }

    Found withBytes(List<Integer> other) {
      return new Found(kind, blocks, origin, tags, other);
    }

    /// With nothing from that block on.
    Found cutAt(int count) {
      var left = new ArrayList<>(bytes);
      Collections.fill(left.subList(count, MAX_BLOCKS), 0);
      return withBytes(List.copyOf(left));
    }

    Found with(int block, int value) {
      var changed = new ArrayList<>(bytes);
      changed.set(block, value);
      return withBytes(List.copyOf(changed));
    }
  }

  @SeededTest(seeds = 6)
  void everyChangeIsWholeOrNotAtAllAndOnceAnsweredItIsThere(Random random) throws IOException {
    new History(random).run();
  }

  private static final class History {
    private final Random random;
    private final CrashingDisk metadata = new CrashingDisk(1 << 20);
    private final CrashingDisk data = new CrashingDisk((long) DATA_BLOCKS * BLOCK);
    private final CrashingFolder folder = new CrashingFolder();
    private final List<String> log = new ArrayList<>();

    /// What the volumes are, and what may be found of them after a crash now.
    private Map<String, Found> now = new TreeMap<>();

    private Set<Map<String, Found>> possible = new HashSet<>();
    private int nextName;
    private int nextValue = 1;
    private int crashes;

    History(Random random) {
      this.random = random;
    }

    void run() throws IOException {
      Pool.format(metadata, data, BLOCK);
      var files = files(folder);
      try (var catalogue = Catalogue.open(files.catalogue())) {
        catalogue.begin(PoolOptions.DEFAULT, Instant.EPOCH);
      }
      try (var volumes = open(folder, metadata, data)) {
        settle(now);
        create(volumes);
        var first = now.keySet().iterator().next();
        for (int i = 0; i < HISTORY; i++) {
          volumes.setTags(first, Set.of());
        }
        inject((operation, _, _) -> {
          for (int i = 0; operation != Fault.Operation.READ && i < CRASHES_AT_EACH; i++) {
            crash();
          }
        });
        for (int step = 0; step < STEPS; step++) {
          step(volumes);
        }
        inject(Fault.NONE);
      }
      assertThat(crashes).as("crashes").isGreaterThan(500);
      assertThat(look(folder, metadata.copy(), data.copy())).isEqualTo(now);
    }

    private void inject(Fault fault) {
      metadata.inject(fault);
      data.inject(fault);
      folder.inject(fault);
    }

    private static PoolFiles files(CrashingFolder folder) {
      return PoolFiles.of(Path.of("pool.meta"), Path.of("pool.data"))
          .withCatalogue(new CrashingFileSystem(folder).path("pool.catalogue"));
    }

    private static Volumes open(CrashingFolder folder, CrashingDisk metadata, CrashingDisk data)
        throws IOException {
      return Volumes.open(files(folder), metadata, data, null, new SimulatedPoolClock());
    }

    private void crash() {
      crashes++;
      var chance = new Random(random.nextLong());
      try {
        var found = look(folder.crash(chance), metadata.crash(chance), data.crash(chance));
        if (!possible.contains(found)) {
          throw new AssertionError("%s is found, possible are %s".formatted(found, possible));
        }
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError(e.getMessage() + "\n" + String.join("\n", log), e);
      }
    }

    /// What is found of every volume, by a Lumeo that makes each as large as it can be.
    private static Map<String, Found> look(
        CrashingFolder folder, CrashingDisk metadata, CrashingDisk data) throws IOException {
      var found = new TreeMap<String, Found>();
      try (var volumes = open(folder, metadata, data)) {
        for (var volume : volumes.list()) {
          int blocks = (int) (volume.sizeBytes() / BLOCK);
          if (!volume.isSnapshot()) {
            volumes.resize(volume.name(), (long) MAX_BLOCKS * BLOCK);
          }
          found.put(
              volume.name(),
              new Found(
                  volume.kind(),
                  blocks,
                  volume.origin(),
                  Set.copyOf(volume.tags()),
                  firstBytes(volumes, volume.name())));
        }
      }
      ScenarioPool.checkSound(metadata.copy());
      return found;
    }

    private static List<Integer> firstBytes(Volumes volumes, String name) throws IOException {
      var values = new ArrayList<Integer>(Collections.nCopies(MAX_BLOCKS, 0));
      try (var device = volumes.open(name)) {
        var first = MemorySegment.ofArray(new byte[1]);
        for (int block = 0; block < device.sizeBytes() / BLOCK; block++) {
          device.read((long) block * BLOCK, first);
          values.set(block, (int) first.get(ValueLayout.JAVA_BYTE, 0));
        }
      }
      return List.copyOf(values);
    }

    // What is done, and what may be found meanwhile

    private void step(Volumes volumes) throws IOException {
      int dice = random.nextInt(100);
      if (now.size() < 3 || all(false).isEmpty() || (dice < 8 && now.size() < MANY)) {
        create(volumes);
      } else if (dice < 35) {
        write(volumes, any(false));
      } else if (dice < 48) {
        snapshot(volumes);
      } else if (dice < 53) {
        cloneOf(volumes, any(true));
      } else if (dice < 65) {
        rename(volumes, any(true));
      } else if (dice < 72) {
        delete(volumes, any(true));
      } else if (dice < 80) {
        rollBack(volumes);
      } else if (dice < 95) {
        resize(volumes, any(false));
      } else {
        tag(volumes, any(true));
      }
    }

    private String any(boolean snapshotsToo) {
      var names = all(snapshotsToo);
      return names.get(random.nextInt(names.size()));
    }

    private List<String> all(boolean snapshotsToo) {
      return now.entrySet().stream()
          .filter(entry -> snapshotsToo || entry.getValue().kind() != Volume.Kind.SNAPSHOT)
          .map(Map.Entry::getKey)
          .toList();
    }

    private String newName() {
      return "v" + nextName++;
    }

    private interface Work {
      void run() throws IOException;
    }

    /// Does what leads from what is now to `after`, by way of nothing or of what is in `between`.
    private void change(
        String what, Map<String, Found> after, List<Map<String, Found>> between, Work work)
        throws IOException {
      log.add(what);
      possible = new HashSet<>(between);
      possible.add(now);
      possible.add(after);
      work.run();
      settle(after);
    }

    private void settle(Map<String, Found> found) {
      now = Collections.unmodifiableMap(new TreeMap<>(found));
      possible = Set.of(now);
    }

    private Map<String, Found> nowWith(String name, Found found) {
      var changed = new TreeMap<>(now);
      changed.put(name, found);
      return changed;
    }

    private void create(Volumes volumes) throws IOException {
      var name = newName();
      int blocks = 1 + random.nextInt(MAX_BLOCKS);
      var found =
          new Found(
              Volume.Kind.VOLUME,
              blocks,
              null,
              Set.of(),
              List.copyOf(Collections.nCopies(MAX_BLOCKS, 0)));
      change(
          "create %s of %d".formatted(name, blocks),
          nowWith(name, found),
          List.of(),
          () -> volumes.createVolume(name, (long) blocks * BLOCK, Set.of(), null, null));
    }

    private void write(Volumes volumes, String name) throws IOException {
      var before = now.get(name);
      int block = random.nextInt(before.blocks());
      int value = 1 + nextValue++ % 100;
      change(
          "write %d to block %d of %s".formatted(value, block, name),
          nowWith(name, before.with(block, value)),
          List.of(),
          () -> {
            try (var device = volumes.open(name)) {
              device.write((long) block * BLOCK, bytes(value, 512));
              device.flush();
            }
          });
    }

    private void snapshot(Volumes volumes) throws IOException {
      if (now.size() >= MANY) {
        return;
      }
      var after = new TreeMap<>(now);
      var requests = new ArrayList<Volumes.SnapshotRequest>();
      for (int i = 0; i <= random.nextInt(3); i++) {
        var name = newName();
        var origin = any(true);
        var from = now.get(origin);
        requests.add(new Volumes.SnapshotRequest(name, origin, Set.of("kept")));
        after.put(
            name,
            new Found(Volume.Kind.SNAPSHOT, from.blocks(), origin, Set.of("kept"), from.bytes()));
      }
      change("snapshots " + requests, after, List.of(), () -> volumes.createSnapshots(requests));
    }

    private void cloneOf(Volumes volumes, String origin) throws IOException {
      if (now.size() >= MANY) {
        return;
      }
      var name = newName();
      var from = now.get(origin);
      change(
          "clone %s of %s".formatted(name, origin),
          nowWith(
              name, new Found(Volume.Kind.CLONE, from.blocks(), origin, Set.of(), from.bytes())),
          List.of(),
          () -> volumes.createClone(name, origin, Set.of()));
    }

    private void rename(Volumes volumes, String name) throws IOException {
      var newName = newName();
      var after = new TreeMap<String, Found>();
      now.forEach((known, found) ->
          after.put(
              known.equals(name) ? newName : known,
              name.equals(found.origin()) ? found.withOrigin(newName) : found));
      change(
          "rename %s to %s".formatted(name, newName),
          after,
          List.of(),
          () -> volumes.rename(name, newName));
    }

    private void delete(Volumes volumes, String name) throws IOException {
      var after = new TreeMap<>(now);
      after.remove(name);
      change("delete " + name, after, List.of(), () -> volumes.delete(name, Progress.NONE));
    }

    /// Whenever the power is cut, the volume is at least as large as what is in it.
    private void rollBack(Volumes volumes) throws IOException {
      var name = any(false);
      var snapshot = any(true);
      if (name.equals(snapshot)) {
        return;
      }
      var before = now.get(name);
      var from = now.get(snapshot);
      var after = before.withBlocks(from.blocks()).withBytes(from.bytes());
      int larger = Math.max(before.blocks(), after.blocks());
      change(
          "roll back %s to %s".formatted(name, snapshot),
          nowWith(name, after),
          List.of(
              nowWith(name, before.withBlocks(larger)), nowWith(name, after.withBlocks(larger))),
          () -> volumes.rollback(name, snapshot));
    }

    /// What is cut off may be gone before the volume is smaller.
    private void resize(Volumes volumes, String name) throws IOException {
      var before = now.get(name);
      int blocks = 1 + random.nextInt(MAX_BLOCKS);
      var cut = before.cutAt(Math.min(blocks, before.blocks()));
      change(
          "resize %s to %d".formatted(name, blocks),
          nowWith(name, cut.withBlocks(blocks)),
          List.of(nowWith(name, cut)),
          () -> volumes.resize(name, (long) blocks * BLOCK));
    }

    private void tag(Volumes volumes, String name) throws IOException {
      var tags = Set.of("t" + random.nextInt(100));
      change(
          "tag %s %s".formatted(name, tags),
          nowWith(name, now.get(name).withTags(tags)),
          List.of(),
          () -> volumes.setTags(name, tags));
    }
  }
}
