package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What the agent costs a host that it looks after: memory, and processor time.
final class AgentBenchmark {
  private static final int VOLUMES = 1000;

  /// Until what it does once is done, and what it does often is compiled.
  private static final Duration WARM_UP = Duration.ofSeconds(75);

  /// Long enough for twenty polls, and for the whole inventory, which is read anew every five
  /// minutes.
  private static final Duration MEASURED = Duration.ofMinutes(5);

  private AgentBenchmark() {}

  static List<Figure> run(Path lumeo, Path scratch) throws IOException, InterruptedException {
    var host = RecordedHost.make(scratch.resolve("agent"), VOLUMES);
    host.check(lumeo);
    var settings =
        """
        hosts:
          - name: here
            kind: lvm
        monitors:
          pollInterval: 15s
          slowestPoll: 15s
        growth:
          - name: pools
            pool: "*/*"
            threshold: 80%
            step: 20%
        """;
    try (var agent = LumeoAgent.start(lumeo, host, settings)) {
      agent.awaitHosts(1);
      agent.runFor(WARM_UP);
      var before = Processes.times(agent.pid());
      agent.runFor(MEASURED);
      var spent = Processes.times(agent.pid()).minus(before);
      var resident = Processes.peakResidentBytes(agent.pid()) / (double) (1 << 20);
      var what = "1,000 volumes, a poll every 15 s";
      return List.of(
          Console.told(
              new Figure(
                  "the agent's resident memory at most",
                  what,
                  resident,
                  " MiB",
                  new Target.AtMost(150))),
          Console.told(
              new Figure(
                  "the agent's use of a processor",
                  what + ", 5 min",
                  percent(spent.own()),
                  " %",
                  new Target.AtMost(1))),
          Console.told(
              new Figure(
                  "the programs it runs, of a processor",
                  "the same, recorded answers",
                  percent(spent.children()),
                  " %",
                  new Target.None())));
    }
  }

  private static double percent(Duration spent) {
    return 100.0 * spent.toNanos() / MEASURED.toNanos();
  }
}
