package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Lumeo beside qemu-nbd and nbdkit, over NBD on Unix sockets, in turns.
final class PeerBenchmark {
  /// Fits in the page cache of any machine this is run on: what is compared is the way to the bytes
  /// and not the disk.
  private static final long SIZE_BYTES = 2L << 30;

  private static final int ROUNDS = 5;
  private static final int SECONDS = 4;

  private static final Map<String, Target> MAPPED_TARGETS =
      Map.of(
          "qemu-nbd raw", new Target.AtLeast(1),
          "qemu-nbd qcow2", new Target.AtLeast(1.5),
          "nbdkit file", new Target.None());

  private final Path lumeo;
  private final Path scratch;

  PeerBenchmark(Path lumeo, Path scratch) {
    this.lumeo = lumeo;
    this.scratch = scratch;
  }

  List<Figure> run() throws IOException, InterruptedException {
    try (var ours = LumeoServer.start(lumeo, scratch.resolve("lumeo"));
        var raw = ImageServer.qemuRaw(scratch);
        var qcow2 = ImageServer.qemuQcow2(scratch);
        var nbdkit = ImageServer.nbdkitFile(scratch)) {
      var figures = new ArrayList<Figure>();
      for (var workload : Workload.values()) {
        var peers =
            workload.ground == Workload.Ground.MAPPED
                ? List.of(raw, qcow2, nbdkit)
                : List.of(qcow2);
        figures.addAll(measure(workload, ours, peers));
      }
      return figures;
    }
  }

  private static List<Figure> measure(
      Workload workload, Contestant ours, List<? extends Contestant> peers)
      throws IOException, InterruptedException {
    var all = new ArrayList<Contestant>(peers);
    all.addFirst(ours);
    var rates = new LinkedHashMap<String, List<Double>>();
    for (int round = -1; round < ROUNDS; round++) {
      for (var contestant : all) {
        var uri = contestant.serve(workload.ground, SIZE_BYTES);
        var rate = workload.run(uri, SIZE_BYTES, SECONDS);
        Console.say("%-48s %-16s %,12.0f/s".formatted(workload.title, contestant.name(), rate));
        // The first round warms up.
        if (round >= 0) {
          rates.computeIfAbsent(contestant.name(), _ -> new ArrayList<>()).add(rate);
        }
      }
    }
    return peers.stream().map(peer -> figure(workload, rates, ours.name(), peer.name())).toList();
  }

  private static Figure figure(
      Workload workload, Map<String, List<Double>> rates, String ours, String peer) {
    var ourRates = rates.getOrDefault(ours, List.of());
    var peerRates = rates.getOrDefault(peer, List.of());
    return new Figure(
        workload.title + " : " + peer,
        "%,.0f/s beside %,.0f/s".formatted(Medians.median(ourRates), Medians.median(peerRates)),
        Medians.ofRatios(ourRates, peerRates),
        "×",
        workload.ground == Workload.Ground.MAPPED
            ? MAPPED_TARGETS.getOrDefault(peer, new Target.None())
            : new Target.AtLeast(1.5));
  }
}
