package io.lumeo.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.Troubles;
import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditPlace;
import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Redaction;
import io.lumeo.audit.Verification;
import io.lumeo.cli.lvm.HostFixture;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Poll;
import io.lumeo.forecasts.Samples;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.lvm.SimulatedHost;
import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the agent does by itself, done by hand: policies, retention, growth, trims, snapshots. What
/// is decided is the agent's; here it is whether it is asked for, told and recorded.
class OperationsCommandsTest {
  @TempDir Path folder;

  private final SimulatedHost host = HostFixture.example();
  private HostFixture lumeo;

  @BeforeEach
  void write() throws IOException {
    lumeo = new HostFixture(folder, host);
    Files.writeString(
        folder.resolve("lumeo.yaml"),
        """
        state: %1$s/state
        audit:
          file: %1$s/audit.jsonl
        hosts:
          - name: here
            kind: lvm
        policies:
          - id: homes
            title: The homes, each night
            volumes:
              - pool: vg
                name: home
            schedule: 15 2 * * *
            zone: Europe/Berlin
            jitter: 10m
            catchUp: 2h
            retention:
              daily: 2
            minimumFree:
              amount: 10%%
              action: delete-oldest
            before:
              - command: [/usr/local/bin/quiesce, hush]
            verification:
              schedule: 30 4 * * 0
              sentinels: [/etc/hostname]
          - id: mails
            enabled: false
            volumes:
              - name: mail
            schedule: "@daily"
        growth:
          - name: pools
            pool: vg/pool
            threshold: 80%%
            step: 20%%
          - name: data
            volume: vg/data
            threshold: 80%%
            step: 40MiB
        trim:
          - name: weekly
            volumes:
              - name: mail
            schedule: 0 3 * * 6
        """
            .formatted(folder));
  }

  private List<String> verbs() throws IOException {
    var verbs = new ArrayList<String>();
    for (var line : (List<?>) lumeo.json("audit list")) {
      var fields = (Map<?, ?>) line;
      verbs.add(fields.get("verb") + " " + fields.get("result"));
    }
    return verbs.reversed();
  }

  private List<String> backups() throws IOException {
    return ((List<?>) lumeo.json("audit list"))
        .stream()
            .map(line -> ((Map<?, ?>) line).get("backup"))
            .filter(Objects::nonNull)
            .map(String::valueOf)
            .toList();
  }

  @Test
  void policiesAreListedWithTheirNextRun() throws IOException {
    assertThat(lumeo.ok("policy list"))
        .containsPattern(
            "homes +The homes, each night +15 2 \\* \\* \\* +Europe/Berlin +- +2026-03-02T01:")
        .containsPattern("mails .* off ");
    var shown = lumeo.fields("policy show homes");
    assertThat(shown)
        .containsEntry("zone", "Europe/Berlin")
        .containsEntry("jitterSeconds", 600L)
        .containsEntry("catchUpSeconds", 7200L)
        .containsEntry("minimumFree", "10 %, else delete-oldest")
        .containsEntry("hooks", List.of("before: /usr/local/bin/quiesce"))
        .containsEntry("volumes", List.of("*:vg/home"));
    assertThat(String.valueOf(shown.get("keeps"))).contains("2 daily");
    assertThat(lumeo.ok("policy show homes")).contains("verification:").doesNotContain("hush");
    lumeo.fails(3, "there is no policy 'x'; the configuration has homes, mails", "policy show x");
  }

  @Test
  void theNextRunsOverANightWhenClocksChange() throws IOException {
    lumeo.now = Instant.parse("2026-03-28T12:00:00Z");
    var runs = (List<?>) lumeo.json("policy next homes --count 3");
    assertThat(runs).hasSize(3);
    var second = (Map<?, ?>) runs.getFirst();
    // 02:15 does not come on this night: it runs at the first instant after the gap.
    assertThat(second.get("scheduled")).isEqualTo("2026-03-29T01:00:00Z");
    assertThat(lumeo.ok("policy next")).contains("2026-03-29 03:00 Europe/Berlin");
  }

