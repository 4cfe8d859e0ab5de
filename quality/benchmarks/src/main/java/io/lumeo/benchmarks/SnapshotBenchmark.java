package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// What a snapshot costs on top of a commit, by how much is mapped and how many snapshots there
/// are. The pool lies in memory where there is a file system for that, so that the time of the
/// disk, which is the commit's, does not hide what is looked for.
final class SnapshotBenchmark {
  private static final int WARM_UP_ROUNDS = 200;
  private static final int ROUNDS = 200;
  private static final int FIRST_ID = 1_000_000;
  private static final int MANY = 10_000;

  private SnapshotBenchmark() {}

  static List<Figure> run(Path scratch) throws IOException, InterruptedException {
    return List.of(
        measure(scratch, "a snapshot at 1 GiB mapped : a commit", 1L << 30, 0),
        measure(scratch, "a snapshot at 1 TiB mapped : a commit", 1L << 40, 0),
        measure(scratch, "a snapshot with 10,000 behind it : a commit", 1L << 30, MANY));
  }

  private static Figure measure(Path scratch, String what, long mappedBytes, int behind)
      throws IOException, InterruptedException {
    var shared = Path.of("/dev/shm");
    var folder =
        Files.createTempDirectory(Files.isWritable(shared) ? shared : scratch, "lumeo-snapshot");
    try (var volumes = Volumes.open(LargePool.make(folder, mappedBytes), null)) {
      if (behind > 0) {
        volumes.createSnapshots(
            IntStream.range(0, behind)
                .mapToObj(i -> new Volumes.SnapshotRequest("s" + i, LargePool.VOLUME, Set.of()))
                .toList());
      }
      return measure(what, volumes);
    } finally {
      Trees.delete(folder);
    }
  }

  /// In turns: a snapshot, which commits, and a change of the transaction id, which is a commit and
  /// nothing else.
  private static Figure measure(String what, Volumes volumes) throws IOException {
    var snapshots = new ArrayList<Double>();
    var commits = new ArrayList<Double>();
    for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      var snapshot = millis(volumes, "create_snap %d 0".formatted(FIRST_ID + round));
      var commit = millis(volumes, "set_transaction_id %d %d".formatted(round, round + 1));
      if (round >= WARM_UP_ROUNDS) {
        snapshots.add(snapshot);
        commits.add(commit);
      }
    }
    return figure(what, Medians.median(snapshots), Medians.median(commits));
  }

  private static Figure figure(String what, double snapshot, double commit) {
    Console.say("%-48s %.3f ms beside %.3f ms".formatted(what, snapshot, commit));
    return new Figure(
        what,
        "%.3f ms beside %.3f ms".formatted(snapshot, commit),
        snapshot - commit,
        " ms more",
        new Target.AtMost(1));
  }

  private static double millis(Volumes volumes, String message) throws IOException {
    var began = System.nanoTime();
    volumes.message(message);
    return (System.nanoTime() - began) / 1e6;
  }
}
