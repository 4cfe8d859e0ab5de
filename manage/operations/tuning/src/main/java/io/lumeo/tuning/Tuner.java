package io.lumeo.tuning;

import io.lumeo.commands.Commands;
import io.lumeo.forecasts.TuningResult;
import io.lumeo.forecasts.TuningResults;
import io.lumeo.lvm.HostCommands;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Measures what storage on one host is good for: makes scratch volumes, has fio write to them, and
/// removes them again, whatever happens. What was measured is kept in the baseline database.
///
/// One study at a time on a host: two would measure each other. Used by one thread; a [Progress]
/// that says so stops a study after the measurement that is under way.
public final class Tuner {
  private static final String CHUNK_SIZE = "chunk-size";
  private static final String SNAPSHOT_COST = "snapshot-cost";
  private static final String LAYOUT = "layout";

  /// A random workload writes this share of its region, so that it ends on slow disks too.
  private static final int RANDOM_SHARE = 16;

  private static final long LEAST_METADATA_BYTES = 4 << 20;

  /// What LVM plans per chunk of a pool.
  private static final int METADATA_BYTES_PER_CHUNK = 64;

  /// For rounding to extents.
  private static final long SLACK_BYTES = 32 << 20;

  private final HostCommands host;
  private final Fio fio;
  private final TuningResults baseline;
  private final InstantSource clock;
  private final Consent consent;
  private final Progress progress;

  /// @param commands of the host, with root's rights
  /// @param baseline where results are kept
  public Tuner(
      Commands commands,
      TuningResults baseline,
      InstantSource clock,
      Consent consent,
      Progress progress) {
    this.host = new HostCommands(commands);
    this.fio = new Fio(host);
    this.baseline = baseline;
    this.clock = clock;
    this.consent = consent;
    this.progress = progress;
  }

  // --- what a killed study left

  /// What studies have left on the host, by name: scratch volumes, pools and groups.
  public List<String> leftovers() throws StorageFailure {
    return Leftover.find(host).stream().map(Leftover::name).toList();
  }

  /// Removes it; refused by LVM for what is in use.
  public void removeLeftovers() throws StorageFailure {
    for (var leftover : Leftover.find(host)) {
      leftover.remove(host);
    }
  }

  private void begin() throws StorageFailure {
    fio.check();
    var left = leftovers();
    if (left.isEmpty()) {
      return;
    }
    var what =
        "remove what an earlier study left on %s: %s"
            .formatted(host.host(), String.join(", ", left));
    if (!consent.isGiven(what)) {
      throw new StorageFailure.Busy(
          "an earlier study has left %s on %s, or is still running; let them be removed first"
              .formatted(String.join(", ", left), host.host()));
    }
    removeLeftovers();
  }

  private Study end(Measuring measuring, String kind, Advice advice) {
    var results = measuring.results(host.host(), clock.instant());
    baseline.add(results);
    return new Study(kind, results, advice.of(results));
  }

  @FunctionalInterface
  private interface Advice {
    List<Recommendation> of(List<TuningResult> results);
  }

  private static SortedMap<String, String> parameters(String name, String value) {
    var parameters = new TreeMap<String, String>();
    parameters.put(name, value);
    return parameters;
  }

  /// Each round begins with another candidate, so that none always has the coldest disk.
  private static <T> List<T> rotated(List<T> candidates, int round) {
    var rotated = new ArrayList<>(candidates.subList(round % candidates.size(), candidates.size()));
    rotated.addAll(candidates.subList(0, round % candidates.size()));
    return rotated;
  }

  private static long metadataBytes(long poolBytes, long chunkBytes) {
    return Math.max(LEAST_METADATA_BYTES, poolBytes / chunkBytes * METADATA_BYTES_PER_CHUNK);
  }

  // --- which chunks

