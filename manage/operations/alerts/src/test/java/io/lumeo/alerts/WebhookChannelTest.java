package io.lumeo.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WebhookChannelTest {
  private static final String HOSTILE = "a\"}\n<!everyone> @everyone & \\ \u202e";
  private static final HttpSender SENDER =
      HttpSender.within(Duration.ofSeconds(10), AddressRule.ANY);

  private Receiver receiver;

  @BeforeEach
  void open() throws IOException {
    receiver = Receiver.open();
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  private WebhookChannel channel(String path, WebhookShape shape) {
    return new WebhookChannel(
        "hook",
        receiver.at(path),
        shape,
        Secret.of("sesame"),
        Secret.of("Bearer t0ken"),
        SENDER,
        () -> Samples.AT);
  }

  @Test
  void theSignatureIsTheOneThatTheReceiverComputes() throws Exception {
    channel("/hook?x=1", WebhookShape.JSON).deliver(Samples.firing("snap"));
    var request = receiver.only();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.path()).isEqualTo("/hook?x=1");
    assertThat(request.header("Authorization")).isEqualTo("Bearer t0ken");
    assertThat(request.header("Idempotency-key")).isEqualTo("1772366400000-00ff");
    var signature = request.header("Lumeo-signature");
    assertThat(signature).startsWith("t=" + Samples.AT.getEpochSecond() + ",v1=");
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("sesame".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    var expected =
        mac.doFinal(
            (Samples.AT.getEpochSecond() + "." + request.body()).getBytes(StandardCharsets.UTF_8));
    assertThat(signature).endsWith(HexFormat.of().formatHex(expected));
  }

  @Test
  void withoutAKeyNothingIsSigned() throws Exception {
    new WebhookChannel(
            "hook", receiver.at("/"), WebhookShape.JSON, null, null, SENDER, Instant::now)
        .deliver(Samples.firing("snap"));
    assertThat(receiver.only().headers()).doesNotContainKeys("Lumeo-signature", "Authorization");
  }

  @Test
  void ourOwnJsonSaysEverything() throws Exception {
    channel("/", WebhookShape.JSON)
        .deliver(
            Samples.message(
                Samples.notice(Notice.Kind.FIRING, HOSTILE),
                Samples.notice(Notice.Kind.RESOLVED, "b")));
    var json = AlertJson.parse(receiver.only().body());
    assertThat(json.at("/alerts/0/labels/lv").stringValue()).isEqualTo(HOSTILE);
    assertThat(json.at("/alerts/0/status").stringValue()).isEqualTo("firing");
    assertThat(json.at("/alerts/0/severity").stringValue()).isEqualTo("critical");
    assertThat(json.at("/alerts/0/value").doubleValue()).isEqualTo(0.95);
    assertThat(json.at("/alerts/0/next/0").stringValue()).startsWith("lvextend");
    assertThat(json.at("/alerts/1/status").stringValue()).isEqualTo("resolved");
    assertThat(json.at("/alerts/1/endedAt").stringValue()).isEqualTo("2026-03-01T12:00:00Z");
  }

  @Test
  void ntfyGetsItsTopicFromTheAddress() throws Exception {
    channel("/my-topic", WebhookShape.NTFY).deliver(Samples.firing("snap"));
    channel("/my-topic", WebhookShape.NTFY).deliver(Samples.resolved("snap"));
    assertThat(receiver.requests.getFirst().path()).isEqualTo("/");
    var json = AlertJson.parse(receiver.requests.getFirst().body());
    assertThat(json.get("topic").stringValue()).isEqualTo("my-topic");
    assertThat(json.get("title").stringValue()).startsWith("[critical] Snapshot vg0/snap on db1");
    assertThat(json.get("priority").intValue()).isEqualTo(5);
    var end = AlertJson.parse(receiver.requests.getLast().body());
    assertThat(end.get("priority").intValue()).isEqualTo(2);
    assertThat(end.get("tags").get(0).stringValue()).isEqualTo("white_check_mark");
  }

  @Test
  void namesCallNobodyInAChat() throws Exception {
    channel("/", WebhookShape.SLACK).deliver(Samples.firing(HOSTILE));
    channel("/", WebhookShape.DISCORD).deliver(Samples.firing(HOSTILE));
    var slack = AlertJson.parse(receiver.requests.getFirst().body()).get("text").stringValue();
    assertThat(slack).contains("&lt;!everyone&gt; @everyone &amp;").doesNotContain("<");
    var discord = AlertJson.parse(receiver.requests.getLast().body());
    assertThat(discord.at("/allowed_mentions/parse").isArray()).isTrue();
    assertThat(discord.at("/allowed_mentions/parse").isEmpty()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(WebhookShape.class)
  void everyShapeIsJsonHoweverLongAndHostile(WebhookShape shape) throws Exception {
    var notices = new Notice[100];
    for (var i = 0; i < notices.length; i++) {
      notices[i] = Samples.notice(Notice.Kind.WORSE, HOSTILE + "\ud83d\ude00".repeat(50) + i);
    }
    channel("/t", shape).deliver(Samples.message(notices));
    var json = AlertJson.parse(receiver.only().body());
    assertThat(json.isObject()).isTrue();
    if (shape == WebhookShape.DISCORD) {
      assertThat(json.get("content").stringValue()).hasSizeLessThan(2000).endsWith("…");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "204, ,",
    "302, true, redirects are not followed",
    "404, true, answered 404",
    "401, true, check the address",
    "429, false, answered 429",
    "503, false, answered 503"
  })
  void theAnswerDecidesWhetherItIsTriedAgain(int status, Boolean permanent, String reason)
      throws Exception {
    receiver.status = status;
    var channel = channel("/secret-part", WebhookShape.JSON);
    if (permanent == null) {
      channel.deliver(Samples.firing("snap"));
      return;
    }
    assertThatThrownBy(() -> channel.deliver(Samples.firing("snap")))
        .isInstanceOf(DeliveryFailure.class)
        .hasMessageContaining(reason)
        .hasMessageContaining("127.0.0.1:" + receiver.port())
        .hasMessageNotContaining("secret-part")
        .hasMessageNotContaining("sesame")
        .satisfies(
            failure -> assertThat(((DeliveryFailure) failure).isPermanent()).isEqualTo(permanent));
    assertThat(receiver.requests).hasSize(1);
  }

  @Test
  void aMessageIsTheSameAfterItWasKept() {
    var message =
        Samples.message(
            Samples.notice(Notice.Kind.STILL_FIRING, HOSTILE),
            Samples.notice(Notice.Kind.RESOLVED, "b"));
    var kept = AlertJson.message(AlertJson.parse(AlertJson.text(AlertJson.of(message))));
    assertThat(kept.subject()).isEqualTo(message.subject());
    assertThat(kept.text()).isEqualTo(message.text());
    assertThat(kept.notices().stream().map(notice -> notice.alert().fingerprint()))
        .isEqualTo(
            List.of(message.notices()).getFirst().stream()
                .map(notice -> notice.alert().fingerprint())
                .toList());
  }
}
