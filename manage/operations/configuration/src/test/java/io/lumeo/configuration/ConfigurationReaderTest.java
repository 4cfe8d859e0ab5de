package io.lumeo.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.alerts.Rule;
import io.lumeo.alerts.Rules;
import io.lumeo.policies.Amount;
import io.lumeo.policies.MinimumFree;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfigurationReaderTest {

  @Test
  void theExampleSaysWhatItsCommentsSay() throws IOException {
    var read = Sample.valid(Sample.example());
    assertThat(read.state()).isEqualTo(Path.of("/var/lib/lumeo"));
    assertThat(read.audit().anchor()).contains(Path.of("/mnt/other/lumeo.anchor"));
    assertThat(read.audit().rotateAtBytes()).isEqualTo(64L << 20);
    assertThat(read.hosts())
        .containsExactly(
            new HostSettings("this-host", new HostSettings.LocalLvm(Duration.ofMinutes(2))),
            new HostSettings(
                "db1", new HostSettings.RemoteLvm("lumeo@db1.example.com", Duration.ofMinutes(2))),
            new HostSettings("images", new HostSettings.LumeoPool(Path.of("/srv/lumeo/images"))));

    var databases = read.policies().getFirst();
    assertThat(databases.id()).isEqualTo("databases");
    assertThat(databases.together()).isTrue();
    assertThat(databases.timetable())
        .isEqualTo(
            new TimetableSettings(
                "15 * * * *",
                ZoneId.of("Europe/Berlin"),
                Duration.ofMinutes(2),
                Optional.of(Duration.ofMinutes(30))));
    assertThat(databases.retention().hourly()).isEqualTo(24);
    assertThat(databases.retention().ceiling()).isEqualTo(200);
    assertThat(databases.snapshot().kind()).isEqualTo(SnapshotSettings.Kind.THIN);
    assertThat(databases.minimumFree())
        .contains(new MinimumFree(new Amount.Percent(10), MinimumFree.Action.DELETE_OLDEST));
    assertThat(databases.before())
        .containsExactly(
            new Hook(List.of("/usr/local/bin/pg-checkpoint", "main"), Duration.ofSeconds(20)));
    assertThat(databases.verification().orElseThrow().sentinels())
        .containsExactly(Path.of("/PG_VERSION"));
    assertThat(databases.ping())
        .contains(new SecretSource.InFile(Path.of("/etc/lumeo/databases.ping")));
    assertThat(databases.timetable().of("databases").next(Instant.parse("2026-01-01T10:15:00Z")))
        .isEqualTo("2026-01-01T11:15:00Z");

    var root = read.policies().getLast();
    assertThat(root.snapshot())
        .isEqualTo(
            new SnapshotSettings(
                SnapshotSettings.Kind.CLASSIC,
                Optional.of(new Amount.Percent(20)),
                Optional.of(new Amount.Percent(50)),
                2,
                false,
                true));
    assertThat(read.trash()).isEqualTo(TrashSettings.standard());
    assertThat(root.retention().last()).isOne();
    assertThat(root.retention().minKeep()).isOne();

    var growth = read.growth();
    assertThat(growth.getFirst().target())
        .isEqualTo(new GrowthSettings.Pools(new Glob("vg0/thin")));
    assertThat(growth.getFirst().maximumBytes()).contains(2L << 40);
    assertThat(growth.getFirst().leadTime()).isEqualTo(Duration.ofDays(3));
    assertThat(growth.getFirst().metadata().orElseThrow().thresholdPercent()).isEqualTo(70);
    assertThat(growth.get(1).target())
        .isEqualTo(
            new GrowthSettings.Volumes(
                new Glob("vg0/home"),
                GrowthSettings.FileSystem.GROW,
                Optional.of(Path.of("/home"))));
    assertThat(growth.get(2).mode()).isEqualTo(GrowthSettings.Mode.DELEGATE);

    assertThat(read.trim().getFirst().timetable().jitter()).isEqualTo(Duration.ofMinutes(30));
    assertThat(read.monitors().limits().getFirst().latency()).contains(Duration.ofMillis(20));
    assertThat(read.alerts().rules().get(AlertRule.POOL_FULL_SOON))
        .isEqualTo(
            new AlertSettings.Rule(
                true,
                Optional.of(new AlertRule.Level.Time(Duration.ofDays(14))),
                Optional.empty(),
                Optional.empty(),
                List.of()));
    assertThat(read.alerts().silences().getFirst().until())
        .isEqualTo(Instant.parse("2026-12-27T06:00:00Z"));
    assertThat(read.channels())
        .extracting(ChannelSettings::name)
        .containsExactly("team", "on-call", "prometheus", "pager");
    assertThat(((ChannelSettings.Smtp) read.channels().getFirst()).port()).isEqualTo(587);
    assertThat(read.reports().getFirst().content())
        .containsExactly(
            ReportSettings.Content.ATTENTION,
            ReportSettings.Content.SIZES,
            ReportSettings.Content.GROWTH,
            ReportSettings.Content.FORECASTS,
            ReportSettings.Content.ACTIONS);
  }

  @Test
  void everyRuleOfTheFileIsARuleOfTheTableAndTheOtherWayRound() {
    assertThat(AlertRule.values())
        .extracting(AlertRule::ruleName)
        .containsExactlyElementsOf(Rules.defaults().stream().map(Rule::name).toList());
    assertThat(AlertRule.POOL_METADATA_FULL.critical()).contains(new AlertRule.Level.Percent(85));
    assertThat(AlertRule.FILE_SYSTEM_FULL.warning().orElseThrow().threshold()).isEqualTo(0.1);
    assertThat(AlertRule.POOL_FULL_SOON.warning().orElseThrow().threshold()).isEqualTo(604_800);
    assertThat(AlertRule.POOL_FULL_SOON.critical()).isEmpty();
    assertThat(AlertRule.LATENCY_HIGH.warning()).isEmpty();
  }

  @Test
  void whatIsNotSaidHasItsDefault() {
    for (var empty : List.of("", "# nothing\n", "hosts: []\n")) {
      var read = Sample.valid(empty);
      assertThat(read.state()).isEqualTo(Path.of("/var/lib/lumeo"));
      assertThat(read.monitors().pollInterval()).isEqualTo(Duration.ofSeconds(15));
      assertThat(read.monitors().iopsDropPercent()).isEqualTo(50);
      assertThat(read.monitors().latency()).isEqualTo(Duration.ofMillis(100));
      assertThat(read.metrics().port()).isEqualTo(9846);
      assertThat(read.alerts().rules()).isEmpty();
      assertThat(read.alerts().repeat()).isEqualTo(Duration.ofHours(4));
    }
    var policy =
        Sample.valid("policies: [{id: p, volumes: [{name: home}], schedule: '@daily'}]")
            .policies()
            .getFirst();
    assertThat(policy.retention())
        .isEqualTo(
            new RetentionSettings(
                0,
                7,
                4,
                12,
                0,
                0,
                0,
                Optional.empty(),
                2,
                1000,
                Duration.ofHours(6),
                RetentionSettings.Keep.NEWEST));
    assertThat(policy.timetable().zone()).isEqualTo(ZoneId.of("UTC"));
  }

  @Test
  void everyMistakeIsFoundAtOnceAndWhereItIs() {
    assertThat(
            Sample.mistakes(
                """
                state: var/lib
                host:
                  - name: a
                hosts:
                  - name: this host
                    kind: lvm
                  - name: pool1
                    kind: pol
                  - kind: pool
                    folder: /srv/../etc
                policies:
                  - id: p
                    volumes: [{host: nowhere, nam: x}]
                    schedule: 1 2 ! 4 5
                    zone: Europe/Berlni
                    jitter: 30
                    retention:
                      dayly: 3
                      weekly: some
                      minKeep: 5
                      ceiling: 3
                      weekly: 4
                growth:
                  - name: g
                    threshold: 80
                    step: 10GB
                alerts:
                  channels: [nobody]
                reports: weekly
                """))
        .containsExactly(
            "1:8: state: 'var/lib' is not an absolute path",
            "2:1: host: there is no such key here; did you mean 'hosts'?",
            "5:11: hosts[this host].name: 'this host' is not a name (letters, digits and . _ - +, a"
                + " letter or digit first)",
            "8:11: hosts[pool1].kind: expected one of lvm, pool and found the text 'pol'; did you"
                + " mean 'pool'?",
            "9:5: hosts[2]: the key 'name' is missing: what the other sections call it",
            "10:13: hosts[2].folder: '/srv/../etc' has . or .. in it; write where it really is",
            "13:22: policies[p].volumes[0].host: there is no host 'nowhere'",
            "13:31: policies[p].volumes[0].nam: there is no such key here; did you mean 'name'?",
            "14:19: policies[p].schedule: '1 2 ! 4 5' is no schedule: \"!\" stands where a day of the"
                + " month should",
            "15:11: policies[p].zone: 'Europe/Berlni' is not a time zone of the IANA list; did you"
                + " mean 'Europe/Berlin'?",
            "16:13: policies[p].jitter: 30 has no unit; expected a duration such as 100ms, 30s, 5m,"
                + " 1h30m, 7d or 2w",
            "18:7: policies[p].retention.dayly: there is no such key here; did you mean 'daily'?",
            "19:15: policies[p].retention.weekly: expected a whole number from 0 to 100000 and found"
                + " the text 'some'",
            "20:7: policies[p].retention.minKeep: minKeep keeps 5, but no more than the ceiling of 3"
                + " are made; raise the ceiling",
            "21:7: policies[p].retention.ceiling: daily keeps 7, but no more than the ceiling of 3"
                + " are made; raise the ceiling",
            "21:7: policies[p].retention.ceiling: monthly keeps 12, but no more than the ceiling of"
                + " 3 are made; raise the ceiling",
            "22:7: the key 'weekly' is already in line 19; remove one of the two",
            "24:5: growth[g]: needs one of 'pool', 'volume', 'store'",
            "25:16: growth[g].threshold: 80 has no unit; expected a share such as 80%",
            "26:11: growth[g].step: '10GB' has a decimal unit; write GiB for powers of 1024",
            "28:14: alerts.channels[0]: there is no channel 'nobody'",
            "29:10: reports: expected a list ('- …' on lines of its own, or [ … ]) and found the"
                + " text 'weekly'");
  }

  @Test
  void theColumnOfAScheduleIsThatOfItsMistake() {
    var policy = "policies: [{id: p, volumes: [{name: a}], schedule: %s}]\n";
    assertThat(Sample.mistakes(policy.formatted("1 2 ! 4 5")))
        .singleElement()
        .asString()
        .startsWith("1:56: policies[p].schedule");
    assertThat(Sample.mistakes(policy.formatted("'1 2 ! 4 5'")))
        .singleElement()
        .asString()
        .startsWith("1:57: ");
    // Where an escape moves the characters, it is that of the value.
    assertThat(Sample.mistakes(policy.formatted("\"1\\x202 ! 4 5\"")))
        .singleElement()
        .asString()
        .startsWith("1:52: ");
  }

  @Test
  void contradictionsAreMistakes() {
    assertThat(
            Sample.mistakes(
                """
                hosts: [{name: a, kind: lvm}]
                growth:
                  - {name: one, pool: vg0/thin}
                  - {name: two, host: a, pool: vg0/*, mode: delegate}
                  - {name: three, pool: vg0/thin}
                  - {name: four, volume: vg0/a, mode: delegate}
                  - {name: five, volume: vg0/b, step: 10GiB, maximum: 5GiB}
                  - {name: six, store: vg0/s, mode: delegate, reserve: 1GiB, mountPoint: /x}
                  - {name: seven, pool: p, volume: v}
                  - {name: eight, volume: c, metadata: {step: 3GiB, maximum: 3GiB}}
                  - {name: nine, pool: x, step: 0%}
                policies:
                  - id: p
                    volumes: [{name: a}]
                    schedule: '@daily'
                    snapshot: {kind: thin, store: 10%}
                  - id: q
                    volumes: [{name: a}]
                    schedule: '@daily'
                    snapshot: {kind: classic, store: 10%, storeMaximum: 5%}
                    retention: {daily: 0, weekly: 0, monthly: 0}
                monitors: {pollInterval: 2m}
                alerts:
                  rules:
                    pool-data-full: {warning: 95%}
                    file-system-full: {critical: 20%}
                  silences:
                    - {until: 2026-01-01T00:00:00Z, from: 2026-02-01T00:00:00Z, author: a, reason: b}
                """))
        .extracting(text -> text.replaceFirst(":\\d+: ", ": "))
        .containsExactly(
            "4: growth[two].pool: pool vg0/* is grown in mode delegate here and in mode managed at"
                + " 3:17; only one can extend it",
            "5: growth[three].pool: pool vg0/thin has a rule already, at 3:17, which would always"
                + " hold instead",
            "5: growth[three].pool: pool vg0/thin is grown in mode managed here and in mode"
                + " delegate at 4:26; only one can extend it",
            "6: growth[four].mode: LVM extends pools and snapshots by itself, never volumes; only"
                + " 'managed' is possible",
            "7: growth[five].maximum: is not above one step; it would never grow by one",
            "8: growth[six].reserve: LVM knows nothing like it when it extends by itself; remove it"
                + " or make the mode managed",
            "8: growth[six].mountPoint: only volumes have a file system; use it together with"
                + " 'volume'",
            "9: growth[seven].volume: only one of 'pool', 'volume', 'store' can be given; 'pool' is"
                + " already",
            "10: growth[eight].metadata: only pools have metadata; use it together with 'pool'",
            "10: growth[eight].metadata.maximum: is not above one step; it would never grow by one",
            "11: growth[nine].step: '0%' is nothing; it must be more than 0",
            "16: policies[p].snapshot.store: a thin snapshot has no store; remove the key or make"
                + " the kind classic",
            "20: policies[q].snapshot.storeMaximum: is less than the store itself",
            "21: policies[q].retention: keeps nothing but the minimum; give hourly to yearly, last, or"
                + " within",
            "22: monitors.pollInterval: the slowest poll (1m) is faster than the usual (2m)",
            "25: alerts.rules.pool-data-full.warning: the warning of pool-data-full at 95% comes after"
                + " the critical alert at 90%",
            "26: alerts.rules.file-system-full.critical: the warning of file-system-full at 10%"
                + " comes after the critical alert at 20%",
            "28: alerts.silences[0].until: is not after 'from'");
  }

  @Test
  void whatIsLeftToLvmIsWhatLvmCanDo() {
    assertThat(
            Sample.mistakes(
                """
                growth:
                  - {name: a, pool: vg0/a, mode: delegate, threshold: 40%, step: 10GiB}
                  - {name: b, pool: vg0/b, mode: delegate, threshold: 50%, step: 10%}
                """))
        .extracting(text -> text.replaceFirst(":\\d+: ", ": "))
        .containsExactly(
            "2: growth[a].threshold: LVM extends from 50 % on, and not earlier, when it does so by"
                + " itself",
            "2: growth[a].step: LVM extends by a share of the size when it does so by itself;"
                + " write a percentage");
  }

  @Test
  void channelsAreCheckedForWhatTheyCanDo() {
    assertThat(
            Sample.mistakes(
                """
                channels:
                  - {name: am, kind: alertmanager, url: 'ftp://x'}
                  - {name: sm, kind: smtp, server: m, security: none, user: u, passwordFile: /p,
                     from: a@b.c, to: [d@e.f]}
                  - {name: sn, kind: smtp, server: m, user: u, from: nobody, to: []}
                  - {name: wh, kind: webhook, url: 'https://u:p@example.com'}
                  - {name: wi, kind: webhook, url: 'https://', urlFile: /x}
                  - {name: co, kind: command, command: [page, --token=hunter2]}
                  - {name: co, kind: command, command: [/page]}
                  - {name: xx}
                  - {name: yy, kind: [a]}
                reports:
                  - {name: r, schedule: '@weekly', channels: [am, co, c0]}
                """))
        .extracting(text -> text.replaceFirst(":\\d+: ", ": "))
        .containsExactly(
            "2: channels[am].url: 'ftp://x' is not an address that begins with https:// or http://",
            "3: channels[sm].security: the password would be sent in clear; use starttls or tls",
            "5: channels[sn]: needs both 'user' and 'passwordFile', or neither",
            "5: channels[sn].from: 'nobody' is not a mail address such as ops@example.com",
            "5: channels[sn].to: is an empty list; give at least one",
            "6: channels[wh].url: what is written here (and not repeated) has a user or password in"
                + " it; use the keys for them",
            "7: channels[wi].url: what is written here (and not repeated) is not an address",
            "7: channels[wi].urlFile: only one of 'url', 'urlFile' can be given; 'url' is already",
            "8: channels[co].command[0]: 'page' is not an absolute path",
            "8: channels[co].command[1]: seems to hold a secret, and whoever lists the processes"
                + " sees it; let the command read it from a file",
            "9: channels[co].name: there is already a channel 'co', at 8:12; give this one another"
                + " name",
            "10: channels[xx]: the key 'kind' is missing: one of webhook, smtp, alertmanager,"
                + " command",
            "11: channels[yy].kind: expected one of webhook, smtp, alertmanager, command and found a"
                + " list",
            "13: reports[r].channels[0]: an Alertmanager takes alerts, not reports",
            "13: reports[r].channels[2]: there is no channel 'c0'; did you mean 'co'?");
  }

  @Test
  void filesOfConfDAreAddedAndMayNotContradict() {
    var main = "state: /a\nhosts: [{name: a, kind: lvm}]\nmonitors: {pollInterval: 5s}\n";
    var read =
        Sample.valid(
            main,
            "hosts: [{name: b, kind: lvm}]\nmonitors: {latency: 50ms}\n",
            "trim: [{name: t, volumes: [{host: b}], schedule: '@daily'}]\n");
    assertThat(read.hosts()).extracting(HostSettings::name).containsExactly("a", "b");
    assertThat(read.monitors().pollInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(read.monitors().latency()).isEqualTo(Duration.ofMillis(50));

    assertThat(
            Sample.mistakes(
                main,
                "state: /a\nhosts: [{name: a, kind: lvm}]\nmonitors: {pollInterval: 5s}\n",
                "hosts: {a: lvm}\n"))
        .containsExactly(
            "conf.d/1.yaml:1:1: state: the key 'state' is already at 1:1; remove one of the two",
            "conf.d/1.yaml:2:16: hosts[a].name: there is already a host 'a', at 2:16; give this one"
                + " another name",
            "conf.d/1.yaml:3:12: pollInterval: the key 'pollInterval' is already at 3:12; remove one"
                + " of the two",
            "conf.d/2.yaml:1:1: hosts: the key 'hosts' is already at 2:1; remove one of the two");
  }

  @Test
  void valuesAreReadWithTheirUnits() throws WrongValue {
    assertThat(Scalars.size("1.5TiB")).isEqualTo(3L << 39);
    assertThat(Scalars.size("4096B")).isEqualTo(4096);
    assertThat(Scalars.size("10 GiB")).isEqualTo(10L << 30);
    assertThat(Scalars.size("10G")).isEqualTo(10L << 30);
    assertThat(Scalars.duration("1h30m")).isEqualTo(Duration.ofMinutes(90));
    assertThat(Scalars.duration("2w")).isEqualTo(Duration.ofDays(14));
    assertThat(Scalars.duration("250ms")).isEqualTo(Duration.ofMillis(250));
    for (var duration : List.of("0s", "90s", "2m", "3h", "4d", "1500ms")) {
      assertThat(Scalars.text(Scalars.duration(duration))).isEqualTo(duration);
    }
    for (var wrong : List.of("9E", "1.0000001B", "5X", "5XiB", "x", "9999999999EiB", "5")) {
      assertThat(Sample.mistakes("audit: {rotateAt: '%s'}".formatted(wrong)))
          .as(wrong)
          .singleElement()
          .asString()
          .startsWith("1:19: audit.rotateAt: '%s'".formatted(wrong));
    }
  }

  @Test
  void wrongTypesSayWhatTheyAre() {
    assertThat(
            Sample.mistakes(
                """
                state:
                hosts:
                  - lvm
                  - name: 5
                    kind: lvm
                    deadline: 2000000d
                policies:
                  - id: p
                    enabled: yes
                    volumes: {name: a}
                    schedule: [1]
                    retention: 7
                    title: true
                    minimumFree: {amount: 1.5}
                  - id: q
                    volumes: []
                    schedule: nonsense
                    zone: Mars
                    retention: {daily: 99999999999, keep: newst, minKeep: 0}
                """))
        .extracting(text -> text.replaceFirst(":\\d+: ", ": "))
        .containsExactly(
            "1: state: has no value; expected an absolute path",
            "3: hosts[0]: expected keys, 'kind' among them, and found the text 'lvm'",
            "4: hosts[5].name: expected a name (letters, digits and . _ - +, a letter or digit"
                + " first) and found the number 5; put it in quotes",
            "6: hosts[5].deadline: '2000000d' is longer than a century",
            "9: policies[p].enabled: expected true or false and found the text 'yes'",
            "10: policies[p].volumes: expected a list ('- …' on lines of its own, or [ … ]) and found"
                + " a block of keys",
            "11: policies[p].schedule: expected a schedule such as '15 3 * * *' or '@daily' and found"
                + " a list",
            "12: policies[p].retention: expected keys (hourly, daily, weekly, monthly, quarterly,"
                + " yearly, last, within, minKeep, ceiling, clockLimit, keep) and found the number 7",
            "13: policies[p].title: expected a text on one line and found true",
            "14: policies[p].minimumFree.amount: 1.5 has no unit; expected a size such as 10GiB or a"
                + " share such as 20%",
            "16: policies[q].volumes: is an empty list; give at least one",
            "17: policies[q].schedule: 'nonsense' is no schedule: nonsense is not a minute; use 0"
                + " to 59",
            "18: policies[q].zone: 'Mars' is not a time zone of the IANA list, such as Europe/Berlin"
                + " or UTC",
            "19: policies[q].retention.daily: 99999999999 is not from 0 to 100000",
            "19: policies[q].retention.keep: 'newst' is not one of newest, oldest; did you mean"
                + " 'newest'?",
            "19: policies[q].retention.minKeep: 0 is not from 1 to 100000");
  }

  @Test
  void whatIsNotYamlIsRefusedWhereItBreaks() {
    assertThat(Sample.mistakes("hosts:\n  - name: 'a\n"))
        .singleElement()
        .asString()
        .startsWith("3:1: is not YAML: ");
    assertThat(Sample.mistakes("- a\n"))
        .containsExactly("1:1: expected keys such as 'hosts:' and found a list");
    assertThat(Sample.mistakes("state: /a\n---\nstate: /b\n"))
        .containsExactly("2:1: is a second document; put it into a file of its own in conf.d");
    assertThat(Sample.mistakes("state: !!binary aGk=\n"))
        .contains("1:8: the tag 'tag:yaml.org,2002:binary' means nothing here");
    assertThat(Sample.mistakes("[a]: b\n")).contains("1:1: a key is a word here");
    assertThat(Sample.mistakes("state: *nobody\n")).singleElement().asString().contains("not YAML");
    assertThat(Sample.mistakes("state: \u0007\n")).singleElement().asString().contains("not YAML");
  }

  @Test
  void aHostileFileCostsLittle() {
    assertThat(Sample.mistakes("state: " + "[".repeat(100_000)))
        .singleElement()
        .asString()
        .contains("is nested deeper than 16 levels");
    assertThat(Sample.mistakes("#" + "x".repeat(YamlText.MAX_CHARACTERS)))
        .containsExactly("1:1: is larger than 1048576 characters; split it into files in conf.d");
    var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i))
          .append("*a%d, ".formatted(i - 1).repeat(10))
          .append("]\n");
    }
    assertThat(Sample.mistakes(bomb.toString()))
        .filteredOn(mistake -> mistake.contains("has more values than we take"))
        .hasSize(1);
    assertThat(Sample.mistakes("hosts: &a [*a]\n"))
        .anyMatch(mistake -> mistake.contains("aliases in a circle"));
  }

  /// Rules add up; a policy that reaches its ceiling makes no more.
  @Test
  void rulesThatTogetherKeepMoreThanTheCeilingAreAMistake() {
    var policy =
        """
        policies:
          - id: p
            volumes: [{name: a}]
            schedule: "@daily"
            retention: {%s}
        """;
    assertThat(Sample.mistakes(policy.formatted("daily: 7, weekly: 4, monthly: 12, ceiling: 23")))
        .containsExactly(
            "5:51: policies[p].retention.ceiling: the rules keep up to 23 together, but no more"
                + " than the ceiling of 23 are made; raise the ceiling above 23");
    assertThat(Sample.mistakes(policy.formatted("daily: 600, hourly: 600")))
        .containsExactly(
            "5:16: policies[p].retention.ceiling: the rules keep up to 1216 together, but no more"
                + " than the ceiling of 1000 are made; raise the ceiling above 1216");
    assertThat(Sample.mistakes(policy.formatted("daily: 7, weekly: 4, monthly: 12, ceiling: 24")))
        .isEmpty();
  }

  @Test
  void howLongSomethingStaysInTheTrashIsBounded() {
    assertThat(Sample.mistakes("trash: {thin: 2y, classic: -1m, old: 1d}"))
        .hasSize(3)
        .anyMatch(mistake -> mistake.contains("trash.old: there is no such key here"));
    assertThat(Sample.mistakes("trash: {thin: 30d, classic: 0s}")).isEmpty();
  }

  @Test
  void anAliasIsReadAsWhatItStandsFor() {
    var read =
        Sample.valid(
            """
            policies:
              - {id: a, volumes: &homes [{name: home}], schedule: '@daily'}
              - {id: b, volumes: *homes, schedule: '@weekly'}
            """);
    assertThat(read.policies().get(1).volumes()).isEqualTo(read.policies().get(0).volumes());
    assertThat(Sample.mistakes("monitors: {<<: {latency: 1s}}"))
        .singleElement()
        .asString()
        .startsWith("1:12: monitors.<<: there is no such key here");
  }

  /// A text that is cut anywhere, or damaged, ends in mistakes and in nothing else.
  @SeededTest(seeds = 40)
  void noTextBreaksTheReader(Random random) throws IOException {
    var text = new StringBuilder(Sample.example());
    for (int i = 0; i < 1 + random.nextInt(10); i++) {
      var at = random.nextInt(text.length());
      switch (random.nextInt(4)) {
        case 0 -> text.deleteCharAt(at);
        case 1 ->
            text.insert(at, "{}[]:,-&*!|>'\"%@`#\n \t\u0000é\uD83D".charAt(random.nextInt(24)));
        case 2 -> text.setLength(Math.max(1, at));
        default -> {
          var other = random.nextInt(text.length());
          text.insert(at, text.substring(Math.min(at, other), Math.max(at, other)));
        }
      }
    }
    for (var mistake : Sample.mistakes(text.toString())) {
      assertThat(mistake).doesNotContain("\n");
    }
  }
}
