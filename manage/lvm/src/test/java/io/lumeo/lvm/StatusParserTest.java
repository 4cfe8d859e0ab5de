package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.lvm.TargetStatus.ThinPool.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusParserTest {

  @Test
  void aPoolsLineIsReadByTokenWhateverTheirOrder() {
    var kernel =
        "0 819200 thin-pool 2 112/1024 5/6400 - rw discard_passdown queue_if_no_space - 256";
    var document =
        "0 819200 thin-pool 2 112/1024 5/6400 - discard_passdown rw queue_if_no_space - 256";
    assertThat(pool(kernel)).isEqualTo(pool(document));
    assertThat(pool(kernel))
        .returns(2L, TargetStatus.ThinPool::transactionId)
        .returns(112L, TargetStatus.ThinPool::metadataUsedBlocks)
        .returns(6400L, TargetStatus.ThinPool::dataChunks)
        .returns(false, TargetStatus.ThinPool::metadataSnapshotHeld)
        .returns(false, TargetStatus.ThinPool::errorsWhenFull)
        .returns(false, TargetStatus.ThinPool::needsCheck)
        .returns(Mode.WRITE, TargetStatus.ThinPool::mode);
  }

  @ParameterizedTest
  @CsvSource({
    "out_of_data_space no_discard_passdown error_if_no_space -, OUT_OF_DATA_SPACE, false",
    "ro discard_passdown queue_if_no_space needs_check, READ_ONLY, true",
    "rw ignore_discard queue_if_no_space needs_check, WRITE, true",
  })
  void itsModesAreTold(String flags, Mode mode, boolean needsCheck) {
    var pool = pool("0 8 thin-pool 1 1/2 3/4 77 " + flags + " 256");
    assertThat(pool.mode()).isEqualTo(mode);
    assertThat(pool.needsCheck()).isEqualTo(needsCheck);
    assertThat(pool.metadataSnapshotHeld()).isTrue();
    assertThat(pool.errorsWhenFull()).isEqualTo(flags.contains("error_if_no_space"));
  }

  @Test
  void thinVolumesAndSnapshotsTellBytes() {
    assertThat(StatusParser.line("0 409600 thin 2048 4095"))
        .contains(new TargetStatus.Thin(1 << 20));
    assertThat(StatusParser.line("0 409600 thin 0 -")).contains(new TargetStatus.Thin(0));
    assertThat(StatusParser.line("0 8192 snapshot 16/8192 8"))
        .contains(new TargetStatus.Snapshot(8192, 4 << 20, 4096));
    assertThat(StatusParser.line("0 8192 snapshot-merge 16/8192 8"))
        .contains(new TargetStatus.Snapshot(8192, 4 << 20, 4096));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Invalid", "Overflow", "Merge failed", "Unknown"})
  void aDeadSnapshotKeepsTheKernelsWord(String word) {
    assertThat(StatusParser.line("0 8192 snapshot " + word))
        .contains(new TargetStatus.InvalidSnapshot(word));
  }

  @ParameterizedTest
  @CsvSource({
    "0 8 thin-pool Fail, Fail",
    "0 8 thin-pool Error, Error",
    "0 8 thin Fail, Fail",
    "0 8 error, error"
  })
  void aFailedDeviceIsFailed(String line, String word) {
    assertThat(StatusParser.line(line)).contains(new TargetStatus.Failed(word));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 8 linear",
        "0 8 snapshot-origin",
        "0 8 raid raid1 2 AA 8/8 idle 0 0 -",
        "0 8 thin-pool in a new form",
        "0 8 thin ???",
        "0 8 snapshot 1/x 3"
      })
  void whatIsNotKnownIsOther(String line) {
    assertThat(StatusParser.line(line).orElseThrow()).isInstanceOf(TargetStatus.Other.class);
  }

  @Test
  void ofSeveralTargetsTheOneThatSaysSomethingCounts() {
    var found =
        StatusParser.parse(
            """
            vg-a: 0 8192 linear
            vg-a: 8192 8192 linear
            vg-s: 0 8192 snapshot 16/8192 8
            no devices found
            """);
    assertThat(found).containsOnlyKeys("vg-a", "vg-s");
    assertThat(found.get("vg-s")).isInstanceOf(TargetStatus.Snapshot.class);
  }

  @Test
  void theKernelsUuidIsTheVolumesWithoutDashes() {
    assertThat(
            DeviceMapperUuid.parse(
                "LVM-azVhsDyKwZ45inaT27GYoEZsNfVJKnozZCZIgM2emb4UzoLjrAifKXwVeKPsqxTX-tpool"))
        .contains(new DeviceMapperUuid("ZCZIgM-2emb-4Uzo-LjrA-ifKX-wVeK-PsqxTX", "tpool"));
    assertThat(DeviceMapperUuid.parse("CRYPT-LUKS2-abc")).isEmpty();
  }

  private static TargetStatus.ThinPool pool(String line) {
    return (TargetStatus.ThinPool) StatusParser.line(line).orElseThrow();
  }
}
