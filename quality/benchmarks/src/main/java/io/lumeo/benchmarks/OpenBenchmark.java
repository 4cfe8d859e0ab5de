package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import io.lumeo.block.FileDevice;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolClock;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// How long a pool of very many devices takes to open, by number and with their names, and what an
/// idle one costs. The pool lies in memory where there is a file system for that.
final class OpenBenchmark {
  private static final int DEVICES = 100_000;
  private static final int ROUNDS = 9;
  private static final int CACHE_BYTES = 1 << 20;

  private OpenBenchmark() {}

  static List<Figure> run(Path scratch) throws IOException {
    var shared = Path.of("/dev/shm");
    var folder =
        Files.createTempDirectory(Files.isWritable(shared) ? shared : scratch, "lumeo-open");
    try {
      var files = make(folder);
      return List.of(
          openingTime("100,000 devices open, by number", files, OpenBenchmark::openPool),
          openingTime("100,000 volumes open, by name", files, OpenBenchmark::openVolumes),
          heapOfAnIdleDevice(files));
    } finally {
      Trees.delete(folder);
    }
  }

  private static PoolFiles make(Path folder) throws IOException {
    var files = PoolFiles.in(folder);
    var format = new Volumes.Format(64 << 10, 1L << 30, 256L << 20, PoolOptions.DEFAULT);
    try (var volumes = Volumes.create(files, format)) {
      volumes.createVolume("origin", 256L << 20, Set.of(), null, null);
      volumes.createSnapshots(
          IntStream.range(1, DEVICES)
              .mapToObj(i -> new Volumes.SnapshotRequest("s" + i, "origin", Set.of()))
              .toList());
    }
    return files;
  }

  /// Something that opens the pool, asks the question of what is open, and closes it.
  private interface Opening {
    double open(PoolFiles files, ToDoubleFunction<Object> question) throws IOException;
  }

  private static double openVolumes(PoolFiles files, ToDoubleFunction<Object> question)
      throws IOException {
    try (var volumes = Volumes.open(files, null)) {
      return question.applyAsDouble(volumes);
    }
  }

  private static double openPool(PoolFiles files, ToDoubleFunction<Object> question)
      throws IOException {
    var options = PoolOptions.DEFAULT.withMetadataCacheBytes(CACHE_BYTES);
    try (var metadata = FileDevice.open(files.metadata(), FileDevice.Access.READ_WRITE);
        var data = FileDevice.open(files.data(), FileDevice.Access.READ_WRITE);
        var pool = Pool.open(metadata, data, options, PoolClock.system())) {
      return question.applyAsDouble(pool);
    }
  }

  /// The slowest counts: a process opens its pool once, before anything has been compiled.
  private static Figure openingTime(String what, PoolFiles files, Opening opening)
      throws IOException {
    var millis = new ArrayList<Double>();
    for (int round = 0; round < ROUNDS; round++) {
      var began = System.nanoTime();
      millis.add(opening.open(files, _ -> (System.nanoTime() - began) / 1e6));
    }
    var slowest = millis.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    return Console.told(
        new Figure(
            what,
            "%.0f ms, the slowest of %d %.0f ms".formatted(Medians.median(millis), ROUNDS, slowest),
            slowest,
            " ms",
            new Target.AtMost(1000)));
  }

  private static Figure heapOfAnIdleDevice(PoolFiles files) throws IOException {
    var closed = heapBytes();
    var open = openPool(files, _ -> heapBytes());
    return Console.told(
        new Figure(
            "heap that an open pool takes for each of 100,000 idle devices",
            "%,.0f KiB in all, %,d KiB of them cache".formatted((open - closed) / 1024, 1024),
            (open - closed - CACHE_BYTES) / DEVICES,
            " bytes",
            new Target.AtMost(8)));
  }

  private static double heapBytes() {
    var least = Double.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      var runtime = Runtime.getRuntime();
      least = Math.min(least, (double) (runtime.totalMemory() - runtime.freeMemory()));
    }
    return least;
  }
}
