package io.lumeo.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.lumeo.alerts.SmtpChannel.Encryption;
import io.lumeo.alerts.SmtpChannel.Server;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpChannelTest {
  private static final String PASSWORD = "s3same-0pen";

  @TempDir static Path folder;
  private static Certificate certificate;

  private GreenMail server;

  @BeforeAll
  static void certify() throws Exception {
    certificate = Certificate.in(folder);
    System.setProperty("greenmail.tls.keystore.file", certificate.file().toString());
    System.setProperty("greenmail.tls.keystore.password", Certificate.PASSWORD);
  }

  @AfterAll
  static void forget() {
    System.clearProperty("greenmail.tls.keystore.file");
    System.clearProperty("greenmail.tls.keystore.password");
  }

  private Server start(String protocol, Encryption encryption, String user, String password) {
    server = new GreenMail(new ServerSetup(0, "127.0.0.1", protocol));
    server.start();
    server.setUser("lumeo@example.org", "lumeo", PASSWORD);
    var smtp = protocol.equals(ServerSetup.PROTOCOL_SMTPS) ? server.getSmtps() : server.getSmtp();
    return new Server(
        "127.0.0.1",
        smtp.getPort(),
        encryption,
        user,
        password == null ? null : Secret.of(password),
        Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.stop();
    }
  }

  private static SmtpChannel channel(Server server) {
    return new SmtpChannel(
        "mail",
        server,
        "Lumeo <lumeo@example.org>",
        List.of("ops@example.org", "\"On Call\" <call@example.org>"),
        () -> Samples.AT,
        certificate.context().getSocketFactory());
  }

  @Test
  void aLetterSaysItInPlainTextAndInHtml() throws Exception {
    channel(start("smtp", Encryption.NONE, null, null)).deliver(Samples.firing("snäp<b>"));
    var letters = server.getReceivedMessages();
    assertThat(letters).hasSize(2);
    var letter = letters[0];
    assertThat(letter.getSubject())
        .isEqualTo("[critical] Snapshot vg0/snäp<b> on db1 has used 95 % of its store");
    assertThat(letter.getFrom()[0]).hasToString("Lumeo <lumeo@example.org>");
    assertThat(letter.getRecipients(RecipientType.TO)).hasSize(2);
    assertThat(letter.getMessageID()).isEqualTo("<1772366400000-00ff@example.org>");
    assertThat(letter.getSentDate().toInstant()).isEqualTo(Samples.AT);
    assertThat(letter.getHeader("Auto-Submitted")).containsExactly("auto-generated");
    var text = part(letter, 0);
    assertThat(text).contains("the origin is not harmed").contains("lvextend -L +1G vg0/'snäp<b>'");
    assertThat(part(letter, 1)).contains("snäp&lt;b&gt;").doesNotContain("<b>");
  }

  private static String part(MimeMessage letter, int index) throws Exception {
    return ((MimeMultipart) letter.getContent()).getBodyPart(index).getContent().toString();
  }

  @Test
  void anEndIsALetterToo() throws Exception {
    channel(start("smtp", Encryption.NONE, null, null)).deliver(Samples.resolved("snap"));
    var letter = server.getReceivedMessages()[0];
    assertThat(letter.getSubject()).startsWith("[resolved] ");
    assertThat(part(letter, 0)).contains("It is over since 2026-03-01T12:00:00Z.");
    assertThat(part(letter, 1)).contains("It is over since 2026-03-01T12:00:00Z.");
  }

  @Test
  void aNameCannotAddAHeader() throws Exception {
    var hostile = "x\r\nBcc: all@example.org\r\n\r\nbody";
    var channel = channel(start("smtp", Encryption.NONE, null, null));
    channel.deliver(Samples.firing(hostile));
    channel.send(new Mail("id\r\nX: y", "re\nBcc: all@example.org", "t", "<p>h</p>"));
    for (var letter : server.getReceivedMessages()) {
      assertThat(letter.getHeader("Bcc")).isNull();
      assertThat(letter.getHeader("X")).isNull();
      assertThat(letter.getAllRecipients()).hasSize(2);
      assertThat(GreenMailUtil.getHeaders(letter)).doesNotContain("\nBcc:");
    }
  }

  @Test
  void aLetterGoesThroughTlsWithAPassword() throws Exception {
    var channel = channel(start("smtps", Encryption.TLS, "lumeo", PASSWORD));
    channel.deliver(Samples.firing("snap"));
    assertThat(server.getReceivedMessages()).hasSize(2);
  }

  /// GreenMail knows no STARTTLS, so this server is a script.
  @Test
  void thePasswordIsSentAfterStarttlsOnly() throws Exception {
    try (var script = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var heard = new FutureTask<>(() -> conversation(script));
      Thread.ofVirtual().start(heard);
      channel(
              new Server(
                  "127.0.0.1",
                  script.getLocalPort(),
                  Encryption.STARTTLS,
                  "lumeo",
                  Secret.of(PASSWORD),
                  Duration.ofSeconds(20)))
          .deliver(Samples.firing("snap"));
      assertThat(heard.get())
          .containsSubsequence("STARTTLS", "(secret)", "AUTH", "MAIL", "RCPT", "DATA", "QUIT");
    }
  }

  /// Says what SMTP asks for, and returns the verbs that were heard.
  private static List<String> conversation(ServerSocket script) throws IOException {
    var verbs = new ArrayList<String>();
    try (var plain = script.accept()) {
      say(plain, "220 here");
      String verb;
      do {
        verb = hear(plain, verbs);
        say(plain, verb.equals("EHLO") ? "250-here\r\n250 STARTTLS" : "220 go");
      } while (!verb.equals("STARTTLS"));
      var secret =
          (SSLSocket) certificate.context().getSocketFactory().createSocket(plain, null, 0, false);
      secret.setUseClientMode(false);
      verbs.add("(secret)");
      do {
        verb = hear(secret, verbs);
        say(
            secret,
            switch (verb) {
              case "EHLO" -> "250-here\r\n250 AUTH PLAIN";
              case "AUTH" -> "235 welcome";
              case "DATA" -> "354 go on";
              default -> "250 well";
            });
        if (verb.equals("DATA")) {
          while (!line(secret).equals(".")) {
            assertThat(secret.isConnected()).isTrue();
          }
          say(secret, "250 taken");
        }
      } while (!verb.equals("QUIT"));
    }
    return verbs;
  }

  private static String hear(Socket from, List<String> verbs) throws IOException {
    var verb = line(from).split(" ", 2)[0];
    verbs.add(verb);
    return verb;
  }

  private static String line(Socket from) throws IOException {
    var line = new StringBuilder();
    for (var next = from.getInputStream().read();
        next != '\n';
        next = from.getInputStream().read()) {
      if (next < 0) {
        throw new EOFException("hung up after " + line);
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }

  private static void say(Socket to, String line) throws IOException {
    to.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void aServerWithoutStarttlsGetsNeitherLetterNorPassword() {
    var channel = channel(start("smtp", Encryption.STARTTLS, "lumeo", PASSWORD));
    assertThatThrownBy(() -> channel.deliver(Samples.firing("snap")))
        .isInstanceOf(DeliveryFailure.class)
        .hasMessageContaining("STARTTLS is required")
        .hasMessageNotContaining(PASSWORD);
    assertThat(server.getReceivedMessages()).isEmpty();
  }

  @Test
  void aWrongPasswordIsNotTold() {
    var channel = channel(start("smtps", Encryption.TLS, "lumeo", "wr0ng-w0rd"));
    assertThatThrownBy(() -> channel.deliver(Samples.firing("snap")))
        .isInstanceOf(DeliveryFailure.class)
        .hasMessageContaining("mail through 127.0.0.1:")
        .hasMessageNotContaining("wr0ng-w0rd");
    assertThat(start("smtp", Encryption.TLS, "lumeo", PASSWORD).toString())
        .doesNotContain(PASSWORD)
        .contains("***");
  }

  @Test
  void aServerThatIsNotTrustedGetsNothing() {
    var untrusting =
        new SmtpChannel(
            "mail",
            start("smtps", Encryption.TLS, "lumeo", PASSWORD),
            "lumeo@example.org",
            List.of("ops@example.org"),
            () -> Samples.AT);
    assertThatThrownBy(() -> untrusting.deliver(Samples.firing("snap")))
        .isInstanceOf(DeliveryFailure.class);
    assertThat(server.getReceivedMessages()).isEmpty();
  }

  @Test
  void nobodyThereIsTriedAgain() throws IOException {
    int port;
    try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    var channel =
        channel(new Server("127.0.0.1", port, Encryption.NONE, null, null, Duration.ofSeconds(20)));
    assertThat(channel.name()).isEqualTo("mail");
    assertThatThrownBy(() -> channel.deliver(Samples.firing("snap")))
        .isInstanceOf(DeliveryFailure.class)
        .satisfies(failure -> assertThat(((DeliveryFailure) failure).isPermanent()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody", "a@b\r\nBcc: c@d", "", "a b@c.d"})
  void whatIsNotAnAddressIsRefused(String address) {
    var server = new Server("h", 25, Encryption.NONE, null, null, Duration.ofSeconds(1));
    assertThatThrownBy(
            () -> new SmtpChannel("mail", server, "a@b.c", List.of(address), () -> Samples.AT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a mail address");
  }

  @Test
  void aPasswordIsNeverSentInTheClear() {
    assertThatThrownBy(
            () -> new Server("h", 25, Encryption.NONE, "u", Secret.of("p"), Duration.ofSeconds(1)))
        .hasMessageContaining("in the clear");
    assertThatThrownBy(() -> new Server("h", 25, Encryption.TLS, "u", null, Duration.ofSeconds(1)))
        .hasMessageContaining("both a user and a password");
    var server = new Server("h", 25, Encryption.NONE, null, null, Duration.ofSeconds(1));
    assertThatThrownBy(() -> new SmtpChannel("m", server, "a@b.c", List.of(), () -> Samples.AT))
        .hasMessageContaining("to nobody");
  }
}
