package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.testing.SeededTest;
import io.lumeo.testing.Transcript;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportParserTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        // json of all versions
        """
        {"lv_uuid":"u", "lv_name":"v", "lv_size":"4194304", "lv_tags":"a,b", "data_percent":"12.50",
         "lv_active":"active", "lv_device_open":"open", "lv_skip_activation":"", "origin":"",
         "lv_check_needed":"unknown"}
        """,
        // json with --binary
        """
        {"lv_uuid":"u", "lv_name":"v", "lv_size":"4194304", "lv_tags":"a,b", "data_percent":"12.50",
         "lv_active":"1", "lv_device_open":"1", "lv_skip_activation":"0", "origin":"",
         "lv_check_needed":"-1"}
        """,
        // json_std
        """
        {"lv_uuid":"u", "lv_name":"v", "lv_size":"4194304", "lv_tags":["a","b"],
         "data_percent":12.50, "lv_active":1, "lv_device_open":1, "lv_skip_activation":0,
         "origin":null, "lv_check_needed":-1, "lv_brand_new":{"deep":["er"]}}
        """,
        // json_std of a locale with decimal commas, and numbers unquoted
        """
        {"lv_uuid":"u", "lv_name":"v", "lv_size":4194304, "lv_tags":["a","b"],
         "data_percent":"12,50", "lv_active":"active", "lv_device_open":1, "lv_skip_activation":0,
         "lv_check_needed":-1}
        """
      })
  void everyDialectSaysTheSame(String volume) throws UnreadableReport {
    var row = volumes(volume).getFirst();
    assertThat(row.uuid()).isEqualTo("u");
    assertThat(row.sizeBytes()).isEqualTo(4 << 20);
    assertThat(row.tags()).containsExactly("a", "b");
    assertThat(row.dataPercent()).hasValue(12.5);
    assertThat(row.active()).isTrue();
    assertThat(row.open()).isEqualTo(Answer.YES);
    assertThat(row.skipsActivation()).isFalse();
    assertThat(row.origin()).isEmpty();
    assertThat(row.checkNeeded()).isEqualTo(Answer.UNKNOWN);
  }

  @Test
  void rowsMultipliedBySegmentsAreOneVolume() throws UnreadableReport {
    var volumes =
        volumes(
            "{\"lv_uuid\":\"u\",\"lv_name\":\"v\"},{\"lv_uuid\":\"u\",\"lv_name\":\"v\"}",
            """
            {"lv_uuid":"u","segtype":"linear","seg_start_pe":"10","seg_size_pe":"5"},
            {"lv_uuid":"u","segtype":"striped","seg_start_pe":"0","seg_size_pe":"10"},
            {"lv_uuid":"other","segtype":"linear","seg_start_pe":"0"}
            """);
    assertThat(volumes).hasSize(1);
    assertThat(volumes.getFirst().segments())
        .extracting(SegmentRow::type)
        .containsExactly("striped", "linear");
  }

  @Test
  void whatIsNotANumberIsUnknown() throws UnreadableReport {
    var row =
        volumes(
                """
                {"lv_uuid":"u","lv_name":"[v]","lv_size":"big","lv_time":"yesterday",
                 "data_percent":"full","lv_kernel_major":"-1"}
                """)
            .getFirst();
    assertThat(row.sizeBytes()).isZero();
    assertThat(row.createdAt()).isNull();
    assertThat(row.dataPercent()).isEmpty();
    assertThat(row.kernelMajor()).isEmpty();
    assertThat(row.hidden()).isTrue();
    assertThat(row.name()).isEqualTo("v");
  }

  @Test
  void escapesThatJsonDoesNotHaveAreForgiven() throws UnreadableReport {
    var report =
        ReportParser.parse(
            "{\"report\":[{\"pv\":[{\"pv_uuid\":\"p\",\"pv_name\":\"/dev/sda\\u0000\","
                + "\"pv_device_id\":\"QEMU\\0\\0\u0001\"}]}]}");
    assertThat(report.freeDevices()).extracting(DeviceRow::path).containsExactly("/dev/sda");
  }

  @Test
  void errorsInTheLogAreMessagesAndSuccessesAreNot() throws UnreadableReport {
    var report =
        ReportParser.parse(
            """
            {"report":[], "log":[
              {"log_type":"status","log_object_name":"vg","log_message":"success","log_errno":"0"},
              {"log_type":"error","log_object_name":"vg","log_message":"went wrong","log_errno":"-1"},
              {"log_type":"warn","log_object_name":"","log_message":"look at this","log_errno":0}]}
            """);
    assertThat(report.messages()).containsExactly("vg: went wrong", "look at this");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no such luck",
        "{",
        "{}",
        "{\"other\":[]}",
        "{\"report\":[{\"lv\":[{\"lv_uuid\":\"u\"",
        "{\"report\":[{\"lv\":[ WARNING: text in the middle {\"lv_uuid\":\"u\"}]}]}",
        "{\"report\":\"nothing\"",
        "[]"
      })
  void whatIsNoReportIsSaidToBeNone(String text) {
    assertThatThrownBy(() -> ReportParser.parse(text))
        .isInstanceOf(UnreadableReport.class)
        .hasMessageContaining("LVM");
  }

  /// Garbage is unreadable or an odd report, never another failure.
  @SeededTest
  void aDamagedReportIsReadOrRefused(Random random) {
    var good = Transcript.ofLvmHost("debian13.transcript").output("lvm fullreport");
    for (int i = 0; i < 20; i++) {
      var damaged = new StringBuilder(good);
      for (int hits = 1 + random.nextInt(5); hits > 0; hits--) {
        damaged.setCharAt(random.nextInt(damaged.length()), (char) random.nextInt(256));
      }
      damaged.setLength(random.nextInt(damaged.length()));
      if (random.nextBoolean()) {
        damaged.append(good);
      }
      try {
        var report = ReportParser.parse(damaged.toString());
        report
            .groups()
            .forEach(group -> group.volumes().forEach(volume -> volume.attributes().type()));
      } catch (UnreadableReport refused) {
        assertThat(refused).hasMessageContaining("LVM");
      }
    }
  }

  private static List<VolumeRow> volumes(String rows) throws UnreadableReport {
    return volumes(rows, "");
  }

  private static List<VolumeRow> volumes(String rows, String segments) throws UnreadableReport {
    return ReportParser.parse(
            """
            {"report":[{"vg":[{"vg_uuid":"g","vg_name":"vg"}], "lv":[%s], "seg":[%s]}]}
            """
                .formatted(rows, segments))
        .groups()
        .getFirst()
        .volumes();
  }
}
