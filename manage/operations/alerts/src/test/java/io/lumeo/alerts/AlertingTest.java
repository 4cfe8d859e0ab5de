package io.lumeo.alerts;

import static io.lumeo.alerts.Seen.snapshot;
import static io.lumeo.alerts.Seen.up;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.alerts.Alerting.Setup;
import io.lumeo.alerts.Samples.Kept;
import io.lumeo.state.Database;
import io.lumeo.testing.SeededTest;
import io.lumeo.testing.SimulatedClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertingTest {
  private static final HttpSender SENDER =
      HttpSender.within(Duration.ofSeconds(10), AddressRule.ANY);

  @TempDir Path folder;
  private final SimulatedClock clock = new SimulatedClock();
  private final Kept mail = new Kept("mail");
  private final List<Delivery> log = new ArrayList<>();
  private Setup setup = setup(Route.all(mail));
  private Database database;
  private Alerting alerting;

  @BeforeEach
  void open() throws IOException {
    database = Database.open(folder.resolve("state.db"));
    alerting =
        new Alerting(database, setup, RetryPolicy.defaults(), SENDER, clock::now, this::note);
  }

  private synchronized void note(Delivery delivery) {
    log.add(delivery);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void restart() throws IOException {
    close();
    open();
  }

  private static Setup setup(Route... routes) {
    return new Setup(AlertSettings.defaults(), List.of(routes), Map.of());
  }

  @Test
  void whatIsFoundIsDeliveredAndReported() {
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    assertThat(mail.messages).isEmpty();
    assertThat(alerting.deliver()).isEmpty();
    assertThat(mail.subjects())
        .containsExactly("[critical] Snapshot vg0/db-snap on db1 has used 95 % of its store");
    assertThat(log)
        .singleElement()
        .satisfies(delivery -> {
          assertThat(delivery.result()).isEqualTo(Delivery.Result.DELIVERED);
          assertThat(delivery.channel()).isEqualTo("mail");
          assertThat(delivery.attempt()).isEqualTo(1);
        });
    assertThat(alerting.alerts()).hasSize(1);
  }

  @Test
  void aRestartRepeatsNothing() throws IOException {
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    restart();
    clock.advance(Duration.ofMinutes(5));
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    assertThat(mail.messages).hasSize(1);
  }

  @Test
  void aRestartLosesNothing() throws IOException {
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    restart();
    alerting.deliver();
    assertThat(mail.messages).hasSize(1);
    alerting.look(List.of(up("db1"), snapshot(0.1)));
    restart();
    clock.advance(Duration.ofMinutes(5));
    alerting.look(List.of(up("db1"), snapshot(0.1)));
    restart();
    alerting.deliver();
    assertThat(mail.subjects()).hasSize(2).last().asString().startsWith("[resolved]");
  }

  @Test
  void whatIsNotTakenIsTriedAgainLaterAndInOrder() {
    mail.refusals = 2;
    alerting.look(List.of(up("db1"), snapshot(0.75)));
    assertThat(alerting.deliver()).contains(clock.now().plusSeconds(10));
    clock.advance(Duration.ofSeconds(10));
    assertThat(alerting.deliver()).contains(clock.now().plusSeconds(20));
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    assertThat(alerting.deliver()).contains(clock.now().plusSeconds(20));
    assertThat(mail.messages).isEmpty();
    clock.advance(Duration.ofSeconds(20));
    assertThat(alerting.deliver()).isEmpty();
    assertThat(mail.subjects()).hasSize(2).first().asString().startsWith("[warning]");
    assertThat(log.stream().map(Delivery::result))
        .containsExactly(
            Delivery.Result.DELAYED,
            Delivery.Result.DELAYED,
            Delivery.Result.DELIVERED,
            Delivery.Result.DELIVERED);
    assertThat(log.getFirst().reason()).isEqualTo("not now");
  }

  @Test
  void aReceiverThatNeverTakesItIsGivenUpAfterItsRetries() {
    mail.refusals = Integer.MAX_VALUE;
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    for (var due = alerting.deliver(); due.isPresent(); due = alerting.deliver()) {
      clock.advance(Duration.between(clock.now(), due.get()));
    }
    assertThat(log)
        .hasSize(12)
        .last()
        .extracting(Delivery::result)
        .isEqualTo(Delivery.Result.GIVEN_UP);
    assertThat(alerting.observations())
        .contains(
            Observation.of("lumeo_alert_channel_failing", Map.of("channel", "mail"), 1),
            Observation.of(
                "lumeo_alerts_sent_total", Map.of("channel", "mail", "result", "failed"), 12));
  }

  @Test
  void aReceiverThatSaysNoIsNotAskedAgain() {
    mail.refusesForGood = true;
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    assertThat(alerting.deliver()).isEmpty();
    assertThat(log)
        .singleElement()
        .extracting(Delivery::result)
        .isEqualTo(Delivery.Result.GIVEN_UP);
  }

  @Test
  void oneDeadReceiverDelaysNoOther() {
    var chat = new Kept("chat");
    mail.refusals = 1;
    alerting.use(setup(Route.all(mail), Route.all(chat)));
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    assertThat(chat.messages).hasSize(1);
    assertThat(mail.messages).isEmpty();
  }

  @Test
  void aChannelForPagesHearsOfPagesOnly() {
    alerting.use(setup(Route.all(mail).from(Severity.CRITICAL)));
    alerting.look(List.of(up("db1"), snapshot("db1", "a", 0.75), snapshot("db1", "b", 0.95)));
    alerting.deliver();
    assertThat(mail.messages)
        .singleElement()
        .satisfies(message -> assertThat(message.notices()).hasSize(1));
  }

  @Test
  void aChannelHearsOfTheRulesThatAreRoutedToIt() {
    var chat = new Kept("chat");
    alerting.use(
        setup(
            Route.all(mail).of(rule -> !rule.equals("SnapshotStoreFull")),
            Route.all(chat).of("SnapshotStoreFull"::equals)));
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    assertThat(chat.messages).hasSize(1);
    assertThat(mail.messages).isEmpty();
  }

  @Test
  void aChannelIsTriedAgainAsOftenAsItsRouteSays() {
    mail.refusals = 100;
    alerting.use(setup(Route.all(mail).retrying(RetryPolicy.defaults().withAttempts(2))));
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    assertThat(alerting.deliver()).isPresent();
    clock.advance(Duration.ofMinutes(1));
    assertThat(alerting.deliver()).isEmpty();
    assertThat(log)
        .extracting(Delivery::result)
        .containsExactly(Delivery.Result.DELAYED, Delivery.Result.GIVEN_UP);
  }

  @Test
  void aChannelThatForgetsIsToldEachMinuteOfAllThatStands() {
    var forgetful = new Kept("am", true);
    alerting.use(setup(Route.all(forgetful)));
    for (var second = 0; second < 300; second += 15) {
      alerting.look(List.of(up("db1"), snapshot(0.95)));
      alerting.deliver();
      clock.advance(Duration.ofSeconds(15));
    }
    assertThat(forgetful.messages).hasSize(1 + 5);
    forgetful.refusals = 1;
    clock.advance(Duration.ofMinutes(1));
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    clock.advance(Duration.ofMinutes(1));
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    assertThat(alerting.deliver()).isEmpty();
    assertThat(forgetful.messages.getLast().at()).isEqualTo(clock.now());
  }

  @Test
  void whatWaitsForAChannelThatIsNoMoreIsDropped() {
    mail.refusals = 1;
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    alerting.use(setup());
    clock.advance(Duration.ofMinutes(1));
    assertThat(alerting.deliver()).isEmpty();
    assertThat(log)
        .last()
        .satisfies(delivery -> {
          assertThat(delivery.result()).isEqualTo(Delivery.Result.GIVEN_UP);
          assertThat(delivery.reason()).contains("no such channel");
        });
  }

  @Test
  void whatWaitedForADayIsOfNoUse() {
    mail.refusals = 1;
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    clock.advance(Duration.ofHours(25));
    assertThat(alerting.deliver()).isEmpty();
    assertThat(mail.messages).isEmpty();
    assertThat(log).last().extracting(Delivery::result).isEqualTo(Delivery.Result.GIVEN_UP);
  }

  @Test
  void aTestGoesOutAtOnceAndSaysHowItWent() {
    var delivery = alerting.test("mail");
    assertThat(delivery.result()).isEqualTo(Delivery.Result.DELIVERED);
    assertThat(mail.messages.getFirst().text()).contains("Nothing is wrong");
    mail.refusesForGood = true;
    assertThat(alerting.test("mail").reason()).isEqualTo("never");
    assertThat(log).hasSize(2);
    assertThatThrownBy(() -> alerting.test("post"))
        .hasMessage("there is no channel 'post'; there are: mail");
  }

  @Test
  void silencesOutliveARestart() throws IOException {
    var silence =
        new Silence(
            "s1",
            List.of(LabelMatcher.parse("host=\"db1\""), LabelMatcher.parse("lv!~\"a.*\"")),
            clock.now(),
            clock.now().plus(Duration.ofHours(1)),
            "ann",
            "new \"disks\"");
    alerting.silence(silence);
    restart();
    assertThat(alerting.silences()).containsExactly(silence);
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    assertThat(mail.messages).isEmpty();
    assertThat(alerting.endSilence("s1")).isTrue();
    assertThat(alerting.endSilence("s1")).isFalse();
    alerting.look(List.of(up("db1"), snapshot(0.95)));
    alerting.deliver();
    assertThat(mail.messages).hasSize(1);
  }

  @Test
  void aPolicySignalsItsLifeAndOneWithoutAnAddressDoesNot() throws IOException {
    try (var receiver = Receiver.open()) {
      alerting.use(
          new Setup(
              AlertSettings.defaults(),
              List.of(),
              Map.of("nightly", () -> receiver.at("/ping/abc"))));
      alerting.ping(new Ping("nightly", Ping.Kind.START, clock.now(), ""));
      alerting.ping(new Ping("nightly", Ping.Kind.FAIL, clock.now(), "the group is full"));
      alerting.ping(new Ping("nightly", Ping.Kind.SUCCESS, clock.now(), ""));
      alerting.ping(new Ping("hourly", Ping.Kind.SUCCESS, clock.now(), ""));
      assertThat(alerting.deliver()).isEmpty();
      assertThat(receiver.requests.stream().map(Receiver.Request::path))
          .containsExactly("/ping/abc/start", "/ping/abc/fail", "/ping/abc");
      assertThat(receiver.requests.get(1).body()).isEqualTo("the group is full");
      assertThat(setup.toString()).doesNotContain("abc");
    }
  }

  @Test
  void aPingForAPolicyThatLostItsAddressIsDropped() {
    Map<String, Ping.Address> lost = Map.of("nightly", () -> URI.create("http://127.0.0.1:1/"));
    alerting.use(new Setup(AlertSettings.defaults(), List.of(), lost));
    alerting.ping(new Ping("nightly", Ping.Kind.START, clock.now(), ""));
    alerting.use(setup());
    assertThat(alerting.deliver()).isEmpty();
    assertThat(log)
        .singleElement()
        .satisfies(delivery -> assertThat(delivery.reason()).contains("no address"));
  }

  /// Whatever fails and whenever the process is restarted: what arrives is a story that makes
  /// sense, and at its end nothing is owed.
  @SeededTest(seeds = 10)
  void noRestartAndNoRefusalBreaksTheStory(Random random) throws IOException {
    for (var look = 0; look < 60; look++) {
      mail.refusals = random.nextInt(3) == 0 ? random.nextInt(4) : 0;
      alerting.look(List.of(up("db1"), snapshot(random.nextBoolean() ? 0.95 : 0.1)));
      if (random.nextInt(8) == 0) {
        restart();
      }
      alerting.deliver();
      clock.advance(Duration.ofMinutes(random.nextInt(90)));
    }
    mail.refusals = 0;
    clock.advance(Duration.ofHours(10));
    alerting.look(List.of(up("db1"), snapshot(0.1)));
    clock.advance(Duration.ofHours(10));
    alerting.look(List.of(up("db1"), snapshot(0.1)));
    assertThat(alerting.deliver()).isEmpty();
    var firing = false;
    for (var message : mail.messages) {
      for (var notice : message.notices()) {
        switch (notice.kind()) {
          case FIRING -> assertThat(firing).isFalse();
          case WORSE, STILL_FIRING, RESOLVED -> assertThat(firing).isTrue();
        }
        firing = !notice.isResolved();
      }
    }
    assertThat(firing).isFalse();
    assertThat(mail.messages.stream().map(Message::id)).doesNotHaveDuplicates();
    assertThat(Files.size(folder.resolve("state.db"))).isLessThan(1 << 20);
  }

  @Test
  void theWaitDoublesUpToItsLimit() {
    var policy = new RetryPolicy(40, Duration.ofSeconds(10), Duration.ofMinutes(1));
    assertThat(policy.waitAfter(1)).contains(Duration.ofSeconds(10));
    assertThat(policy.waitAfter(3)).contains(Duration.ofSeconds(40));
    assertThat(policy.waitAfter(39)).contains(Duration.ofMinutes(1));
    assertThat(policy.waitAfter(40)).isEmpty();
    assertThatThrownBy(() -> new RetryPolicy(0, Duration.ZERO, Duration.ZERO))
        .hasMessageContaining("are not a retry");
  }
}
