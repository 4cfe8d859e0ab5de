package io.lumeo.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FioReportTest {

  static String recorded(String name) {
    try (var text = FioReportTest.class.getResourceAsStream(name)) {
      assertThat(text).as(name).isNotNull();
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(name, e);
    }
  }

  @Test
  void whatFioWroteIsRead() {
    var figures =
        FioReport.parse(recorded("fio-3.33-randwrite.json"), Workload.WRITE_AFTER_SNAPSHOT)
            .orElseThrow();
    assertThat(figures.iops()).isCloseTo(42_666.67, within(0.01));
    assertThat(figures.bytesPerSecond()).isEqualTo(174_762_666);
    assertThat(figures.latencySeconds()).isCloseTo(0.000343, within(1e-6));
    assertThat(figures.slowestSeconds()).isCloseTo(0.003031, within(1e-6));
    assertThat(figures.bytes()).isEqualTo(1 << 20);
    assertThat(figures.named("write"))
        .containsOnlyKeys(
            "write_iops",
            "write_bytes_per_second",
            "write_latency_seconds",
            "write_latency_p99_seconds");
  }

  @Test
  void whatFioReadIsRead() {
    var figures =
        FioReport.parse(recorded("fio-3.33-randread.json"), Workload.READ_RANDOM).orElseThrow();
    assertThat(figures.iops()).isCloseTo(85_333.33, within(0.01));
  }

  @Test
  void notesAroundTheReportAreForgiven() {
    var report =
        "fio: a note\n" + recorded("fio-3.33-randread.json") + "\nfio: terminating on signal 2\n";
    assertThat(FioReport.parse(report, Workload.READ_RANDOM)).isPresent();
  }

  @Test
  void microsecondsOfFio2AreRead() {
    var report =
        """
        {"jobs": [{"error": 0, "write": {"io_bytes": 4096, "bw": 100, "iops": 25.0,
          "lat": {"mean": 400.0}, "clat": {"percentile": {"99.000000": 900}}}}]}
        """;
    var figures = FioReport.parse(report, Workload.WRITE_SEQUENTIAL).orElseThrow();
    assertThat(figures.bytesPerSecond()).isEqualTo(102_400);
    assertThat(figures.latencySeconds()).isCloseTo(0.0004, within(1e-9));
    assertThat(figures.slowestSeconds()).isCloseTo(0.0009, within(1e-9));
  }

  @Test
  void aSideThatSaysNoPercentilesHasNone() {
    var report = "{\"jobs\": [{\"write\": {\"iops\": 25.0, \"io_bytes\": 1}}]}";
    var figures = FioReport.parse(report, Workload.WRITE_SEQUENTIAL).orElseThrow();
    assertThat(figures.named("write")).doesNotContainKey("write_latency_p99_seconds");
  }

  @Test
  void whatIsNoReportOfWorkHasNoFigures() {
    assertThat(FioReport.parse("", Workload.READ_RANDOM)).isEmpty();
    assertThat(FioReport.parse("fio: no } json {", Workload.READ_RANDOM)).isEmpty();
    assertThat(FioReport.parse("{\"jobs\": [oops]}", Workload.READ_RANDOM)).isEmpty();
    assertThat(FioReport.parse("{\"jobs\": []}", Workload.READ_RANDOM)).isEmpty();
    assertThat(FioReport.parse("{\"jobs\": [{\"error\": 28}]}", Workload.READ_RANDOM)).isEmpty();
    assertThat(FioReport.parse("{\"jobs\": [{\"read\": {\"iops\": 0}}]}", Workload.READ_RANDOM))
        .isEmpty();
  }
}
