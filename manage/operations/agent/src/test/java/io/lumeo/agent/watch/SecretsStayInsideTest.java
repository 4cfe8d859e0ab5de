package io.lumeo.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.audit.AuditQuery;
import io.lumeo.reports.HtmlReport;
import io.lumeo.reports.MarkdownReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Channels that fail, and say back whatever they were sent: nothing secret gets any further, also
/// where nobody takes it out of the record.
class SecretsStayInsideTest {
  private static final String SECRET = "hunter2";

  @TempDir Path folder;
  private final List<String> logged = new CopyOnWriteArrayList<>();

  @Test
  void noSecretIsAnywhere() throws IOException, InterruptedException {
    var log = Logger.getLogger("io.lumeo");
    var listener = new Listening();
    log.addHandler(listener);
    log.setLevel(Level.ALL);
    try (var receiver = Pings.open();
        var station = new Station(Files.createDirectory(folder.resolve("state")), "")) {
      receiver.echoes = true;
      station.configuration = station.configured(yaml(receiver.address()));
      var host = Fleet.host("db1");
      host.poolUsedBytes = 95 * Fleet.GIB;
      station.hosts.add(host);
      station.runs.handledUpTo(Task.snapshot("p"), "db1", station.now);
      station.runs.add(
          Task.snapshot("p"),
          "db1",
          station.now,
          new RunRecord.End(station.now, RunRecord.Result.FAILED, "the group is full"));
      while (failures(station) < 3) {
        station.poll();
        station.now = station.now.plus(Duration.ofMinutes(20));
      }
      assertThat(receiver.paths).anyMatch(path -> path.contains(SECRET + "-url"));
      assertThat(receiver.paths).anyMatch(path -> path.contains(SECRET + "-ping"));
      for (var channel : List.of("hook", "am", "mail")) {
        assertThat(station.watch.test(channel).reason()).isNotEmpty().doesNotContain(SECRET);
      }
      var settings = station.configuration.reports().getFirst();
      var report = station.watch.report(settings, Station.START, station.now);
      assertThat(HtmlReport.of(report)).contains("message.deliver").doesNotContain(SECRET);
      assertThat(MarkdownReport.of(report)).doesNotContain(SECRET);
      assertThat(station.troubles.all().toString()).doesNotContain(SECRET);
    } finally {
      log.removeHandler(listener);
      log.setLevel(null);
    }
    try (var files = Files.walk(folder.resolve("state"))) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(SECRET);
      }
    }
    assertThat(logged).noneMatch(text -> text.contains(SECRET));
  }

  private String yaml(String address) throws IOException {
    return """
    policies: [{id: p, volumes: [{name: a}], schedule: '@daily', pingFile: %s}]
    channels:
      - {name: hook, kind: webhook, urlFile: %s, secretFile: %s, allowPrivate: true}
      - {name: am, kind: alertmanager, url: '%s', tokenFile: %s}
      - {name: mail, kind: smtp, server: 127.0.0.1, port: 1, user: u, passwordFile: %s,
         from: a@example.com, to: [b@example.com]}
    alerts: {channels: [hook, am, mail]}
    reports: [{name: all, schedule: '@yearly'}]
    """
        .formatted(
            secret("ping", address + "/hunter2-ping"),
            secret("url", address + "/hunter2-url"),
            secret("key", "hunter2-key"),
            address,
            secret("token", "hunter2-token"),
            secret("password", "hunter2-password"));
  }

  private Path secret(String name, String text) throws IOException {
    var file = Files.writeString(folder.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /// How many messages were given up.
  private static long failures(Station station) {
    return station.audit.find(AuditQuery.latest(50)).stream()
        .filter(record -> record.entry().verb().equals("message.deliver"))
        .count();
  }

  private final class Listening extends Handler {
    @Override
    public void publish(LogRecord record) {
      logged.add(record.getMessage() + " " + record.getThrown());
    }

    @Override
    public void flush() {
      // Nothing is kept back.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
