package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.alerts.AddressRule;
import io.lumeo.alerts.AlertSettings;
import io.lumeo.alerts.Alerting;
import io.lumeo.alerts.AlertmanagerChannel;
import io.lumeo.alerts.Delivery;
import io.lumeo.alerts.HttpSender;
import io.lumeo.alerts.Observation;
import io.lumeo.alerts.RetryPolicy;
import io.lumeo.alerts.Route;
import io.lumeo.alerts.Rule;
import io.lumeo.alerts.Rules;
import io.lumeo.state.Database;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our alerts in Debian's Alertmanager: as we mean them, and gone when they are over.
class AlertmanagerTakesOurAlertsIT {
  private static final HttpSender SENDER =
      HttpSender.within(Duration.ofSeconds(20), AddressRule.ANY);

  @TempDir Path folder;
  private final List<Delivery> log = new ArrayList<>();

  @Test
  void anAlertStandsThereUntilItIsOver() throws IOException {
    try (var alertmanager = start();
        var database = Database.open(folder.resolve("state.db"))) {
      var channel = new AlertmanagerChannel("am", alertmanager.address(), null, SENDER);
      var alerting =
          new Alerting(
              database,
              new Alerting.Setup(settings(), List.of(Route.all(channel)), Map.of()),
              RetryPolicy.defaults(),
              SENDER,
              InstantSource.system(),
              log::add);

      alerting.look(List.of(up(), snapshot("quote\" and ünicode", 0.75)));
      assertThat(alerting.deliver()).isEmpty();
      assertThat(alertmanager.await("/api/v2/alerts", body -> body.contains("SnapshotStoreFull")))
          .contains("\"severity\":\"warning\"", "\"lv\":\"quote\\\" and ünicode\"", "next_steps");

      alerting.look(List.of(up(), snapshot("quote\" and ünicode", 0.95)));
      assertThat(alerting.deliver()).isEmpty();
      alertmanager.await("/api/v2/alerts", body -> body.contains("\"severity\":\"critical\""));

      alerting.look(List.of(up(), snapshot("quote\" and ünicode", 0.1)));
      assertThat(alerting.deliver()).isEmpty();
      alertmanager.await("/api/v2/alerts", body -> !body.contains("\"severity\":\"critical\""));
      assertThat(log)
          .isNotEmpty()
          .allMatch(delivery -> delivery.result() == Delivery.Result.DELIVERED);
      assertThat(alerting.test("am").result()).isEqualTo(Delivery.Result.DELIVERED);
    }
  }

  private WebProgram start() throws IOException {
    var configuration = folder.resolve("alertmanager.yml");
    Files.writeString(configuration, "route: {receiver: none}\nreceivers: [{name: none}]\n");
    var port = WebProgram.freePort();
    return WebProgram.ready(
        Tool.named("prometheus-alertmanager")
            .start(
                "--config.file=" + configuration,
                "--storage.path=" + folder.resolve("alertmanager"),
                "--cluster.listen-address=",
                "--web.listen-address=127.0.0.1:" + port),
        port);
  }

  /// An end is believed at once: nobody waits here.
  private static AlertSettings settings() {
    var rule = Rules.defaults().getFirst();
    var quick =
        new Rule(
            rule.name(),
            rule.measure(),
            rule.direction(),
            rule.steps(),
            rule.hysteresis(),
            rule.quantity(),
            rule.hold(),
            Duration.ZERO,
            rule.title(),
            rule.meaning(),
            rule.next());
    return new AlertSettings(List.of(quick), List.of(), Duration.ofHours(4), Duration.ZERO);
  }

  private static Observation up() {
    return Observation.of("lumeo_host_up", Map.of("host", "db1"), 1);
  }

  private static Observation snapshot(String name, double ratio) {
    return Observation.of(
        "lumeo_snapshot_cow_used_ratio",
        Map.of("host", "db1", "vg", "vg0", "pool", "", "lv", name),
        ratio);
  }
}
