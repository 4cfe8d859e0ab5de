package io.lumeo.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.pools.VolumeRequest;
import io.lumeo.thin.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A client whose server is silent, slow, gone or out of its mind.
@Timeout(60)
class RemoteVolumesTest {
  private static final Duration STEP = Duration.ofMillis(20);
  private static final Duration LIMIT = Duration.ofMillis(200);

  private static final String PROGRESS_FOLLOWS =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n";

  private static final String HEALTH =
      answer("{\"status\":\"ok\",\"version\":\"0.1.0\",\"instance\":\"6f1c\",\"mode\":\"write\"}");

  @TempDir Path directory;

  private final CountDownLatch manyProbes =
      new CountDownLatch(Math.toIntExact(3 * LIMIT.dividedBy(STEP)));
  private final CountDownLatch end = new CountDownLatch(1);
  private ServerSocket listening;

  /// What the server answers to a request line; with nothing it stays silent.
  private interface Script {
    Optional<String> answer(String request) throws IOException;
  }

  @BeforeEach
  void listen() throws IOException {
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    end.countDown();
    listening.close();
  }

  /// A client of a server that does what the script says.
  private RemoteVolumes client(Script script) throws IOException {
    Thread.ofVirtual().start(() -> serve(script));
    var server =
        new RunningServer(
            "6f1c",
            ProcessHandle.current().pid(),
            "127.0.0.1",
            listening.getLocalPort(),
            null,
            null,
            null,
            "0.1.0",
            Instant.EPOCH);
    return new RemoteVolumes(server, Token.in(directory), STEP, LIMIT);
  }

  private void serve(Script script) {
    try {
      while (true) {
        var asked = listening.accept();
        Thread.ofVirtual().start(() -> serve(asked, script));
      }
    } catch (SocketException e) {
      assertThat(listening.isClosed()).as("%s", e).isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(Socket asked, Script script) {
    try (asked) {
      var answer = script.answer(request(asked));
      if (answer.isEmpty()) {
        end.await();
        return;
      }
      asked.getOutputStream().write(answer.get().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String request(Socket asked) throws IOException {
    var in =
        new BufferedReader(
            new InputStreamReader(asked.getInputStream(), StandardCharsets.US_ASCII));
    var first = in.readLine();
    while (!in.readLine().isEmpty()) {
      assertThat(asked.isConnected()).isTrue();
    }
    return first.substring(0, first.indexOf(" HTTP/"));
  }

  private static String answer(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(body.length(), body);
  }

  private Script alive(Script rest) {
    return request -> {
      if (request.equals("GET /health")) {
        manyProbes.countDown();
        return Optional.of(HEALTH);
      }
      return rest.answer(request);
    };
  }

  @Test
  void aServerThatNoLongerSaysThatItLivesDoesNotAnswer() throws Exception {
    var client = client(_ -> Optional.empty());

    assertThatThrownBy(client::list)
        .isInstanceOf(StorageException.Failed.class)
        .hasMessageMatching(
            "the server does not answer \\(silent for \\d s, and whether it lives: silent for 2 s"
                + "\\); see whether it still runs");
  }

  @Test
  void whoOnlyLooksDoesNotWaitForEver() throws Exception {
    var client = client(alive(_ -> Optional.empty()));

    assertThatThrownBy(client::list)
        .isInstanceOf(StorageException.Failed.class)
        .hasMessageMatching(
            "the server does not answer \\(silent for \\d s\\); see whether it still runs");
  }

  /// Well beyond the time that who looks would wait.
  private Optional<String> afterLongWork(String answer) throws IOException {
    try {
      manyProbes.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return Optional.of(answer);
  }

  @Test
  void aServerThatLivesMayWorkAsLongAsItTakes() throws Exception {
    var client = client(alive(_ -> afterLongWork(answer("{\"name\":\"v\",\"freedBytes\":7}"))));

    assertThat(client.trim("v", Progress.NONE).freedBytes()).isEqualTo(7);
  }

  @Test
  void aChangeThatNobodyWatchesIsWaitedForAsWell() throws Exception {
    var problem = Problem.of(Problem.Kind.ALREADY_EXISTS, "there is a volume 'v' already");
    var client =
        client(
            alive(_ ->
                afterLongWork(
                    answer(new String(Json.write(problem), StandardCharsets.UTF_8))
                        .replace("200 OK", "409 Conflict"))));

    assertThatThrownBy(() -> client.create(VolumeRequest.empty("v", 1 << 20)))
        .isInstanceOf(StorageException.AlreadyExists.class)
        .hasMessage("there is a volume 'v' already");
  }

  @Test
  void whatAChangeHasDoneIsNotKnownWhenTheServerGoesAway() throws Exception {
    var client = client(alive(_ -> Optional.of("")));

    assertThatThrownBy(() -> client.create(VolumeRequest.empty("v", 1 << 20)))
        .isInstanceOf(StorageException.Failed.class)
        .hasMessage(
            "the server does not answer (the server closed the connection without an answer); see"
                + " whether it still runs, and what it has done before you ask again");
  }

  @Test
  void whoWatchesStopsTheWorkAndIsToldSo() throws Exception {
    var client =
        client(alive(_ -> Optional.of(PROGRESS_FOLLOWS + "15\r\n{\"done\":1,\"total\":2}\n\r\n")));

    assertThatThrownBy(() -> client.trim("v", (_, _) -> false))
        .isExactlyInstanceOf(InterruptedIOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[",
        "[]",
        "7",
        "{}",
        "[{}]",
        "[{\"name\":1}]",
        "[[[[[[[[[[[[[[[[[[[[[[[[]",
        "<html>busy</html>",
        "{\"result\":"
      })
  void anAnswerThatMakesNoSenseIsTheServersFault(String body) throws Exception {
    var client = client(alive(_ -> Optional.of(answer(body))));

    assertMakesNoSense(client::pool);
    assertMakesNoSense(() -> client.trim("v", Progress.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "{}", "[]", "<html>busy</html>"})
  void aProblemThatMakesNoSenseIsTheServersFault(String body) throws Exception {
    var client = client(alive(_ -> Optional.of(answer(body).replace("200 OK", "500 Oh"))));

    assertMakesNoSense(client::pool);
    assertMakesNoSense(() -> client.trim("v", Progress.NONE));
  }

  @Test
  void aLineOfProgressThatMakesNoSenseIsTheServersFault() throws Exception {
    var client = client(alive(_ -> Optional.of(PROGRESS_FOLLOWS + "3\r\n{]\n\r\n")));

    assertMakesNoSense(() -> client.trim("v", Progress.NONE));
  }

  private static void assertMakesNoSense(ThrowingCallable question) {
    assertThatThrownBy(question)
        .isInstanceOf(StorageException.Failed.class)
        .message()
        .startsWith("the server's answer makes no sense (")
        .endsWith("); see whether it is a lumeo of this version")
        .doesNotContain("give it");
  }
}
