package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our exports under QEMU's clients.
class QemuReadsOurExportIT {
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
  void anImageConvertedToUsComparesEqualAndComesBack() throws IOException {
    var image = sparseImage();
    qemuImg("convert", "-n", "-W", "-m", 8, "-f", "raw", "-O", "raw", image, pool.uri("vol0"));
    qemuImg("compare", "-f", "raw", "-F", "raw", image, pool.uri("vol0"));
    assertThat(pool.mappedBytes("vol0")).isLessThan(64 * MIB);

    pool.createSnapshot("snap", "vol0");
    qemuIo("vol0", "write -P 0x5a 1M 30M");
    qemuImg("compare", "-f", "raw", "-F", "raw", image, pool.uri("snap"));
    var back = directory.resolve("back.qcow2");
    qemuImg("convert", "-f", "raw", "-O", "qcow2", pool.uri("snap"), back);
    qemuImg("compare", "-f", "raw", "-F", "qcow2", image, back);
    assertThat(
            Tool.named("qemu-img")
                .run("compare", "-f", "raw", "-F", "raw", image, pool.uri("vol0"))
                .exit())
        .isEqualTo(1);
  }

  @Test
  void theMapShowsWhatIsAllocated() {
    qemuIo("vol0", "write -P 1 10M 1M");
    qemuIo("vol0", "write -P 2 100M 64k");
    String map = qemuImg("map", "-f", "raw", pool.uri("vol0")).stdout();
    assertThat(
            map.lines()
                .skip(1)
                .map(line -> line.split("\\s+", 3)[0] + " " + line.split("\\s+", 3)[1]))
        .containsExactly("0xa00000 0x100000", "0x6400000 0x10000");
    assertThat(qemuImg("info", "--output=json", pool.uri("vol0")).stdout())
        .contains("\"virtual-size\": " + SIZE);
  }

  @Test
  void patternsAreReadBackAtAnyAlignment() {
    qemuIo("vol0", "write -P 0x11 0 1M");
    qemuIo("vol0", "write -P 0x22 65024 1024");
    qemuIo("vol0", "aio_write -P 0x33 300k 200k", "aio_write -P 0x44 700k 100k", "aio_flush");
    qemuIo("vol0", "write -f -P 0x55 900k 512");
    qemuIo(
        "vol0",
        "read -P 0x11 0 65024",
        "read -P 0x22 65024 1024",
        "read -P 0x11 66048 241152",
        "read -P 0x33 300k 200k",
        "read -P 0x44 700k 100k",
        "read -P 0x55 900k 512",
        "flush");
  }

  @Test
  void whatIsDiscardedOrZeroedReadsAsZeroes() throws IOException {
    qemuIo("vol0", "write -P 0x77 0 8M");
    qemuIo("vol0", "discard 1M 1M", "read -P 0 1M 1M", "read -P 0x77 2M 1M");
    qemuIo("vol0", "write -z 3000k 1000k", "read -P 0 3000k 1000k", "read -P 0x77 4000k 100k");
    qemuIo("vol0", "write -z -u 5M 1M", "read -P 0 5M 1M", "read -P 0x77 6M 2M");
    assertThat(pool.mappedBytes("vol0")).isLessThanOrEqualTo(6 * MIB);
  }

  @Test
  void aSnapshotTakesNoWrites() throws IOException {
    qemuIo("vol0", "write -P 0x66 0 1M");
    pool.createSnapshot("snap", "vol0");
    var refused = Tool.named("qemu-io").run("-f", "raw", "-c", "write 0 512", pool.uri("snap"));
    assertThat(refused.exit()).isNotZero();
    Tool.named("qemu-io")
        .run("-r", "-f", "raw", "-c", "read -P 0x66 0 1M", pool.uri("snap"))
        .expectSuccess();
  }

  @Test
  void qemuBenchmarksManyRequestsInFlight() {
    for (var pattern : new String[] {"-w", "-r"}) {
      var line =
          pattern.equals("-w")
              ? new Object[] {
                "bench",
                "-f",
                "raw",
                "-t",
                "none",
                "-n",
                "-w",
                "-c",
                2000,
                "-d",
                64,
                "-s",
                4096,
                "-S",
                69632,
                "--flush-interval=100",
                pool.uri("vol0")
              }
              : new Object[] {
                "bench",
                "-f",
                "raw",
                "-c",
                2000,
                "-d",
                64,
                "-s",
                4096,
                "-S",
                69632,
                pool.uri("vol0")
              };
      qemuImg(line);
    }
  }

  private Path sparseImage() throws IOException {
    var image = directory.resolve("image.raw");
    qemuImg("create", "-f", "raw", image, SIZE);
    var random = new Random(9);
    try (var file = FileDevice.open(image, FileDevice.Access.READ_WRITE)) {
      for (int i = 0; i < 40; i++) {
        file.write(
            random.nextLong(SIZE - MIB),
            MemorySegment.ofArray(Contents.random(random, 1 + random.nextInt((int) MIB / 2))));
      }
    }
    assertThat(Files.size(image)).isEqualTo(SIZE);
    return image;
  }

  private static Tool.Result qemuImg(Object... arguments) {
    return Tool.named("qemu-img").run(arguments).expectSuccess();
  }

  /// qemu-io ends with 0 although a pattern differs, but says so.
  private void qemuIo(String volume, String... commands) {
    var arguments = new ArrayList<Object>(List.of("-f", "raw"));
    for (var command : commands) {
      arguments.add("-c");
      arguments.add(command);
    }
    arguments.add(pool.uri(volume));
    var result = Tool.named("qemu-io").run(arguments.toArray()).expectSuccess();
    assertThat(result.stdout()).doesNotContain("verification failed").doesNotContain("failed:");
  }
}
