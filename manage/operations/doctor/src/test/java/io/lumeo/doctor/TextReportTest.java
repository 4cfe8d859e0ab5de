package io.lumeo.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextReportTest {

  @Test
  void aFindingIsProblemConsequenceAndCommands() {
    var examined =
        Doctor.examine(new SampleHost().poolMetadata(0.90).poolExtendsItself(null).checkup());
    assertThat(String.join("\n", TextReport.lines(examined)))
        .isEqualTo(
            """
            CRITICAL  vg/pool  the metadata of pool vg/pool is 90 % full, 12.8 MiB free
                When it is full, the whole pool turns read-only and needs a repair, however much data space is
                free.
                $ lvextend --poolmetadatasize +128M vg/pool

            1 critical, 0 warnings, 0 notes\
            """);
  }

  @Test
  void nothingIsSaidInOneLine() {
    assertThat(TextReport.lines(Doctor.examine(new SampleHost().checkup())))
        .containsExactly("nothing found that would bite");
  }

  @Test
  void noLineOfAConsequenceIsWiderThanATerminal() {
    DoctorTest.rows()
        .forEach(row -> {
          var host = new SampleHost();
          row.ill().make(host);
          assertThat(TextReport.lines(Doctor.examine(host.checkup())))
              .filteredOn(line -> line.startsWith("    ") && !line.startsWith("    $"))
              .allMatch(line -> line.length() <= 100);
        });
  }
}
