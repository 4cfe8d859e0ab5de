package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pools on a disk that is too small or has become full: a small tmpfs. One line, exit code 6, and
/// nothing left behind. Needs root.
class FullDiskIT {
  private static final int MIB = 1 << 20;
  private static final int OUT_OF_SPACE = 6;

  @TempDir Path scratch;

  private Path disk;

  @BeforeEach
  void aSmallDisk() throws IOException {
    disk = Files.createDirectory(scratch.resolve("disk"));
    Tool.named("mount").run("-t", "tmpfs", "-o", "size=20m", "tmpfs", disk).expectSuccess();
  }

  @AfterEach
  void takeItDown() {
    Tool.named("umount").run(disk).expectSuccess();
  }

  private static Tool lumeo() {
    return Tool.of(LumeoUp.command());
  }

  private void fill(int bytes) throws IOException {
    Files.write(disk.resolve("other"), new byte[bytes]);
  }

  @Test
  void aPoolThatDoesNotFitIsNotBegun() throws IOException {
    fill(10 * MIB);
    var pool = disk.resolve("pool");
    assertThat(
            lumeo()
                .run("pool", "create", "--dir", pool, "--data-size", "1G")
                .expectExit(OUT_OF_SPACE)
                .stderr())
        .startsWith("lumeo: 16 MiB of metadata does not fit beside " + pool.resolve("pool.meta"))
        .contains(" are free there; choose another place or a smaller --meta-size")
        .hasLineCount(1);
    assertThat(pool).doesNotExist();
  }

  @Test
  void aServerThatFindsNoRoomForAPoolSaysSoAndLeavesNone() throws IOException {
    fill(10 * MIB);
    var directory = disk.resolve("data");
    var outcome =
        lumeo().run("up", directory, "--nbd", "unix", "--rest", "0").expectExit(OUT_OF_SPACE);
    assertThat(outcome.stderr()).startsWith("lumeo: ").contains("no space left").hasLineCount(1);
    assertThat(outcome.stdout()).isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  /// The data file is sparse: that the disk below is full shows when it is written.
  @Test
  void writesFailOneByOneWhenTheDiskBelowIsFullAndGoOnWhenItIsNot() throws IOException {
    try (var up = LumeoUp.in(disk.resolve("data"))) {
      var uri = "nbd+unix:///vol0?socket=" + disk.resolve("data/nbd.sock");
      var image = scratch.resolve("image");
      Files.write(image, Contents.random(new Random(1), 8 * MIB));
      assertThat(Tool.named("nbdcopy").run(image, uri).expectExit(1).stderr())
          .contains("No space left on device");
      assertThat(up.run("snapshot", "create", "vol0", "full").exit()).isIn(0, OUT_OF_SPACE);

      Tool.named("mount").run("-o", "remount,size=64m", disk).expectSuccess();
      Tool.named("nbdcopy").run(image, uri).expectSuccess();
    }
    lumeo().run("pool", "check", "--dir", disk.resolve("data")).expectSuccess();
  }
}
