package io.lumeo.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.policies.Amount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AutoscalerImportTest {
  private static final String YAML =
      """
      volumes:
        - lv_path: /dev/vg0/home
          mount_point: /home
          threshold_percent: 80
          increment_gb: 5
          interval_seconds: 60
        - lv_path: /dev/mapper/vg--data-var--log
          mount_point: /var/log
          threshold_percent: 75.5
          increment_gb: 0.5
          interval_seconds: 30
          smtp_password: hunter2
      webhook: https://x/hunter2
      """;

  @Test
  void aFileBecomesAConfigurationThatIsRight() {
    var imported = AutoscalerImport.convert(new SourceText("targets.yaml", YAML));
    assertThat(imported.mistakes()).isEmpty();
    assertThat(imported.yaml())
        .isEqualTo(
            """
            # Converted from targets.yaml.
            # Check it with `lumeo config check` and read it through: growth also has a maximum, a
            # reserve and a look ahead, which the old file could not say.
            # Not carried over: webhook.

            hosts:
              - name: this-host
                kind: lvm

            growth:
              - name: rule-1-home
                host: this-host
                volume: 'vg0/home'
                mountPoint: '/home'
                threshold: 80%
                step: 5GiB
              - name: rule-2-var-log
                host: this-host
                volume: 'vg-data/var-log'
                mountPoint: '/var/log'
                threshold: 75%
                step: 512MiB
                # Not carried over: smtp_password.

            # The shortest interval_seconds of the old file.
            monitors:
              pollInterval: 30s
              slowestPoll: 60s
            """);
    var read = Sample.valid(imported.yaml());
    assertThat(read.growth().get(1).target())
        .isEqualTo(
            new GrowthSettings.Volumes(
                new Glob("vg-data/var-log"),
                GrowthSettings.FileSystem.GROW,
                Optional.of(Path.of("/var/log"))));
    assertThat(read.growth().getFirst().step()).isEqualTo(new Amount.Bytes(5L << 30));
    assertThat(read.monitors().pollInterval()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void everyFormOfTheFileIsTheSame() {
    var entry =
        "{\"lv_path\": \"/dev/vg0/home\", \"mount_point\": \"/home\", \"threshold_percent\": \"90\","
            + " \"increment_gb\": 2}";
    for (var form :
        List.of(
            "[%s]",
            "{\"filesystems\": [%s]}", "{\"targets\": {\"home\": %s}}", "{\"home\": %s}", "%s")) {
      var imported = AutoscalerImport.convert(new SourceText("a.json", form.formatted(entry)));
      assertThat(imported.mistakes()).as(form).isEmpty();
      var rule = Sample.valid(imported.yaml()).growth().getFirst();
      assertThat(rule.thresholdPercent()).as(form).isEqualTo(90);
      assertThat(rule.target().glob()).isEqualTo(new Glob("vg0/home"));
    }
    assertThat(
            Sample.valid(
                    AutoscalerImport.convert(
                            new SourceText("a", "interval_seconds: 99999\nv: [{lv_path: vg/a}]"))
                        .yaml())
                .monitors()
                .pollInterval())
        .isEqualTo(Duration.ofHours(1));
  }

  @Test
  void whatIsNotUnderstoodIsSaidAndLeftOut() {
    var imported =
        AutoscalerImport.convert(
            new SourceText(
                "bad.yaml",
                """
                - lv_path: /dev/sda
                - lv_path: /dev/vg0/../x
                  mount_point: home
                - lv_path: /dev/vg0/a
                  threshold_percent: 120
                  increment_gb: 0
                  interval_seconds: often
                - lv_path: [/dev/vg0/b]
                  mount_point: [/b]
                - lv_path: /dev/vg0/c
                  mount_point:
                - lv_path: /dev/vg0/c
                - nonsense
                """));
    assertThat(imported.mistakes())
        .extracting(Mistake::toString)
        .containsExactly(
            "bad.yaml:1:12: lv_path is not of the form /dev/vg0/home",
            "bad.yaml:2:12: lv_path is not of the form /dev/vg0/home",
            "bad.yaml:3:16: mount_point is not an absolute path",
            "bad.yaml:4:3: increment_gb is 0; it would never grow",
            "bad.yaml:5:22: threshold_percent is not a number from 1 to 99",
            "bad.yaml:7:21: interval_seconds is not a number from 1 to 1000000000",
            "bad.yaml:8:12: lv_path is not of the form /dev/vg0/home",
            "bad.yaml:9:16: mount_point is not a path",
            "bad.yaml:13:3: expected an entry with lv_path and found the text 'nonsense'");
    var read = Sample.valid(imported.yaml());
    assertThat(read.growth()).hasSize(1);
    assertThat(imported.yaml()).contains("# vg0/c stands a second time in line 12");
  }

  @Test
  void aFileWithoutEntriesSaysSo() {
    var imported = AutoscalerImport.convert(new SourceText("a.yaml", "a: 1\n'x\u0085y: z': 2\n"));
    assertThat(imported.mistakes()).singleElement().asString().contains("no entry with an lv_path");
    assertThat(Sample.valid(imported.yaml()).growth()).isEmpty();
    assertThat(AutoscalerImport.convert(new SourceText("a.yaml", "a: [")).mistakes()).isNotEmpty();
  }
}