  @Test
  void aPolicyIsRunAsTheAgentWould() throws IOException {
    var dry = lumeo.ok("policy run homes --dry-run");
    assertThat(dry).containsPattern("here +vg/home +would +would ");
    assertThat(host.find("home-homes-20260301T120000Z")).isEmpty();

    host.thin("home-homes-x", "pool", 100)
        .tagged("lumeo.managed", "lumeo.policy=homes", "lumeo.of=x");
    assertThat(lumeo.run("policy", "run", "homes").out()).contains("quiesce");
    Files.writeString(
        folder.resolve("lumeo.yaml"),
        Files.readString(folder.resolve("lumeo.yaml"))
            .replaceAll("    before:\n +- command: .*\n", ""));
    assertThat(lumeo.ok("policy run homes")).containsPattern("here +vg/home +done ");
    assertThat(host.shape()).contains("home-homes-20260301T120000Z");
    assertThat(verbs()).contains("begin.snapshot.create done", "snapshot.create done");
    assertThat(backups()).hasSize(1).allMatch(backup -> backup.contains(".create-snapshot."));
    assertThat(lumeo.ok("policy list"))
        .containsPattern("Europe/Berlin +1 +2026-\\S+ +2026-03-01T12:00:00Z");
    assertThat(lumeo.ok("audit verify")).contains("are as they were written");
  }

  @Test
  void aPolicyThatSelectsNothingSaysSo() throws IOException {
    assertThat(lumeo.ok("policy list")).containsPattern("Europe/Berlin +- +2026");
    var file = folder.resolve("lumeo.yaml");
    Files.writeString(file, Files.readString(file).replace("name: home\n", "name: hmoe\n"));
    lumeo.fails(3, "policy 'homes' selects no volume", "policy run homes --dry-run");
    lumeo.fails(3, "correct what 'lumeo policy show homes' lists", "policy run homes");
    assertThat(lumeo.ok("policy list")).containsPattern("Europe/Berlin +0 +2026");
  }