  /// Compares thin pools with chunks of different sizes.
  ///
  /// @param chunkBytes the candidates: multiples of 64 KiB up to 1 GiB
  /// @throws StorageFailure.Refused if a device is not empty
  /// @throws StorageFailure.OutOfSpace if there is not enough room
  /// @throws StorageFailure.Cancelled if nobody agreed, or somebody stopped it
  public Study chunkSize(Place place, List<Long> chunkBytes, Effort effort) throws StorageFailure {
    checkChunks(chunkBytes);
    begin();
    long poolBytes = 3 * effort.regionBytes() + SLACK_BYTES;
    long smallest = chunkBytes.stream().min(Long::compare).orElseThrow();
    long needed = poolBytes + 2 * metadataBytes(poolBytes, smallest) + SLACK_BYTES;
    var measuring =
        new Measuring(CHUNK_SIZE, fio, effort, progress, effort.rounds() * chunkBytes.size() * 5);
    try (var bench = Workbench.open(host, place, needed, consent)) {
      for (int round = 0; round < effort.rounds(); round++) {
        for (var chunk : rotated(chunkBytes, round)) {
          chunk(bench, measuring, chunk, poolBytes, effort);
          bench.clear();
        }
      }
    }
    return end(measuring, CHUNK_SIZE, ChunkSizeAdvice::of);
  }

  private static void checkChunks(List<Long> chunkBytes) throws StorageFailure {
    if (chunkBytes.size() < 2
        || !chunkBytes.stream()
            .allMatch(chunk -> chunk > 0 && chunk % (64 << 10) == 0 && chunk <= 1 << 30)) {
      throw new StorageFailure.Refused(
          "chunks are multiples of 64 KiB up to 1 GiB, and there are two or more to compare");
    }
  }

  private void chunk(
      Workbench bench, Measuring measuring, long chunk, long poolBytes, Effort effort)
      throws StorageFailure {
    var with = parameters("chunk", Words.chunk(chunk));
    long some = effort.regionBytes() / RANDOM_SHARE;
    var pool = bench.pool(poolBytes, chunk, metadataBytes(poolBytes, chunk));

    var sparse = bench.thin(pool, effort.regionBytes());
    var first = measuring.run(with, Workload.FIRST_WRITE_RANDOM, sparse, some);
    var written = Math.max(1, first.getOrDefault("done_bytes", 0.0));
    first.put("space_ratio", PoolUse.read(host, pool, chunk).dataBytes() / written);

    var whole = bench.thin(pool, effort.regionBytes());
    measuring.run(with, Workload.FIRST_WRITE_SEQUENTIAL, whole);
    measuring.run(with, Workload.READ_RANDOM, whole, some);
    measuring.run(with, Workload.OVERWRITE_RANDOM, whole, some);
    bench.thinSnapshot(whole);
    measuring.run(with, Workload.WRITE_AFTER_SNAPSHOT, whole, some);
  }

  // --- what snapshots cost

  /// Measures what snapshots of both kinds cost the random writes of a volume: none, one, two.
  ///
  /// @throws StorageFailure as [#chunkSize]
  public Study snapshotCost(Place place, Effort effort) throws StorageFailure {
    begin();
    long region = effort.regionBytes();
    long store = region + region / 8 + SLACK_BYTES;
    long poolBytes = 4 * region + SLACK_BYTES;
    long needed =
        Math.max(region + 2 * store, poolBytes + 2 * metadataBytes(poolBytes, 64 << 10))
            + SLACK_BYTES;
    var measuring =
        new Measuring(SNAPSHOT_COST, fio, effort, progress, effort.rounds() * 2 * (1 + 3 * 2));
    try (var bench = Workbench.open(host, place, needed, consent)) {
      for (int round = 0; round < effort.rounds(); round++) {
        thickWithSnapshots(bench, measuring, region, store);
        bench.clear();
        thinWithSnapshots(bench, measuring, region, poolBytes);
        bench.clear();
      }
    }
    return end(measuring, SNAPSHOT_COST, SnapshotCostAdvice::of);
  }

