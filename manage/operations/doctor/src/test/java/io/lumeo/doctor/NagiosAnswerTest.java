package io.lumeo.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What Nagios is answered: status, one line, and figures that it can read.
class NagiosAnswerTest {
  private static final String NUMBER = "-?[0-9]+(\\.[0-9]+)?";

  /// From the guidelines: `'label'=value[UOM];[warn];[crit];[min];[max]`.
  private static final Pattern FIGURE =
      Pattern.compile("(?:'(?:[^'=]|'')+'|[^ '=]+)=%1$s%%?(;(%1$s)?){0,4}".formatted(NUMBER));

  private static final Pattern FIGURES =
      Pattern.compile(FIGURE.pattern() + "( " + FIGURE.pattern() + ")*");

  @Test
  void aHostThatIsWellIsOk() {
    var answer = NagiosAnswer.of(Doctor.examine(new SampleHost().checkup()));
    assertThat(answer.exit()).isZero();
    assertThat(answer.lines())
        .containsExactly(
            "LUMEO OK: nothing found that would bite |"
                + " 'vg/pool data'=25.00%;80;90;0;100 'vg/pool metadata'=6.25%;70;85;0;100"
                + " critical=0;;0;0 warnings=0;0;;0 notes=0;;;0");
  }

  @Test
  void notesAloneAreOkToo() {
    var answer = NagiosAnswer.of(Doctor.examine(new SampleHost().warning("odd").checkup()));
    assertThat(answer.exit()).isZero();
    assertThat(answer.lines().getFirst())
        .startsWith("LUMEO OK: 0 critical, 0 warnings, 1 note |")
        .endsWith("notes=1;;;0");
  }

  @Test
  void aWarningIsOneAndACriticalIsTwo() {
    var warning = NagiosAnswer.of(Doctor.examine(new SampleHost().groupFacts(0).checkup()));
    assertThat(warning.exit()).isEqualTo(1);
    assertThat(warning.lines().getFirst())
        .startsWith(
            "LUMEO WARNING: group vg has no spare for the metadata of pool vg/pool (0 crit");

    var critical =
        NagiosAnswer.of(Doctor.examine(new SampleHost().groupFacts(0).poolData(0.95).checkup()));
    assertThat(critical.exit()).isEqualTo(2);
    assertThat(critical.lines().getFirst())
        .startsWith(
            "LUMEO CRITICAL: the data of pool vg/pool is 95 % full, 2 GiB free (1 critical");
    assertThat(critical.lines().subList(1, critical.lines().size()))
        .contains("WARNING: group vg has no spare for the metadata of pool vg/pool");
  }

  @Test
  void aHostThatCannotBeExaminedIsUnknown() {
    var answer = NagiosAnswer.unknown("lvm: permission denied | for\nyou");
    assertThat(answer.exit()).isEqualTo(3);
    assertThat(answer.lines()).containsExactly("LUMEO UNKNOWN: lvm: permission denied / for?you");
  }

  @Test
  void oneBarStandsBeforeFiguresOfTheGuidelinesForm() {
    var host = new SampleHost().classic("it's", 0.5).warning("a | b").poolData(0.9);
    var lines = NagiosAnswer.of(Doctor.examine(host.checkup())).lines();
    var halves = lines.getFirst().split(" \\| ", -1);
    assertThat(halves).hasSize(2);
    assertThat(halves[1]).matches(FIGURES).contains("'vg/it''s store'=50.00%;70;90;0;100");
    assertThat(lines.subList(1, lines.size())).noneMatch(line -> line.contains("|"));
  }

  @Test
  void whatHasNoPoolHasFiguresToo() {
    var nothing = new Inventory("x", SampleHost.NOW, List.of(), List.of(), List.of(), List.of());
    var answer = NagiosAnswer.of(Doctor.examine(nothing));
    assertThat(answer.lines())
        .containsExactly(
            "LUMEO OK: nothing found that would bite |"
                + " critical=0;;0;0 warnings=0;0;;0 notes=0;;;0");
  }

  @Test
  void aPoolOfAnotherKindIsExaminedAsWell() {
    var inventory = new SampleHost().poolData(0.95).poolMetadata(0.9).inventory();
    var p = inventory.pools().get(1);
    var own =
        new Pool(
            "P",
            "mine",
            Pool.Kind.LUMEO_POOL,
            null,
            p.data(),
            p.metadata(),
            p.unitBytes(),
            1,
            null,
            p.tags(),
            p.health(),
            p.capabilities());
    var examined =
        Doctor.examine(
            new Inventory("own", SampleHost.NOW, List.of(own), List.of(), List.of(), List.of()));
    assertThat(examined.findings())
        .extracting(Finding::trouble)
        .containsExactly(Trouble.POOL_METADATA_FULL, Trouble.POOL_DATA_FULL);
    assertThat(examined.findings())
        .flatExtracting(Finding::commands)
        .containsExactly(
            "lumeo pool extend --dir DIR --meta-size +128M",
            "lumeo pool extend --dir DIR --data-size +8G");
    assertThat(examined.gauges())
        .extracting(Gauge::label)
        .containsExactly("mine data", "mine metadata");
  }
}
