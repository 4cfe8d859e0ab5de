package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// The JMH benchmarks: two methods of one class, in turns, each run in a process of its own.
final class EngineBenchmark {
  private static final int ROUNDS = 3;

  private EngineBenchmark() {}

  static List<Figure> reads() throws RunnerException {
    return List.of(
        compare(
            "4 KiB random read in process : `FileChannel`",
            ThinReadBenchmark.class,
            "thinDevice",
            "fileChannel",
            new Target.AtMost(1.2)));
  }

  static List<Figure> trees() throws RunnerException {
    return List.of(
        compare(
            "look-up among a million keys : `TreeMap`",
            BTreeLookupBenchmark.class,
            "bTree",
            "treeMap",
            new Target.None()));
  }

  private static Figure compare(
      String what, Class<?> type, String ourMethod, String peerMethod, Target target)
      throws RunnerException {
    var ours = new ArrayList<Double>();
    var peers = new ArrayList<Double>();
    for (int round = 0; round < ROUNDS; round++) {
      ours.add(nanos(type, ourMethod));
      peers.add(nanos(type, peerMethod));
      Console.say(
          "%-48s %,12.0f ns beside %,.0f ns".formatted(what, ours.getLast(), peers.getLast()));
    }
    return new Figure(
        what,
        "%,.0f ns beside %,.0f ns".formatted(Medians.median(ours), Medians.median(peers)),
        Medians.ofRatios(ours, peers),
        "×",
        target);
  }

  private static double nanos(Class<?> type, String method) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include("^" + type.getName() + "\\." + method + "$")
            // The second because JMH still uses what the JDK is about to take away.
            .jvmArgs("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();
    return new Runner(options).runSingle().getPrimaryResult().getScore();
  }
}
