package io.lumeo.compatibility;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Somebody who is told of alerts by a webhook, and remembers all that was ever told.
final class ToldAlerts implements AutoCloseable {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /// Much longer than an agent takes on a guest whose one processor is shared.
  static final Duration PATIENCE = Duration.ofMinutes(5);

  private final HttpServer server;
  private final List<Told> told = new ArrayList<>();

  /// One of them.
  ///
  /// @param about the values of its labels
  record Told(String rule, String title, String meaning, List<String> next, String about) {
    static Told of(JsonNode alert) {
      return new Told(
          alert.required("rule").stringValue(),
          alert.required("title").stringValue(),
          alert.required("meaning").stringValue(),
          StreamSupport.stream(alert.required("next").spliterator(), false)
              .map(JsonNode::stringValue)
              .toList(),
          alert.required("labels").toString());
    }
  }

  private ToldAlerts(HttpServer server) {
    this.server = server;
  }

  static ToldAlerts open() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var alerts = new ToldAlerts(server);
    server.createContext(
        "/",
        exchange -> {
          alerts.hear(MAPPER.readTree(exchange.getRequestBody()));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    return alerts;
  }

  String address() {
    return "http://127.0.0.1:%d/".formatted(server.getAddress().getPort());
  }

  private synchronized void hear(JsonNode message) {
    for (var alert : message.required("alerts")) {
      if (alert.required("status").stringValue().equals("firing")) {
        told.add(Told.of(alert));
      }
    }
    notifyAll();
  }

  /// Waits until an alert of this rule was told whose title or labels say this.
  synchronized Told await(String rule, String words) throws InterruptedException {
    var end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      for (var alert : told) {
        if (alert.rule().equals(rule) && alert.toString().contains(words)) {
          return alert;
        }
      }
      var left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("no %s about %s was told, but:%n%s".formatted(rule, words, this));
      }
      wait(left);
    }
  }

  @Override
  public synchronized String toString() {
    return told.stream().map(Told::toString).collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
