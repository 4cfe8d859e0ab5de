package io.lumeo.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final String UNKNOWN = "missed its target; the reason is not known yet";

  @Test
  void whatWasMissedWithoutARemarkIsSaidSo() throws IOException {
    assertThat(page("a thing never remarked on", 0.5))
        .contains("**missed**")
        .contains("- **a thing never remarked on** " + UNKNOWN);
  }

  @Test
  void whatWasMissedWithARemarkIsExplainedByIt() throws IOException {
    assertThat(page("256 KiB sequential read : qemu-nbd qcow2", 1.2))
        .contains("**missed**")
        .contains("- **256 KiB sequential**")
        .doesNotContain(UNKNOWN);
  }

  @Test
  void whatWasReachedNeedsNoRemark() throws IOException {
    assertThat(page("a thing never remarked on", 1.6))
        .contains("| reached |")
        .doesNotContain(UNKNOWN);
  }

  private static String page(String what, double ratio) throws IOException {
    var figure = new Figure(what, "2/s beside 1/s", ratio, "×", new Figure.Target.AtLeast(1.5));
    return new Report(LocalDate.of(2026, 11, 27), List.of("processor: one"))
        .text(List.of(new Report.Section("Over NBD", List.of(figure))));
  }
}
