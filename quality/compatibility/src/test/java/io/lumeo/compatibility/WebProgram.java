package io.lumeo.compatibility;

import io.lumeo.testing.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;

/// A program that others wrote and that answers over HTTP on this machine, for as long as a test
/// lasts.
record WebProgram(Tool.Background program, URI address, HttpClient client)
    implements AutoCloseable {

  /// A port that is free now.
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /// Waits until what was started answers that it is ready.
  static WebProgram ready(Tool.Background program, int port) {
    var started =
        new WebProgram(
            program,
            URI.create("http://127.0.0.1:%d".formatted(port)),
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build());
    program.await(() -> started.status("/-/ready") == 200);
    return started;
  }

  private int status(String path) {
    try {
      return send(path).statusCode();
    } catch (IOException e) {
      return 0; // it does not listen yet
    }
  }

  /// Asks again until the answer is the one that is waited for, and returns it.
  String await(String path, Predicate<String> wanted) {
    var last = new String[1];
    program.await(() -> {
      try {
        last[0] = send(path).body();
        return wanted.test(last[0]);
      } catch (IOException e) {
        throw new AssertionError("no answer from " + path, e);
      }
    });
    return last[0];
  }

  private HttpResponse<String> send(String path) throws IOException {
    try {
      return client.send(
          HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofSeconds(20)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  static String encoded(String query) {
    return URLEncoder.encode(query, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.close();
    program.close();
  }
}
