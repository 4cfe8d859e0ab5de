package io.lumeo.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.alerts.ProgramRunner.Ending;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The channels to Alertmanager and to a program of this machine.
class LocalChannelsTest {

  @Test
  void alertmanagerIsToldFromWhenAndUntilWhen() throws Exception {
    try (var receiver = Receiver.open()) {
      var channel =
          new AlertmanagerChannel(
              "am",
              receiver.at("/prefix/"),
              Secret.of("Bearer t0ken"),
              HttpSender.within(Duration.ofSeconds(20), AddressRule.ANY));
      assertThat(channel.name()).isEqualTo("am");
      assertThat(channel.wantsWhatStands()).isTrue();
      channel.deliver(
          Samples.message(
              Samples.notice(Notice.Kind.STILL_FIRING, "a"),
              Samples.notice(Notice.Kind.RESOLVED, "b")));
      var request = receiver.only();
      assertThat(request.path()).isEqualTo("/prefix/api/v2/alerts");
      assertThat(request.header("Authorization")).isEqualTo("Bearer t0ken");
      var json = AlertJson.parse(request.body());
      var firing = json.get(0);
      assertThat(firing.at("/labels/alertname").stringValue()).isEqualTo("SnapshotStoreFull");
      assertThat(firing.at("/labels/severity").stringValue()).isEqualTo("critical");
      assertThat(firing.at("/labels/lv").stringValue()).isEqualTo("a");
      assertThat(firing.at("/labels/pool").isMissingNode()).isTrue();
      assertThat(firing.get("startsAt").stringValue()).isEqualTo("2026-03-01T11:58:30Z");
      assertThat(firing.get("endsAt").stringValue()).isEqualTo("2026-03-01T12:05:00Z");
      assertThat(firing.at("/annotations/next_steps").stringValue()).contains("lvextend");
      assertThat(json.get(1).get("endsAt").stringValue()).isEqualTo("2026-03-01T12:00:00Z");
    }
  }

  @Test
  void aProgramGetsTheMessageOnItsInputAndNothingInItsArguments() throws Exception {
    var given = new ArrayList<String>();
    var channel =
        new CommandChannel(
            "script",
            List.of("/usr/local/bin/tell", "--ops"),
            Duration.ofSeconds(30),
            (arguments, input, deadline) -> {
              assertThat(deadline).hasSeconds(30);
              given.addAll(arguments);
              given.add(new String(input, StandardCharsets.UTF_8));
              return new Ending(0, "");
            });
    channel.deliver(Samples.firing("$(reboot)"));
    assertThat(channel.name()).isEqualTo("script");
    assertThat(given.subList(0, 2)).containsExactly("/usr/local/bin/tell", "--ops");
    assertThat(AlertJson.parse(given.get(2)).at("/alerts/0/labels/lv").stringValue())
        .isEqualTo("$(reboot)");
  }

  @Test
  void aProgramThatFailsIsTriedAgainAndItsComplaintIsKeptShort() {
    assertThatThrownBy(() -> told(new Ending(3, "no\nline".repeat(100))))
        .isInstanceOf(DeliveryFailure.class)
        .hasMessageStartingWith("/bin/tell ended with 3: no?line")
        .satisfies(failure -> assertThat(failure.getMessage()).hasSizeLessThan(260));
    assertThatThrownBy(() -> told(null))
        .isInstanceOf(DeliveryFailure.class)
        .hasMessage("/bin/tell could not be run: it did not end in time");
  }

  private static void told(Ending ending) throws DeliveryFailure {
    new CommandChannel(
            "script",
            List.of("/bin/tell"),
            Duration.ofSeconds(30),
            (arguments, input, deadline) -> {
              if (ending == null) {
                throw new IOException("it did not end in time");
              }
              return ending;
            })
        .deliver(Samples.firing("snap"));
  }

  @Test
  void aSecretShowsItselfToNobody() {
    var secret = Secret.of("sesame");
    assertThat(secret).hasToString("***");
    assertThat(List.of(secret)).hasToString("[***]");
    assertThat(secret.removeFrom("the word is sesame.")).isEqualTo("the word is ***.");
    assertThat(Secret.of("").removeFrom("x")).isEqualTo("x");
  }
}
