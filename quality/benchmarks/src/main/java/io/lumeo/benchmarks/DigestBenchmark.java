package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import io.lumeo.lvm.DriverRules;
import io.lumeo.lvm.LvmSystem;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.ManyVolumes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// How long a recorded report of very many volumes takes to become an inventory: in processor time,
/// as no program has to be waited for; once warm, as an agent is.
final class DigestBenchmark {
  private static final int VOLUMES = 10_000;
  private static final int WARM_UPS = 3;
  private static final int ROUNDS = 9;

  private DigestBenchmark() {}

  static List<Figure> run(Path scratch) throws IOException {
    var system =
        new LvmSystem(
            "many",
            new ManyVolumes(VOLUMES),
            scratch.resolve("digest"),
            DriverRules.defaults(),
            InstantSource.system(),
            RandomGenerator.getDefault());
    var millis = new ArrayList<Double>();
    for (int round = -WARM_UPS; round < ROUNDS; round++) {
      var spent = digest(system);
      if (round >= 0) {
        millis.add(spent);
      }
    }
    var slowest = millis.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    return List.of(
        Console.told(
            new Figure(
                "10,000 volumes digested, our own time",
                "%.0f ms, the slowest of %d %.0f ms"
                    .formatted(Medians.median(millis), ROUNDS, slowest),
                slowest,
                " ms",
                new Target.AtMost(1000))));
  }

  private static double digest(LvmSystem system) throws IOException {
    var threads = ManagementFactory.getThreadMXBean();
    var began = threads.getCurrentThreadCpuTime();
    try {
      var volumes = system.inventory().volumes().size();
      var spent = threads.getCurrentThreadCpuTime() - began;
      if (volumes != VOLUMES) {
        throw new IOException("of %d volumes %d were seen".formatted(VOLUMES, volumes));
      }
      return spent / 1e6;
    } catch (StorageFailure e) {
      throw new IOException(e);
    }
  }
}
