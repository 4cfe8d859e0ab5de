package io.lumeo.benchmarks;

import io.lumeo.benchmarks.Figure.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// How long it takes to look at many hosts behind `ssh`: for the agent that has just started and
/// makes its connections, and for a person's question when they are there. Clients and servers
/// share this machine's processors.
final class SshBenchmark {
  private static final int HOSTS = 100;
  private static final int VOLUMES = 20;
  private static final String EACH = "20 volumes each, 10 servers on loopback";
  private static final Target TARGET = new Target.AtMost(30);

  private SshBenchmark() {}

  static List<Figure> run(Path lumeo, Path scratch) throws IOException, InterruptedException {
    var host = RecordedHost.make(scratch.resolve("ssh"), VOLUMES);
    try (var servers = SshServers.start(host, HOSTS)) {
      host.check(lumeo);
      var began = System.nanoTime();
      Path configuration;
      double byTheAgent;
      try (var agent = LumeoAgent.start(lumeo, host, settings(servers.names()))) {
        agent.awaitHosts(HOSTS);
        byTheAgent = secondsSince(began);
        configuration = agent.configuration();
      }
      return List.of(
          Console.told(
              new Figure(
                  "100 hosts behind ssh known to an agent that starts",
                  EACH,
                  byTheAgent,
                  " s",
                  TARGET)),
          Console.told(
              new Figure(
                  "`lumeo report` on 100 hosts behind ssh",
                  EACH,
                  byReport(lumeo, host, configuration),
                  " s",
                  TARGET)));
    }
  }

  private static double byReport(Path lumeo, RecordedHost host, Path configuration)
      throws IOException, InterruptedException {
    var began = System.nanoTime();
    var report = Program.run(host.on(lumeo.toString(), "report", "--config=" + configuration));
    var seconds = secondsSince(began);
    var named = report.lines().filter(line -> line.matches("#+ .*host-\\d+.*")).count();
    if (named < HOSTS) {
      throw new IOException("the report names %d hosts of %d".formatted(named, HOSTS));
    }
    return seconds;
  }

  private static double secondsSince(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  /// A poll that often has the page for Prometheus, which tells when all are known, made that
  /// often.
  private static String settings(List<String> hosts) {
    return """
    monitors:
      pollInterval: 2s
      slowestPoll: 1m
    hosts:
    """
        + hosts.stream()
            .map("  - name: %1$s\n    kind: lvm\n    ssh: %1$s\n"::formatted)
            .collect(Collectors.joining());
  }
}
