package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How fast the command answers, and how much memory the server holds.
final class ProcessBenchmark {
  private static final int STARTS = 15;
  private static final long MAPPED_BYTES = 1L << 40;
  private static final int SECONDS = 20;

  private ProcessBenchmark() {}

  static List<Figure> run(Path lumeo, Path scratch) throws IOException, InterruptedException {
    return List.of(start(lumeo), memory(lumeo, scratch));
  }

  private static Figure start(Path lumeo) throws IOException, InterruptedException {
    var millis = new ArrayList<Double>();
    Program.run(lumeo.toString(), "--version");
    for (int i = 0; i < STARTS; i++) {
      var began = System.nanoTime();
      Program.run(lumeo.toString(), "--version");
      millis.add((System.nanoTime() - began) / 1e6);
    }
    var median = Medians.median(millis);
    Console.say("%-48s %,.0f ms".formatted("lumeo --version", median));
    return new Figure(
        "`lumeo --version`", "median of " + STARTS, median, " ms", new Target.AtMost(200));
  }

  private static Figure memory(Path lumeo, Path scratch) throws IOException, InterruptedException {
    var folder = scratch.resolve("large");
    LargePool.make(folder, MAPPED_BYTES);
    try (var server = LumeoServer.start(lumeo, folder)) {
      Program.run(
          "fio",
          "--name=load",
          "--ioengine=nbd",
          "--uri=" + server.uri(LargePool.VOLUME),
          "--rw=randrw",
          "--bs=4k",
          "--iodepth=32",
          "--size=" + MAPPED_BYTES,
          "--norandommap",
          "--time_based",
          "--runtime=" + SECONDS);
      var peakMebibytes = Processes.peakResidentBytes(server.pid()) / (double) (1 << 20);
      Console.say("%-48s %,.0f MiB".formatted("resident, 1 TiB mapped, under load", peakMebibytes));
      return new Figure(
          "resident at most, serving a mapped 1 TiB volume",
          "4 KiB random reads and writes, queue depth 32, " + SECONDS + " s",
          peakMebibytes,
          " MiB",
          new Target.AtMost(400));
    } finally {
      Trees.delete(folder);
    }
  }
}
