package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// How long `lumeo doctor` takes, as a process that is started for it.
final class DoctorBenchmark {
  private static final int VOLUMES = 200;
  private static final int STARTS = 11;

  /// It has found something that would bite.
  private static final int BITES = 8;

  private DoctorBenchmark() {}

  static List<Figure> run(Path lumeo, Path scratch) throws IOException, InterruptedException {
    var host = RecordedHost.make(scratch.resolve("doctor"), VOLUMES);
    host.check(lumeo);
    var command = host.on(lumeo.toString(), "doctor");
    var seconds = new ArrayList<Double>();
    for (int i = 0; i < STARTS; i++) {
      var began = System.nanoTime();
      Program.run(Set.of(0, BITES), command);
      seconds.add((System.nanoTime() - began) / 1e9);
    }
    return List.of(
        Console.told(
            new Figure(
                "`lumeo doctor`, 200 volumes",
                "median of " + STARTS,
                Medians.median(seconds),
                " s",
                new Target.AtMost(2))));
  }
}
