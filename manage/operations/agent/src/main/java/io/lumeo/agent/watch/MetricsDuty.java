package io.lumeo.agent.watch;

import io.lumeo.agent.Duty;
import io.lumeo.alerts.MetricsPage;
import io.lumeo.configuration.Configuration;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Serves the page for Prometheus on the port that is configured, and moves with it. A port that is
/// taken is tried again, and keeps nothing else from going on.
///
/// Safe for use by several threads, of which one at a time performs.
final class MetricsDuty implements Duty, AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(15);

  private final MetricsPage page;
  private final InstantSource clock;
  private final Supplier<Configuration> configuration;
  private @Nullable MetricsServer server;

  MetricsDuty(MetricsPage page, InstantSource clock, Supplier<Configuration> configuration) {
    this.page = page;
    this.clock = clock;
    this.configuration = configuration;
  }

  @Override
  public String name() {
    return "metrics";
  }

  @Override
  public synchronized Instant perform(Instant now) throws IOException {
    var wanted = configuration.get().metrics().port();
    if (server != null && server.port() != wanted) {
      close();
    }
    if (server == null && wanted > 0) {
      server = MetricsServer.open(wanted, page, clock);
    }
    return now.plus(EVERY);
  }

  @Override
  public synchronized void close() {
    if (server != null) {
      server.close();
      server = null;
    }
  }
}
