package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.testing.ThinTools;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Progress;
import io.lumeo.thin.ThinDevice;
import io.lumeo.thin.ThinId;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our metadata under thin-provisioning-tools, and theirs under our engine.
class ThinToolsAcceptOurMetadataIT {
  private static final long MIB = 1 << 20;
  private static final int BLOCK = 64 << 10;
  private static final long SIZE = 64 * MIB;

  @TempDir Path directory;
  private PoolFiles files = PoolFiles.in(Path.of(""));

  /// A volume, two snapshots of it at different times, and one that has nothing.
  @BeforeEach
  void makeAPool() throws IOException {
    files = PoolFiles.in(directory);
    OpenPool.format(files.metadata(), 8 * MIB, files.data(), 256 * MIB, BLOCK);
    try (var open = OpenPool.on(files.metadata(), files.data());
        var device = createThin(open, 1)) {
      write(device, 0, 300);
      open.pool().createSnapshot(new ThinId(2), new ThinId(1));
      write(device, 100, 50);
      open.pool().createSnapshot(new ThinId(3), new ThinId(1));
      write(device, 400, 20);
      device.discard(0, 10L * BLOCK);
      open.pool().createThin(new ThinId(4));
      open.pool().setTransactionId(0, 9);
    }
  }

  private static ThinDevice createThin(OpenPool open, int id) throws IOException {
    open.pool().createThin(new ThinId(id));
    return open.device(id, SIZE);
  }

  private static void write(ThinDevice device, int block, int count) throws IOException {
    for (int i = block; i < block + count; i++) {
      device.write((long) i * BLOCK, MemorySegment.ofArray(Contents.random(new Random(i), 512)));
    }
  }

  @Test
  void ourDumpIsTheirsWord() throws IOException {
    var ours = new StringBuilder();
    Volumes.dump(files, ours, Progress.NONE);
    // Theirs writes what devices share once, by name; asked for one device, it is flat.
    for (int id = 1; id <= 4; id++) {
      assertThat(device(ours.toString(), id)).isEqualTo(theirDump(files.metadata(), id));
    }
    assertThat(ours.toString().lines().findFirst().orElseThrow())
        .isEqualTo(ThinTools.dump(files.metadata()).lines().findFirst().orElseThrow());
  }

  private static String theirDump(Path metadata, int id) {
    return device(
        ThinTools.tool("thin_dump").run("--dev-id", id, metadata).expectSuccess().stdout(), id);
  }

  /// Which blocks hold the mappings, and so what shared runs of them are called, may differ.
  private static void expectSameMappings(Path left, Path right) {
    for (int id = 1; id <= 4; id++) {
      assertThat(theirDump(left, id)).isEqualTo(theirDump(right, id));
    }
  }

  /// The lines of a device without the room before them.
  private static String device(String dump, int id) {
    var start = "<device dev_id=\"" + id + "\"";
    assertThat(dump).contains(start);
    String from = dump.substring(dump.indexOf(start));
    return from.substring(0, from.indexOf("</device>")).replaceAll("\n\\s*", "\n");
  }

  @Test
  void dumpRestoreDumpIsIdempotentAndTheRestoredPoolOpens() throws IOException {
    String dump = ThinTools.dump(files.metadata());
    var xml = Files.writeString(directory.resolve("dump.xml"), dump);
    var restored = directory.resolve("restored.meta");
    FileDevice.create(restored, 8 * MIB).close();
    ThinTools.restore(xml, restored);
    ThinTools.expectClean(restored);
    expectSameMappings(restored, files.metadata());

    String before;
    try (var open = OpenPool.on(files.metadata(), files.data());
        var device = open.device(2, SIZE)) {
      before = Contents.sha256(device);
    }
    var restoredFiles = PoolFiles.of(restored, files.data());
    assertThat(Volumes.check(restoredFiles, Progress.NONE).isSound()).isTrue();
    try (var open = OpenPool.on(restored, files.data());
        var device = open.device(2, SIZE)) {
      assertThat(open.pool().status().transactionId()).isEqualTo(9);
      assertThat(Contents.sha256(device)).isEqualTo(before);
      write(device, 0, 30);
      open.pool().delete(new ThinId(1));
    }
    ThinTools.expectClean(restored);
    try (var kernel = KernelPool.activate(restored, files.data(), BLOCK)) {
      kernel.open(3, SIZE);
      kernel.sha256(3);
      kernel.close(3);
    }
    ThinTools.expectClean(restored);
  }

  @Test
  void whatTheirDumpOfOurDumpRestoresIsTheSamePool() throws IOException {
    var xml = directory.resolve("ours.xml");
    try (var out = Files.newBufferedWriter(xml)) {
      Volumes.dump(files, out, Progress.NONE);
    }
    var restored = directory.resolve("restored.meta");
    FileDevice.create(restored, 8 * MIB).close();
    ThinTools.restore(xml, restored);
    ThinTools.expectClean(restored);
    var again = new StringBuilder();
    Volumes.dump(PoolFiles.of(restored, files.data()), again, Progress.NONE);
    assertThat(again.toString()).isEqualTo(Files.readString(xml));
  }

  @Test
  void theirRepairOfOurMetadataLosesNothing() throws IOException {
    var repaired = directory.resolve("repaired.meta");
    FileDevice.create(repaired, 8 * MIB).close();
    ThinTools.tool("thin_repair").run("-i", files.metadata(), "-o", repaired).expectSuccess();
    ThinTools.expectClean(repaired);
    expectSameMappings(repaired, files.metadata());
  }

  @Test
  void theirListCountsAsWeDo() throws IOException {
    var rows =
        ThinTools.list(files.metadata(), "DEV,MAPPED_BYTES,EXCLUSIVE_BYTES,SHARED_BYTES")
            .lines()
            .skip(1)
            .map(line -> line.strip().replaceAll("\\s+", " "))
            .toList();
    var ours = new ArrayList<String>();
    try (var open = OpenPool.on(files.metadata(), files.data())) {
      for (var details : open.pool().devices()) {
        var usage = open.pool().usage(details.id(), Progress.NONE);
        ours.add(
            "%s %d %d %d"
                .formatted(
                    details.id(),
                    usage.mappedBytes(),
                    usage.exclusiveBytes(),
                    usage.sharedBytes()));
      }
    }
    assertThat(ours).containsExactlyElementsOf(rows);
  }

  @Test
  void theirDeltaSeesWhatChangedBetweenSnapshots() {
    String delta = ThinTools.delta(files.metadata(), 2, 3).replaceAll("\\s+", " ");
    assertThat(delta)
        .contains(
            "<same begin=\"0\" length=\"100\"/>",
            "<different begin=\"100\" length=\"50\"/>",
            "<same begin=\"150\" length=\"150\"/>");
  }

  @Test
  void aLivePoolIsCheckedAndDumpedThroughItsMetadataSnapshot() throws IOException {
    try (var open = OpenPool.on(files.metadata(), files.data());
        var device = open.device(1, SIZE)) {
      open.pool().reserveMetadataSnapshot();
      write(device, 500, 100);
      open.pool().delete(new ThinId(4));
      device.flush();
      String held =
          ThinTools.tool("thin_dump").run("-m", files.metadata()).expectSuccess().stdout();
      assertThat(held).contains("dev_id=\"4\"").doesNotContain("origin_begin=\"500\"");
      open.pool().releaseMetadataSnapshot();
    }
    ThinTools.expectClean(files.metadata());
  }
}
