package io.lumeo.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSenderTest {
  private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);
  private static final Duration SOON = Duration.ofSeconds(20);

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, false",
    "10.1.2.3, false",
    "172.16.0.1, false",
    "192.168.1.1, false",
    "169.254.169.254, false",
    "100.64.0.1, false",
    "0.0.0.0, false",
    "192.0.0.8, false",
    "192.0.2.1, false",
    "192.88.99.1, false",
    "198.18.0.1, false",
    "198.51.100.1, false",
    "203.0.113.7, false",
    "224.0.0.1, false",
    "255.255.255.255, false",
    "8.8.8.8, true",
    "100.63.0.1, true",
    "198.20.0.1, true",
    "::1, false",
    "::, false",
    "::ffff:127.0.0.1, false",
    "fe80::1, false",
    "fd00::1, false",
    "ff02::1, false",
    "64:ff9b::7f00:1, false",
    "64:ff9b::808:808, true",
    "2002:7f00:1::, false",
    "2002:808:808::, true",
    "2001:db8::1, false",
    "2001::1, false",
    "2606:4700::1111, true"
  })
  void onlyThePublicInternetIsPublic(String address, boolean allowed) throws IOException {
    assertThat(AddressRule.PUBLIC_ONLY.allows(InetAddress.getByName(address))).isEqualTo(allowed);
  }

  @Test
  void anywhereIsNotEverywhere() throws IOException {
    assertThat(AddressRule.ANY.allows(InetAddress.getLoopbackAddress())).isTrue();
    assertThat(AddressRule.ANY.allows(InetAddress.getByName("0.0.0.0"))).isFalse();
    assertThat(AddressRule.ANY.allows(InetAddress.getByName("224.0.0.1"))).isFalse();
  }

  @Test
  void aPrivateAddressIsRefusedBeforeAnythingIsSent() throws IOException {
    try (var receiver = Receiver.open()) {
      var sender = HttpSender.within(SOON, AddressRule.PUBLIC_ONLY);
      assertThatThrownBy(() -> sender.post(receiver.at("/x"), Map.of(), BODY))
          .isInstanceOf(DeliveryFailure.class)
          .hasMessageContaining("is the private or local address 127.0.0.1; allow private");
      assertThat(receiver.requests).isEmpty();
    }
  }

  /// A name that answers with a harmless address first and with a private one later is asked once.
  @Test
  void theAddressThatWasCheckedIsTheOneThatIsConnectedTo() throws Exception {
    try (var receiver = Receiver.open()) {
      var asked = new AtomicInteger();
      var sender =
          new HttpSender(
              AddressRule.ANY,
              SOON,
              (SSLSocketFactory) SSLSocketFactory.getDefault(),
              host -> {
                assertThat(host).isEqualTo("rebinding.example");
                return new InetAddress[] {
                  InetAddress.getByName(asked.getAndIncrement() == 0 ? "127.0.0.1" : "127.0.0.9")
                };
              });
      sender.post(
          URI.create("http://rebinding.example:%d/a%%20b?c=ü".formatted(receiver.port())),
          Map.of(),
          BODY);
      assertThat(asked).hasValue(1);
      assertThat(receiver.only().header("Host")).isEqualTo("rebinding.example:" + receiver.port());
      assertThat(receiver.only().path()).isEqualTo("/a%20b?c=%C3%BC");
    }
  }

  @Test
  void addressesThatAreNotAllowedAreSkipped() throws Exception {
    var sender =
        new HttpSender(
            AddressRule.PUBLIC_ONLY,
            SOON,
            (SSLSocketFactory) SSLSocketFactory.getDefault(),
            host ->
                new InetAddress[] {
                  InetAddress.getByName("10.0.0.1"), InetAddress.getByName("169.254.169.254")
                });
    assertThatThrownBy(() -> sender.post(URI.create("http://inner.example/"), Map.of(), BODY))
        .hasMessageContaining("private or local address 10.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://example.org/x",
        "file:///etc/passwd",
        "http:///x",
        "relative",
        "https://u:p@h/"
      })
  void whatIsNotAnAddressForAWebhookIsRefused(String address) {
    var sender = HttpSender.within(SOON, AddressRule.ANY);
    assertThatThrownBy(() -> sender.post(URI.create(address), Map.of(), BODY))
        .isInstanceOf(DeliveryFailure.class)
        .hasMessageContaining("must be http://HOST/");
  }

  @Test
  void aNameThatIsNotFoundIsTriedAgain() {
    var sender =
        new HttpSender(
            AddressRule.ANY,
            SOON,
            (SSLSocketFactory) SSLSocketFactory.getDefault(),
            host -> {
              throw new UnknownHostException(host);
            });
    assertThatThrownBy(() -> sender.post(URI.create("http://nowhere.example/"), Map.of(), BODY))
        .hasMessageContaining("nowhere.example is not a name that can be found")
        .satisfies(failure -> assertThat(((DeliveryFailure) failure).isPermanent()).isFalse());
  }

  @Test
  void aReceiverThatNeverAnswersIsLeftAtTheDeadline() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var sender = HttpSender.within(Duration.ofMillis(300), AddressRule.ANY);
      assertThatThrownBy(() -> sender.post(at(silent), Map.of(), BODY))
          .isInstanceOf(DeliveryFailure.class)
          .hasMessageContaining("did not answer within 300 ms");
      try (var connection = silent.accept()) {
        assertThat(connection.getInputStream().readAllBytes()).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbage", "garbage\n", "HTTP/1.1 abc no\r\n", "SSH-2.0-x\r\n"})
  void anAnswerThatIsNotHttpIsAFailure(String answer) throws Exception {
    assertThatThrownBy(() -> postAnswered(answer))
        .isInstanceOf(DeliveryFailure.class)
        .hasMessageContaining("its answer is not HTTP");
  }

  @Test
  void anAnswerWithoutAnEndIsAFailure() {
    assertThatThrownBy(() -> postAnswered("x".repeat(100_000))).isInstanceOf(DeliveryFailure.class);
  }

  private static void postAnswered(String answer) throws Exception {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var thread =
          Thread.ofVirtual()
              .start(() -> {
                try (var connection = server.accept()) {
                  readHead(connection);
                  connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                  // The sender hangs up on an answer that is too long.
                  assertThat(answer).hasSizeGreaterThan(10_000);
                }
              });
      try {
        HttpSender.within(SOON, AddressRule.ANY).post(at(server), Map.of(), BODY);
      } finally {
        thread.join();
      }
    }
  }

  private static void readHead(Socket connection) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("{}") < 0) {
      head.append((char) connection.getInputStream().read());
    }
  }

  @Test
  void nobodyThereIsTriedAgain() throws Exception {
    URI address;
    try (var closed = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      address = at(closed);
    }
    assertThatThrownBy(() -> HttpSender.within(SOON, AddressRule.ANY).post(address, Map.of(), BODY))
        .hasMessageContaining("refused")
        .satisfies(failure -> assertThat(((DeliveryFailure) failure).isPermanent()).isFalse());
  }

  @Test
  void aHeaderCannotBecomeTwo() {
    assertThatThrownBy(() ->
            HttpSender.within(SOON, AddressRule.ANY)
                .post(URI.create("http://127.0.0.1:1/"), Map.of("A", "b\r\nC: d"), BODY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the value of header A is not one line");
  }

  @Test
  void tlsProvesTheName(@TempDir Path folder) throws Exception {
    var context = Certificate.in(folder).context();
    try (var server =
        context
            .getServerSocketFactory()
            .createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var thread =
          Thread.ofVirtual()
              .start(() -> {
                for (var i = 0; i < 2; i++) {
                  try (var connection = server.accept();
                      OutputStream out = connection.getOutputStream()) {
                    readHead(connection);
                    out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                  } catch (IOException e) {
                    assertThat(e).hasMessageContaining("certificate");
                  }
                }
              });
      var loopback = new InetAddress[] {InetAddress.getLoopbackAddress()};
      var sender =
          new HttpSender(AddressRule.ANY, SOON, context.getSocketFactory(), host -> loopback);
      var port = server.getLocalPort();
      sender.post(URI.create("https://hook.example:" + port), Map.of(), BODY);
      assertThatThrownBy(
              () -> sender.post(URI.create("https://other.example:" + port), Map.of(), BODY))
          .hasMessageContaining("TLS with other.example:" + port + " failed");
      thread.join();
    }
  }

  private static URI at(ServerSocket server) {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/x");
  }
}
