package io.lumeo.benchmarks;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// `lumeo agent` on a host of recorded answers.
final class LumeoAgent implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(100);

  private final Program program;
  private final Path configuration;
  private final URI metrics;
  private final HttpClient http = HttpClient.newHttpClient();

  private LumeoAgent(Program program, Path configuration, URI metrics) {
    this.program = program;
    this.configuration = configuration;
    this.metrics = metrics;
  }

  /// Starts it, to look after what `settings` say.
  static LumeoAgent start(Path lumeo, RecordedHost host, String settings)
      throws IOException, InterruptedException {
    var folder = Files.createDirectory(host.folder().resolve("agent"));
    int port = freePort();
    var configuration =
        Files.writeString(
            folder.resolve("lumeo.yaml"),
            """
            state: %1$s/state
            audit:
              file: %1$s/audit.jsonl
            metrics:
              port: %2$d
            """
                    .formatted(folder, port)
                + settings);
    var command = host.on(lumeo.toString(), "agent", "--config=" + configuration);
    var program =
        Program.start(folder.resolve("state/state.db"), folder.resolve("agent.log"), command);
    return new LumeoAgent(
        program, configuration, URI.create("http://127.0.0.1:%d/metrics".formatted(port)));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  long pid() {
    return program.pid();
  }

  /// Lets it look after its hosts for a while.
  void runFor(Duration span) throws IOException, InterruptedException {
    program.runFor(span);
  }

  Path configuration() {
    return configuration;
  }

  /// Waits until so many hosts have answered it.
  void awaitHosts(int count) throws IOException, InterruptedException {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (hostsUp() < count) {
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "%d of %d hosts answered the agent in %s".formatted(hostsUp(), count, PATIENCE));
      }
      program.runFor(BETWEEN_QUESTIONS);
    }
  }

  private long hostsUp() throws IOException, InterruptedException {
    return page().stream()
        .filter(line -> line.startsWith("lumeo_host_up{") && line.endsWith(" 1"))
        .count();
  }

  /// Its page for Prometheus; nothing while it is not served yet.
  private List<String> page() throws IOException, InterruptedException {
    try {
      var answer = http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString());
      return answer.body().lines().toList();
    } catch (java.net.ConnectException notYet) {
      return List.of();
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
    program.close();
  }
}
