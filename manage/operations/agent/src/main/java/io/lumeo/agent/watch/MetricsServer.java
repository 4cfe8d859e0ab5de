package io.lumeo.agent.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.lumeo.alerts.MetricsPage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Serves the page for Prometheus, and `/health`, on the loopback address only. What it answers was
/// collected before: nobody can make the agent look at storage by asking.
final class MetricsServer implements AutoCloseable {
  private static final String HEALTHY = "{\"status\":\"ok\"}";

  private final HttpServer server;
  private final ExecutorService threads;

  private MetricsServer(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /// Begins to serve.
  ///
  /// @param port 0 for any that is free
  /// @throws IOException if the port is taken, naming it
  static MetricsServer open(int port, MetricsPage page, InstantSource clock) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new IOException(
          "metrics cannot be served on %s:%d: %s; choose another port under 'metrics', or 0 for none"
              .formatted(address.getHostString(), port, e.getMessage()),
          e);
    }
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    server.createContext(
        "/metrics",
        getting("/metrics", MetricsPage.CONTENT_TYPE, () -> page.text(clock.instant())));
    server.createContext(
        "/health",
        getting("/health", "application/json", () -> HEALTHY.getBytes(StandardCharsets.UTF_8)));
    server.start();
    return new MetricsServer(server, threads);
  }

  private interface Body {
    byte[] bytes();
  }

  private static HttpHandler getting(String path, String type, Body body) {
    return exchange -> {
      try (exchange) {
        if (!exchange.getRequestURI().getPath().equals(path)) {
          answer(exchange, 404, "text/plain", new byte[0]);
        } else if (!exchange.getRequestMethod().equals("GET")) {
          exchange.getResponseHeaders().add("Allow", "GET");
          answer(exchange, 405, "text/plain", new byte[0]);
        } else {
          answer(exchange, 200, type, body.bytes());
        }
      }
    };
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