  private static void thickWithSnapshots(
      Workbench bench, Measuring measuring, long region, long store) throws StorageFailure {
    var volume = bench.linear(region);
    writes(measuring, "classic", volume, region, () -> bench.classicSnapshot(volume, store));
  }

  private static void thinWithSnapshots(
      Workbench bench, Measuring measuring, long region, long poolBytes) throws StorageFailure {
    long chunk = 64 << 10;
    var volume = bench.thin(bench.pool(poolBytes, chunk, metadataBytes(poolBytes, chunk)), region);
    writes(measuring, "thin", volume, region, () -> bench.thinSnapshot(volume));
  }

  @FunctionalInterface
  private interface SnapshotMaker {
    Scratch make() throws StorageFailure;
  }

  /// The volume is written to once before, so that no first write is among what is compared.
  private static void writes(
      Measuring measuring, String kind, Scratch volume, long region, SnapshotMaker snapshot)
      throws StorageFailure {
    long some = region / RANDOM_SHARE;
    var with = parameters("snapshot", kind);
    with.put("snapshots", "0");
    measuring.run(with, Workload.WRITE_SEQUENTIAL, volume);
    for (int snapshots = 0; snapshots <= 2; snapshots++) {
      if (snapshots > 0) {
        snapshot.make();
      }
      with.put("snapshots", Integer.toString(snapshots));
      measuring.run(with, Workload.WRITE_AFTER_SNAPSHOT, volume, some);
      measuring.run(with, Workload.WRITE_AGAIN, volume, some);
    }
  }

  // --- which layout

  /// Compares linear, striped and mirrored volumes as far as there are devices for them, a thin
  /// volume, and one whose pool has its metadata on a faster device.
  ///
  /// @throws StorageFailure as [#chunkSize]
  public Study layout(Place place, Effort effort) throws StorageFailure {
    begin();
    long region = effort.regionBytes();
    long needed = 2 * region + 3 * LEAST_METADATA_BYTES + 3 * SLACK_BYTES;
    try (var bench = Workbench.open(host, place, needed, consent)) {
      var layouts = layouts(bench, region);
      var measuring =
          new Measuring(LAYOUT, fio, effort, progress, effort.rounds() * layouts.size() * 4);
      for (int round = 0; round < effort.rounds(); round++) {
        for (var layout : rotated(layouts, round)) {
          layout(measuring, layout, region / RANDOM_SHARE);
          bench.clear();
        }
      }
      return end(measuring, LAYOUT, LayoutAdvice::of);
    }
  }

  /// A way to lay out a volume.
  private record Layout(String name, SnapshotMaker maker) {}

  private static List<Layout> layouts(Workbench bench, long region) {
    var layouts = new ArrayList<Layout>();
    layouts.add(new Layout("linear", () -> bench.linear(region)));
    if (bench.deviceCount() > 1) {
      layouts.add(new Layout("striped", () -> bench.striped(region)));
      layouts.add(new Layout("mirrored", () -> bench.mirrored(region)));
    }
    long chunk = 64 << 10;
    long poolBytes = region + SLACK_BYTES;
    long metadata = metadataBytes(poolBytes, chunk);
    layouts.add(
        new Layout("thin", () -> bench.thin(bench.pool(poolBytes, chunk, metadata), region)));
    if (bench.hasFastDevice()) {
      layouts.add(
          new Layout(
              "thin-fast-metadata",
              () -> bench.thin(bench.poolWithFastMetadata(poolBytes, chunk, metadata), region)));
    }
    return layouts;
  }

  private static void layout(Measuring measuring, Layout layout, long some) throws StorageFailure {
    var volume = layout.maker().make();
    var with = parameters("layout", layout.name());
    measuring.run(with, Workload.WRITE_SEQUENTIAL, volume);
    measuring.run(with, Workload.READ_SEQUENTIAL, volume);
    measuring.run(with, Workload.OVERWRITE_RANDOM, volume, some);
    measuring.run(with, Workload.READ_RANDOM, volume, some);
  }
}
