package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our exports under fio, which writes blocks that carry their own checksums and reads them again.
class FioVerifiesOurExportIT {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 256 * MIB;

  @TempDir Path directory;
  private ServedPool pool;

  @BeforeEach
  void serve() throws IOException {
    pool = ServedPool.in(directory);
    pool.createVolume("vol0", SIZE);
  }

  @AfterEach
  void stop() throws IOException {
    pool.close();
  }

  @Test
  void randomWritesOfSeveralConnectionsAreVerified() {
    fio(
        "vol0",
        "--rw=randwrite",
        "--bsrange=512-128k",
        "--bs_unaligned=1",
        "--iodepth=32",
        "--numjobs=4",
        "--size=64m",
        "--offset_increment=64m",
        "--io_size=32m",
        "--verify=crc32c",
        "--do_verify=1",
        "--verify_fatal=1",
        "--fsync=64");
  }

  @Test
  void writesOverASnapshotAreVerifiedAndTheSnapshotStays() throws IOException {
    var layout = new String[] {"--rw=write", "--bs=64k", "--iodepth=16", "--size=128m"};
    fio("vol0", with(layout, "--verify=sha256", "--do_verify=1", "--verify_fatal=1"));
    pool.createSnapshot("snap", "vol0");
    String before;
    try (var snapshot = pool.volumes().open("snap")) {
      before = Contents.sha256(snapshot);
    }
    fio(
        "vol0",
        "--rw=randwrite",
        "--bs=4k",
        "--iodepth=32",
        "--numjobs=2",
        "--size=64m",
        "--offset_increment=64m",
        "--io_size=8m",
        "--verify=xxhash",
        "--do_verify=1",
        "--verify_fatal=1");
    try (var snapshot = pool.volumes().open("snap")) {
      assertThat(Contents.sha256(snapshot)).isEqualTo(before);
    }
    fio("snap", with(layout, "--readonly", "--rw=read", "--verify=sha256", "--verify_only"));
  }

  @Test
  void mixedReadsWritesAndTrimsGoOnWithoutAnError() {
    fio("vol0", "--rw=randtrimwrite", "--bs=64k", "--iodepth=16", "--size=64m", "--io_size=64m");
    fio(
        "vol0",
        "--rw=randrw",
        "--bs=4k",
        "--iodepth=32",
        "--numjobs=4",
        "--size=128m",
        "--io_size=8m",
        "--fsync=32");
  }

  private static String[] with(String[] some, String... more) {
    var all = new ArrayList<>(List.of(some));
    Collections.addAll(all, more);
    return all.toArray(String[]::new);
  }

  private void fio(String volume, String... options) {
    var line =
        new ArrayList<Object>(
            List.of(
                "--name=" + volume,
                "--ioengine=nbd",
                "--uri=" + pool.uri(volume),
                "--thread",
                "--randseed=42",
                "--aux-path=" + directory));
    Collections.addAll(line, (Object[]) options);
    Tool.named("fio").within(Duration.ofMinutes(3)).run(line.toArray()).expectSuccess();
  }
}
