package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.rest.RunningServer;
import io.lumeo.rest.Token;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that says in `server.json` that it is there, and then is of no use.
@Timeout(60)
class SilentServerTest {
  private static final String INSTANCE = "6f1c";

  @TempDir Path directory;

  private CommandLineFixture lumeo;

  @BeforeEach
  void makeAPool() {
    lumeo = new CommandLineFixture(directory);
    assertThat(lumeo.run("pool", "create", "--data-size", "64M").exitCode()).isZero();
  }

  private void describe(int port) throws IOException {
    Token.in(directory);
    new RunningServer(
            INSTANCE,
            ProcessHandle.current().pid(),
            "127.0.0.1",
            port,
            null,
            null,
            null,
            "0.1.0",
            Instant.EPOCH)
        .write(directory);
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /// Tells who it is; before it does, nobody listens any more.
  private static void tellOnce(ServerSocket listening) throws IOException {
    try (var asked = listening.accept()) {
      listening.close();
      tell(asked);
    }
  }

  private static void tell(Socket asked) throws IOException {
    readRequest(asked);
    answer(
        asked.getOutputStream(),
        "{\"status\":\"ok\",\"version\":\"0.1.0\",\"instance\":\"%s\",\"mode\":\"write\"}"
            .formatted(INSTANCE));
  }

  private interface Serving {
    void run() throws IOException;
  }

  private static CompletableFuture<Void> inBackground(Serving serving) {
    return CompletableFuture.runAsync(() -> {
      try {
        serving.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  private static void readRequest(Socket asked) throws IOException {
    var in =
        new BufferedReader(
            new InputStreamReader(asked.getInputStream(), StandardCharsets.US_ASCII));
    while (!in.readLine().isEmpty()) {
      assertThat(asked.isConnected()).isTrue();
    }
  }

  private static void answer(OutputStream out, String body) throws IOException {
    out.write(
        "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(body.length(), body)
            .getBytes(StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"volume list", "pool show", "volume create v 1G", "snapshot delete s --yes"})
  void oneThatIsGoneBeforeTheQuestionDoesNotAnswer(String command) throws Exception {
    var metadata = Files.readAllBytes(directory.resolve("pool.meta"));
    try (var listening = listen()) {
      describe(listening.getLocalPort());
      var told = inBackground(() -> tellOnce(listening));

      var outcome = lumeo.run(command.split(" "));

      told.join();
      assertThat(outcome.err())
          .startsWith("lumeo: the server does not answer (")
          .endsWith("); see whether it still runs\n")
          .hasLineCount(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.exitCode()).isEqualTo(9);
    }
    assertThat(Files.readAllBytes(directory.resolve("pool.meta"))).isEqualTo(metadata);
  }

  /// It keeps listening, so that the kernel goes on taking connections for it.
  @Test
  void oneThatTellsWhoItIsAndIsSilentThenDoesNotAnswer() throws Exception {
    try (var listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      describe(listening.getLocalPort());
      var told =
          inBackground(() -> {
            try (var asked = listening.accept()) {
              tell(asked);
            }
          });

      var outcome = lumeo.run("volume", "create", "v", "1G");

      told.join();
      assertThat(outcome.err())
          .startsWith("lumeo: the server does not answer (silent for ")
          .endsWith("); see whether it still runs\n")
          .hasLineCount(1);
      assertThat(outcome.exitCode()).isEqualTo(9);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"volume list", "volume trim v"})
  void oneThatAnswersNonsenseIsOfNoUse(String command) throws Exception {
    try (var listening = listen()) {
      describe(listening.getLocalPort());
      var served =
          inBackground(() -> {
            try (var asked = listening.accept()) {
              tell(asked);
            }
            try (var asked = listening.accept()) {
              readRequest(asked);
              answer(asked.getOutputStream(), "<html>");
            }
          });

      var outcome = lumeo.run(command.split(" "));

      served.join();
      assertThat(outcome.err())
          .startsWith("lumeo: the server's answer makes no sense (the body is not JSON: ")
          .endsWith("); see whether it is a lumeo of this version\n")
          .hasLineCount(1);
      assertThat(outcome.exitCode()).isEqualTo(9);
    }
  }

  /// Nobody proves to be the server that wrote the file, so the pool is opened where it lies: its
  /// lock is what keeps two from having it.
  @Test
  void oneThatDoesNotSayWhoItIsIsNotThere() throws Exception {
    try (var listening = listen()) {
      describe(listening.getLocalPort());
    }

    assertThat(lumeo.run("volume", "create", "v", "1G").exitCode()).isZero();
  }
}
