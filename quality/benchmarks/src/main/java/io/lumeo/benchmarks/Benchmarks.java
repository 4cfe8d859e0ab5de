package io.lumeo.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/// `./dev bench`: measures, and writes `docs/benchmarks.md`. With the name of a part it measures
/// only that and writes nothing.
public final class Benchmarks {
  private final Path root = Path.of(System.getProperty("lumeo.root", ".")).toAbsolutePath();
  private final Path lumeo = root.resolve("bin/lumeo");
  private final Path scratch;

  private Benchmarks(Path scratch) {
    this.scratch = scratch;
  }

  public static void main(String[] arguments)
      throws IOException, InterruptedException, RunnerException {
    var scratch = Files.createTempDirectory("lumeo-bench");
    try {
      var benchmarks = new Benchmarks(scratch);
      if (arguments.length == 0) {
        benchmarks.all();
      } else {
        for (var part : arguments) {
          benchmarks.part(part).forEach(figure -> Console.say(figure.row()));
        }
      }
    } finally {
      Trees.delete(scratch);
    }
  }

  private void all() throws IOException, InterruptedException, RunnerException {
    var report = new Report(LocalDate.now(ZoneOffset.UTC), Machine.lines());
    var sections =
        List.of(
            new Report.Section("Over NBD, beside peers", part("peers")),
            new Report.Section("In process", inProcess()),
            new Report.Section("The process", part("process")),
            new Report.Section("Looking after hosts", hosts()));
    Files.writeString(root.resolve("docs/benchmarks.md"), report.text(sections));
  }

  private List<Figure> inProcess() throws IOException, InterruptedException, RunnerException {
    return parts("reads", "trees", "snapshots", "open");
  }

  private List<Figure> hosts() throws IOException, InterruptedException, RunnerException {
    return parts("digest", "doctor", "agent", "ssh");
  }

  private List<Figure> parts(String... names)
      throws IOException, InterruptedException, RunnerException {
    var figures = new ArrayList<Figure>();
    for (var name : names) {
      figures.addAll(part(name));
    }
    return figures;
  }

  private List<Figure> part(String name) throws IOException, InterruptedException, RunnerException {
    return switch (name) {
      case "peers" -> new PeerBenchmark(lumeo, scratch).run();
      case "reads" -> EngineBenchmark.reads();
      case "trees" -> EngineBenchmark.trees();
      case "snapshots" -> SnapshotBenchmark.run(scratch);
      case "open" -> OpenBenchmark.run(scratch);
      case "process" -> ProcessBenchmark.run(lumeo, scratch);
      case "hosts" -> hosts();
      case "digest" -> DigestBenchmark.run(scratch);
      case "doctor" -> DoctorBenchmark.run(lumeo, scratch);
      case "agent" -> AgentBenchmark.run(lumeo, scratch);
      case "ssh" -> SshBenchmark.run(lumeo, scratch);
      default ->
          throw new IllegalArgumentException(
              ("no part '%s'; there are peers, reads, trees, snapshots, open, process, and hosts"
                      + " with its parts digest, doctor, agent, ssh")
                  .formatted(name));
    };
  }
}