  @Test
  void whatIsSecretInAHookIsNotRecorded() throws IOException {
    var ping = folder.resolve("homes.ping");
    Files.writeString(ping, "https://ping.example/s3cret\n");
    Files.setPosixFilePermissions(ping, PosixFilePermissions.fromString("rw-------"));
    var file = folder.resolve("lumeo.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("quiesce, hush]", "quiesce, 'https://ping.example/s3cret']")
            .replace("    catchUp: 2h\n", "    catchUp: 2h\n    pingFile: " + ping + "\n"));
    assertThat(lumeo.run("policy", "run", "homes").out()).contains("quiesce");
    assertThat(Files.readString(folder.resolve("audit.jsonl")))
        .contains("/usr/local/bin/quiesce")
        .contains("***")
        .doesNotContain("s3cret");
  }

  /// An agent has the state and the record open all the while, as one does that runs.
  @Test
  void besideAnAgentWhatIsDoneByHandIsInItsRecord() throws IOException {
    Files.createDirectories(folder.resolve("state"));
    try (var agent = Database.open(folder.resolve("state/state.db"));
        var record =
            AuditLog.open(
                new AuditPlace(folder.resolve("audit.jsonl"), Optional.empty(), 64 << 20),
                agent,
                () -> Instant.parse("2026-03-01T12:00:00Z"),
                new Random(1),
                Redaction.none())) {
      var troubles = Troubles.open(agent);
      record.append(AuditEntry.of("agent", "local", "agent.start", AuditResult.DONE, ""));
      host.fill("pool", "90.00");
      lumeo.ok("grow run --dry-run");
      lumeo.ok("grow run");
      lumeo.ok("lvm volume rename vg/mail post");
      record.append(AuditEntry.of("agent", "local", "agent.stop", AuditResult.DONE, ""));
      assertThat(verbs())
          .containsExactly(
              "agent.start done",
              "grow.pool-data dry-run",
              "begin.grow.pool-data done",
              "grow.pool-data done",
              "begin.lvm.rename done",
              "lvm.rename done",
              "agent.stop done");
      assertThat(lumeo.ok("audit verify")).contains("are as they were written");
      assertThat(record.verify()).isInstanceOf(Verification.Intact.class);
      assertThat(troubles.all()).as("those are the agent's to say").isEmpty();
    }
    assertThat(host.find("post")).isPresent();
  }

  @Test
  void whatIsChangedByHandIsRecorded() throws IOException {
    lumeo.ok("lvm volume rename vg/mail post --dry-run");
    assertThat(lumeo.json("audit list")).isEqualTo(List.of());
    lumeo.environment.put("SUDO_USER", "anna");
    lumeo.ok("lvm volume rename vg/mail post");
    assertThat(verbs()).containsExactly("begin.lvm.rename done", "lvm.rename done");
    assertThat(Files.readString(folder.resolve("audit.jsonl")))
        .contains("here: by hand, by anna: ")
        .contains("\"uid:")
        .contains("\"lvrename\"");
    assertThat(backups()).hasSize(1).allMatch(backup -> backup.contains(".rename."));
    assertThat(lumeo.ok("audit verify")).contains("are as they were written");
  }

  @Test
  void aPlanThatWasCutIsRecordedAndSoIsItsEnd() throws IOException {
    host.beforeEachChange(arguments -> {
      if (arguments.toString().contains("resize2fs")) {
        throw new SimulatedHost.Killed();
      }
    });
    assertThat(lumeo.run("lvm", "volume", "extend", "vg/data", "+40M").exitCode()).isNotZero();
    host.beforeEachChange(_ -> {});
    var half = (Map<?, ?>) ((List<?>) lumeo.json("plan list")).getFirst();
    lumeo.ok("plan finish " + half.get("id"));
    assertThat(verbs())
        .startsWith("begin.lvm.extend-volume done")
        .endsWith("begin.plan.finish done", "plan.finish done");
    assertThat(backups()).hasSize(1).allMatch(backup -> backup.contains(".extend-volume."));
  }

  @Test
  void everySnapshotHasItsReason() throws IOException {
    host.thin("home-new", "pool", 100)
        .tagged("lumeo.managed", "lumeo.policy=homes", "lumeo.of=" + "h")
        .of("home");
    var lines = (List<?>) lumeo.json("retention explain");
    assertThat(lines).hasSize(2);
    assertThat(lumeo.ok("retention explain homes"))
        .containsPattern("home-new +\\S+ +keep +newest of day")
        .containsPattern("home-snap +\\S+ +keep +it belongs to policy p");
    lumeo.fails(3, "there is no policy 'x'", "retention explain x");
    lumeo.fails(3, "the configuration has no host 'y'; it has here", "retention explain --host y");
  }

  @Test
  void growthIsExplainedAndDone() throws IOException {
    assertThat(lumeo.ok("grow explain"))
        .containsPattern("here +vg/pool data +nothing +")
        .containsPattern("here +vg/pool metadata +nothing +");
    host.fill("pool", "90.00");
    assertThat(lumeo.ok("grow explain")).containsPattern("here +vg/pool data +grow +");
    var dry = (List<?>) lumeo.json("grow run --dry-run");
    assertThat(dry.toString()).contains("lvextend");
    assertThat(lumeo.ok("grow run")).containsPattern("here +vg/pool data +done +");
    assertThat(host.shape()).contains("pool thin-pool 240");
    assertThat(verbs())
        .containsExactly(
            "grow.pool-data dry-run", "begin.grow.pool-data done", "grow.pool-data done");
  }

  @Test
  void growthByHandForeseesWhatTheAgentHasMeasured() throws IOException {
    var file = folder.resolve("lumeo.yaml");
    Files.writeString(
        file, Files.readString(file).replace("step: 20%", "step: 20%\n    leadTime: 1d"));
    host.fill("pool", "50.00");
    assertThat(lumeo.run("grow", "run").err()).isEmpty();
    assertThat(lumeo.ok("grow explain")).containsPattern("here +vg/pool data +nothing +");
    measureABurst();
    assertThat(lumeo.ok("grow explain"))
        .containsPattern("here +vg/pool data +grow +")
        .containsPattern("here +vg/pool metadata +nothing +");
    assertThat(lumeo.ok("grow run")).containsPattern("here +vg/pool data +done +");
    assertThat(lumeo.ok("policy run homes --dry-run")).containsPattern("here +vg/home +would +");
  }

  /// As if the pool had been filling by 20 MiB a minute, which leaves it 20 minutes.
  private void measureABurst() throws IOException {
    var pools = (List<?>) lumeo.fields("host show").get("pools");
    var uuid =
        pools.stream()
            .map(Map.class::cast)
            .filter(pool -> pool.get("name").equals("pool"))
            .map(pool -> String.valueOf(pool.get("uuid")))
            .findFirst()
            .orElseThrow();
    var key = new SeriesKey("here", uuid, Measure.DATA_USED);
    try (var database = Database.open(folder.resolve("state/state.db"))) {
      var samples = Samples.open(database);
      for (var minute = 10; minute > 0; minute--) {
        var mib = 400.0 - 20 * minute;
        samples.add(
            new Poll(lumeo.now.minus(Duration.ofMinutes(minute)), Map.of(key, mib * (1 << 20))));
      }
      samples.flush();
    }
  }

  @Test
  void trimsSayWhatTheyGaveBack() throws IOException {
    assertThat(lumeo.ok("trim --dry-run")).containsPattern("here +vg/mail +would +");
    host.fill("mail", "50.00");
    host.beforeEachChange(arguments -> {
      if (arguments.toString().contains("fstrim")) {
        host.fill("mail", "20.00");
      }
    });
    assertThat(lumeo.ok("trim weekly"))
        .containsPattern("here +vg/mail +done +")
        .containsPattern("here +weekly +done +120 MiB given back");
    lumeo.fails(3, "has no trim 'x'", "trim x");
  }

  @Test
  void aSnapshotIsHeldAndReleased() throws IOException {
    lumeo.ok("snapshot hold vg/home-snap --by anna");
    assertThat(host.shape()).contains("lumeo.hold=anna");
    assertThat(lumeo.ok("snapshot hold vg/home-snap --by anna")).contains("done");
    lumeo.ok("snapshot release /dev/vg/home-snap --by anna");
    assertThat(host.shape()).doesNotContain("lumeo.hold");
    assertThat(lumeo.run("snapshot", "hold", "vg/home-snap", "--by", "a b").exitCode())
        .isEqualTo(10);
    lumeo.fails(3, "there is no snapshot vg/home on here", "snapshot hold vg/home --by anna");
  }

  @Test
  void aSnapshotIsRestoredInPlaceOrToANewVolume() throws IOException {
    lumeo.fails(2, "say one of --in-place", "snapshot restore vg/home-snap");
    lumeo.fails(2, "--file and --into go together", "snapshot restore vg/home-snap --file /x");
    lumeo.fails(2, "say --yes", "snapshot restore vg/home-snap --in-place");
    assertThat(lumeo.ok("snapshot restore vg/home-snap --in-place --dry-run"))
        .containsPattern("here +vg/home-snap +would +");
    assertThat(lumeo.ok("snapshot restore vg/home-snap --to again")).contains("done");
    assertThat(host.find("again")).isPresent();
    assertThat(lumeo.ok("snapshot restore vg/home-snap --in-place --keep --yes")).contains("done");
    assertThat(host.shape()).contains("home-before-restore-20260301T120000Z");
    assertThat(verbs()).contains("snapshot.restore done", "snapshot.clone done");
  }

  @Test
  void filesOfASnapshotAreAskedForAndRecorded() throws IOException {
    assertThat(
            lumeo.ok(
                "snapshot restore vg/home-snap --file /etc/hosts --into %s --dry-run"
                    .formatted(folder)))
        .contains("would copy /etc/hosts to " + folder);
    assertThat(verbs()).containsExactly("snapshot.copy-out dry-run");
  }

  @Test
  void aVerificationIsRecorded() throws IOException {
    var unknown = lumeo.run("snapshot", "verify", "vg/home-snap", "--sentinel", "/etc/hostname");
    assertThat(unknown.out())
        .containsPattern("here +vg/home-snap +failed +.*nothing that Lumeo knows is on it");
    assertThat(unknown.exitCode()).isEqualTo(9);
    host.find("home-snap").orElseThrow().with("ext4", "");
    assertThat(lumeo.ok("snapshot verify vg/home-snap"))
        .containsPattern("here +vg/home-snap +done +.*can be read: \\d+ checks passed");
    assertThat(verbs())
        .containsExactly(
            "begin.snapshot.verify done",
            "snapshot.verify failed",
            "begin.snapshot.verify done",
            "snapshot.verify done");
  }

  @Test
  void theDoctorNeedsNoConfiguration() throws IOException {
    var examined = lumeo.run("doctor", "--config", "none");
    assertThat(examined.err()).isEmpty();
    assertThat(examined.out()).contains("warning");
    assertThat(examined.exitCode()).isEqualTo(8);
    var nagios = lumeo.run("doctor", "--nagios", "--config", "none");
    assertThat(nagios.out()).startsWith("LUMEO WARNING: ").contains(" | 'vg/pool data'=10.00%;80");
    assertThat(nagios.exitCode()).isEqualTo(1);
    host.inject(SimulatedHost.Trouble.UNREACHABLE, 0);
    var unknown = lumeo.run("doctor", "--nagios");
    assertThat(unknown.out()).startsWith("LUMEO UNKNOWN: ");
    assertThat(unknown.exitCode()).isEqualTo(3);
    host.inject(SimulatedHost.Trouble.UNREACHABLE, 0);
    lumeo.fails(12, "does not answer", "doctor");
  }

  @Test
  void whatNeedsMeasurementsSaysSo() throws IOException {
    expectNothingMeasured();
    // Now there is a state file, and nobody has measured all the same.
    lumeo.ok("config apply");
    expectNothingMeasured();
    assertThat(lumeo.ok("policy list")).contains("homes");
    assertThat(lumeo.json("audit list")).isEqualTo(List.of());
  }

  private void expectNothingMeasured() {
    lumeo.fails(3, "nothing was measured yet", "forecast");
    lumeo.fails(3, "nothing was measured yet", "report");
    lumeo.fails(3, "no agent has ever looked", "alerts list");
    lumeo.fails(3, "has no report 'x'", "report x");
    lumeo.fails(3, "the configuration has no channels", "alerts test");
    lumeo.fails(2, "say either --group or --device", "tune layout");
    lumeo.fails(2, "that measures nothing", "tune layout --group vg --rounds 0");
  }

  @Test
  void aSilenceIsWrittenAndPutInForce() throws IOException {
    lumeo.fails(2, "say --on, --object or --rule", "alerts silence --for 2h --reason x");
    lumeo.fails(2, "say why", "alerts silence --for 2h --on here");
    assertThat(lumeo.ok("alerts silence --for 2h --on here --reason moving --dry-run"))
        .isEqualTo("would be silent until 2026-03-01T14:00:00Z\n");
    var file = folder.resolve("conf.d/silences.yaml");
    assertThat(file).doesNotExist();
    assertThat(lumeo.ok("alerts silence --for 2h --on here --object vg/* --reason it's-moving"))
        .isEqualTo("silent until 2026-03-01T14:00:00Z\n");
    lumeo.ok("alerts silence --for 1d --rule pool-data-full --reason again");
    assertThat(Files.readString(file))
        .contains("    - host: 'here'\n      object: 'vg/*'\n")
        .contains("reason: 'it''s-moving'")
        .contains("rule: 'pool-data-full'");
    assertThat(lumeo.ok("config check")).contains("is right");
    assertThat((List<?>) lumeo.json("config history")).hasSize(2);
    lumeo.fails(2, "silences.yaml:", "alerts silence --for 2h --rule no-such-rule --reason x");
    assertThat(lumeo.ok("config check")).contains("is right");
  }

  @Test
  void anAgentOfThisStateIsNotStartedTwice() throws IOException {
    Files.createDirectories(folder.resolve("state"));
    try (var agent = Database.open(folder.resolve("state/state.db"))) {
      assertThat(agent.file()).exists();
      lumeo.fails(5, "an agent looks after this already, process ", "agent");
      lumeo.fails(5, "would be measured too", "tune layout --group vg");
    }
    lumeo.fails(3, "there is no configuration", "agent --config " + folder.resolve("no.yaml"));
  }

  @Test
  void aHostThatDoesNotAnswerKeepsNoOtherFromItsTurn() {
    host.inject(SimulatedHost.Trouble.UNREACHABLE, 0);
    var grown = lumeo.run("grow", "run");
    assertThat(grown.exitCode()).isEqualTo(9);
    assertThat(grown.out()).containsPattern("here +- +failed +");
  }
}
