package io.lumeo.agent.watch;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A service that is called by what posts to it, and keeps the calls.
final class Pings implements AutoCloseable {
  final List<String> paths = new CopyOnWriteArrayList<>();
  final List<String> bodies = new CopyOnWriteArrayList<>();
  final List<String> signatures = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  /// Whether it fails, and says back all that it was sent.
  volatile boolean echoes;

  private Pings(HttpServer server) {
    this.server = server;
    server.createContext(
        "/",
        exchange -> {
          paths.add(exchange.getRequestURI().getPath());
          bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          signatures.add(String.valueOf(exchange.getRequestHeaders().getFirst("Lumeo-Signature")));
          var said =
              (exchange.getRequestURI() + " " + exchange.getRequestHeaders().entrySet())
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(echoes ? 500 : 200, echoes ? said.length : -1);
          if (echoes) {
            exchange.getResponseBody().write(said);
          }
          exchange.close();
        });
    server.start();
  }

  static Pings open() throws IOException {
    return new Pings(
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
  }

  String address() {
    return "http://127.0.0.1:%d/secret".formatted(server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
