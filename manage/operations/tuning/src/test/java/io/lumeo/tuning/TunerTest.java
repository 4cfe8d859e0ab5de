package io.lumeo.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.commands.Commands;
import io.lumeo.forecasts.TuningResult;
import io.lumeo.forecasts.TuningResults;
import io.lumeo.state.Database;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.ScriptedCommands;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Studies measure on scratch volumes and leave a host as it was, whatever happens.
class TunerTest {
  private static final Instant NOW = Instant.parse("2026-11-27T03:00:00Z");
  private static final List<Long> CHUNKS = List.of(64L << 10, 256L << 10);
  private static final Effort LITTLE = new Effort(16 << 20, Duration.ofSeconds(1), 2);
  private static final Place VG = new Place.Group("vg");
  private static final Place DEVICES =
      new Place.Devices(List.of("/dev/sdc", "/dev/sdd"), Optional.of("/dev/sde"));

  @TempDir Path folder;
  private Database database;
  private TuningResults baseline;
  private final ScratchHost host = new ScratchHost();
  private final List<String> questions = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    database = Database.open(folder.resolve("state.db"));
    baseline = TuningResults.open(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Tuner tuner() {
    return tuner(ScriptedCommands.answering(host), true, Progress.none());
  }

  private Tuner tuner(Commands commands, boolean agrees, Progress progress) {
    return new Tuner(
        commands,
        baseline,
        InstantSource.fixed(NOW),
        question -> {
          questions.add(question);
          return agrees;
        },
        progress);
  }

  @Test
  void chunksAreComparedAndTheResultsKept() throws StorageFailure {
    var study = tuner().chunkSize(VG, CHUNKS, LITTLE);
    assertThat(study.results()).hasSize(2 * 5);
    assertThat(study.results())
        .extracting(result -> result.parameters().get("chunk"))
        .containsOnly("64k", "256k");
    assertThat(study.recommendations()).hasSize(3);
    assertThat(baseline.find("chunk-size", "scripted"))
        .containsExactlyInAnyOrderElementsOf(study.results());
    var random =
        study.results().stream()
            .filter(result -> result.parameters().get("workload").equals("first-write-random"))
            .filter(result -> result.parameters().get("chunk").equals("64k"))
            .findFirst()
            .orElseThrow();
    assertThat(random.at()).isEqualTo(NOW);
    assertThat(random.figures())
        .containsEntry("space_ratio", 512.0 * (64 << 10) / (1 << 20))
        .containsKey("write_iops");
    assertThat(host.isAsBefore()).isTrue();
    assertThat(questions)
        .containsExactly(
            "make scratch volumes of up to 120 MiB in group vg on scripted and write to them as"
                + " fast as they go");
  }

  @Test
  void snapshotsOfBothKindsAreCompared() throws StorageFailure {
    var study = tuner().snapshotCost(VG, LITTLE);
    assertThat(study.results()).hasSize(2 * 7);
    assertThat(study.recommendations())
        .extracting(Recommendation::use)
        .containsExactly("one snapshot at a time", "several snapshots");
    assertThat(host.isAsBefore()).isTrue();
    assertThat(host.fioDevices).allMatch(device -> device.startsWith("/dev/vg/lumeo_tune_"));
  }

  @Test
  void layoutsAreComparedOnDevicesOfTheirOwn() throws StorageFailure {
    var study = tuner().layout(DEVICES, LITTLE);
    assertThat(study.results())
        .extracting(result -> result.parameters().get("layout"))
        .containsOnly("linear", "striped", "mirrored", "thin", "thin-fast-metadata");
    assertThat(study.recommendations()).hasSize(4);
    assertThat(host.isAsBefore()).isTrue();
    assertThat(questions.getFirst())
        .isEqualTo(
            "use /dev/sdc, /dev/sdd, /dev/sde on scripted for scratch volumes; what is on them is"
                + " lost");
  }

  @Test
  void onOneDeviceThereIsNoStriping() throws StorageFailure {
    var place = new Place.Devices(List.of("/dev/sdc"), Optional.empty());
    assertThat(tuner().layout(place, LITTLE).results())
        .extracting(result -> result.parameters().get("layout"))
        .containsOnly("linear", "thin");
    assertThat(questions.getFirst()).endsWith("what is on it is lost");
  }

  // --- what is asked and refused

  @Test
  void nothingIsTouchedUnlessSomebodyAgrees() {
    for (var place : List.of(VG, DEVICES)) {
      var commands = ScriptedCommands.answering(host);
      assertThatThrownBy(
              () -> tuner(commands, false, Progress.none()).chunkSize(place, CHUNKS, LITTLE))
          .isInstanceOf(StorageFailure.Cancelled.class)
          .hasMessageContaining("nothing was touched");
      assertThat(commands.ran())
          .noneMatch(command ->
              List.of("vgcreate", "lvcreate", "pvremove").contains(command.arguments().get(1)));
    }
  }

  @Test
  void aDeviceThatIsNotEmptyIsRefused() {
    host.signatures.put("/dev/sdd", "ext4");
    assertThatThrownBy(() -> tuner().layout(DEVICES, LITTLE))
        .isInstanceOf(StorageFailure.Refused.class)
        .hasMessageContaining("/dev/sdd on scripted is not empty")
        .hasMessageContaining("ext4");
    assertThat(questions).isEmpty();
    assertThat(host.isAsBefore()).isTrue();
  }

  @Test
  void whatIsNoDeviceOrGroupIsRefused() {
    assertThatThrownBy(() -> tuner().layout(on("/dev/../etc/passwd"), LITTLE))
        .isInstanceOf(StorageFailure.Refused.class);
    assertThatThrownBy(() -> tuner().layout(on("sdc; reboot"), LITTLE))
        .isInstanceOf(StorageFailure.Refused.class);
    assertThatThrownBy(() -> tuner().layout(on("/dev/none"), LITTLE))
        .isInstanceOf(StorageFailure.NotFound.class)
        .hasMessageContaining("no block device /dev/none");
    assertThatThrownBy(() -> tuner().layout(new Place.Group("-x y"), LITTLE))
        .isInstanceOf(StorageFailure.Refused.class);
    assertThatThrownBy(() -> tuner().layout(new Place.Group("none"), LITTLE))
        .isInstanceOf(StorageFailure.CommandFailed.class)
        .hasMessageContaining("not found");
    assertThatThrownBy(() -> new Place.Devices(List.of(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Place on(String device) {
    return new Place.Devices(List.of(device), Optional.empty());
  }

  @Test
  void aGroupKeepsItsReserve() {
    host.vgFree = Long.toString(5L << 30);
    assertThatThrownBy(() -> tuner().chunkSize(VG, CHUNKS, LITTLE))
        .isInstanceOf(StorageFailure.OutOfSpace.class)
        .hasMessageContaining("of which 5 % of the group stay free");
    assertThat(host.isAsBefore()).isTrue();
  }

  @Test
  void devicesThatAreTooSmallAreGivenBack() {
    host.vgFree = Long.toString(1 << 20);
    assertThatThrownBy(() -> tuner().chunkSize(DEVICES, CHUNKS, LITTLE))
        .isInstanceOf(StorageFailure.OutOfSpace.class)
        .hasMessageContaining("the devices have 1 MiB");
    assertThat(host.isAsBefore()).isTrue();
  }

  @Test
  void chunksThatThePoolCannotHaveAreRefused() {
    for (var chunks : List.of(List.of(64L << 10), List.of(64L << 10, 100_000L), List.of(0L, 1L))) {
      assertThatThrownBy(() -> tuner().chunkSize(VG, chunks, LITTLE))
          .isInstanceOf(StorageFailure.Refused.class)
          .hasMessageContaining("multiples of 64 KiB");
    }
    assertThatThrownBy(() -> new Effort(1, Duration.ofSeconds(1), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void withoutFioNothingIsBegun() {
    host.fioVersion = "";
    assertThatThrownBy(() -> tuner().snapshotCost(VG, LITTLE))
        .isInstanceOf(StorageFailure.Unsupported.class)
        .hasMessageContaining("install fio");
  }

  // --- stopping, and what is left

  @Test
  void aStudyThatIsStoppedLeavesNothingAndKeepsNothing() {
    var stop =
        new Progress() {
          private int steps;

          @Override
          public void report(String what, long done, long total) {
            steps++;
            assertThat(what).startsWith("chunk-size: ");
            assertThat(total).isEqualTo(20);
          }

          @Override
          public boolean isCancelled() {
            return steps == 7;
          }
        };
    assertThatThrownBy(
            () -> tuner(ScriptedCommands.answering(host), true, stop).chunkSize(VG, CHUNKS, LITTLE))
        .isInstanceOf(StorageFailure.Cancelled.class)
        .hasMessageContaining("after 7 of 20 measurements");
    assertThat(host.isAsBefore()).isTrue();
    assertThat(baseline.find("chunk-size", "scripted")).isEmpty();
  }

  @Test
  void whatAKilledStudyLeftIsRemovedByTheNext() throws StorageFailure {
    leave();
    assertThat(tuner().leftovers())
        .containsExactly("vg/lumeo_tune_snap3", "vg/lumeo_tune_thin2", "vg/lumeo_tune_pool1");
    tuner().snapshotCost(VG, LITTLE);
    assertThat(questions.getFirst())
        .startsWith("remove what an earlier study left on scripted: vg/lumeo_tune_snap3,");
    assertThat(host.isAsBefore()).isTrue();
  }

  @Test
  void whatAKilledStudyLeftStaysUnlessSomebodyAgrees() {
    leave();
    assertThatThrownBy(() ->
            tuner(ScriptedCommands.answering(host), false, Progress.none())
                .snapshotCost(VG, LITTLE))
        .isInstanceOf(StorageFailure.Busy.class)
        .hasMessageContaining("lumeo_tune_pool1");
    assertThat(host.volumes).hasSize(4);
  }

  private void leave() {
    add("v91", "lumeo_tune_pool1", "thin,pool", "public", "", true);
    add("v92", "lumeo_tune_thin2", "thin,sparse", "public", "lumeo_tune_pool1", true);
    add("v93", "lumeo_tune_snap3", "thin,sparse", "public,snapshot", "lumeo_tune_pool1", true);
  }

  private void add(
      String uuid, String name, String layout, String role, String pool, boolean tagged) {
    host.volumes.put(uuid, new ScratchHost.Volume(uuid, "vg", name, layout, role, pool, tagged));
  }

  @Test
  void aScratchPoolInWhichSomebodyMadeAVolumeIsKept() {
    leave();
    add("v94", "precious", "thin,sparse", "public", "lumeo_tune_pool1", false);
    assertThatThrownBy(() -> tuner().removeLeftovers())
        .isInstanceOf(StorageFailure.Refused.class)
        .hasMessageContaining("vg/precious is in it, which no study made");
    assertThat(host.volumes).containsKeys("v91", "v94");
  }

  /// A host on which anything fails at any time ends as it was, or says what is left, and the next
  /// study removes it.
  @SeededTest
  void anUnreliableHostIsLeftAsItWasOrTheRestIsFound(Random random) throws StorageFailure {
    for (int i = 0; i < 5; i++) {
      var unreliable = ScriptedCommands.answering(host).unreliable(random, 0.03);
      var kept = new ArrayList<TuningResult>();
      try {
        var place = random.nextBoolean() ? VG : DEVICES;
        kept.addAll(
            random.nextBoolean()
                ? tuner(unreliable, true, Progress.none()).layout(place, LITTLE).results()
                : tuner(unreliable, true, Progress.none()).snapshotCost(place, LITTLE).results());
        assertThat(host.isAsBefore()).isTrue();
      } catch (StorageFailure failure) {
        assertThat(unreliable.happened()).as(failure.getMessage()).isNotEmpty();
        assertThat(kept).isEmpty();
      } finally {
        assertThat(Thread.interrupted())
            .isEqualTo(unreliable.happened().contains(ScriptedCommands.Mishap.IS_INTERRUPTED));
      }
      tuner().removeLeftovers();
      assertThat(host.volumes).containsOnlyKeys("v-root");
      assertThat(host.groups).containsOnlyKeys("g-vg");
      // A label that could not be wiped is told, and keeps its device from being used again.
      host.physical.clear();
    }
  }
}
