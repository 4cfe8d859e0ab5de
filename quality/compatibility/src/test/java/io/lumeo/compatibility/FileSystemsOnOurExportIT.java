package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// File systems made and mounted on our exports by this machine's own kernel.
class FileSystemsOnOurExportIT {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 512 * MIB;

  /// A file system, how it is made, how it is mounted beside a copy of itself, how it is checked.
  enum Kind {
    EXT4("mkfs.ext4 -q", "ro,noload", "e2fsck -f -n"),
    XFS("mkfs.xfs -q -f", "ro,nouuid,norecovery", "xfs_repair -n");

    private final String make;
    private final String mountOfSnapshot;
    private final String check;

    Kind(String make, String mountOfSnapshot, String check) {
      this.make = make;
      this.mountOfSnapshot = mountOfSnapshot;
      this.check = check;
    }
  }

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

  @ParameterizedTest
  @EnumSource
  void filesSurviveUnmountingAndTheSnapshotKeepsWhatItHad(Kind kind) throws IOException {
    var content = Files.createDirectory(directory.resolve("content"));
    FileSystemImage.fill(content, new Random(11), 150);
    try (var mounts = new HostMounts(directory)) {
      String device = mounts.attach(pool.uri("vol0"));
      run(kind.make, device);
      var mounted = mounts.mount(device, "defaults");
      Tool.named("cp").run("-r", content + "/.", mounted).expectSuccess();
      mounts.undoLast();
      run(kind.check, device);
      Tool.named("sync").run().expectSuccess();
      Tool.named("blockdev").run("--flushbufs", device).expectSuccess();
      pool.createSnapshot("snap", "vol0");

      mounted = mounts.mount(device, "defaults");
      expectSame(content, mounted);
      Tool.named("rm").run("-r", mounted.resolve("d1"), mounted.resolve("d2")).expectSuccess();
      Tool.named("sync").run("-f", mounted).expectSuccess();
      long mappedBefore = pool.volumes().mappedBytes().get("vol0");
      Tool.named("fstrim").run(mounted).expectSuccess();
      assertThat(pool.volumes().mappedBytes().get("vol0")).isLessThan(mappedBefore);
      mounts.undoLast();
      run(kind.check, device);

      String snapshot = mounts.attach(pool.uri("snap"));
      expectSame(content, mounts.mount(snapshot, kind.mountOfSnapshot));
    }
  }

  private static void run(String command, String device) {
    var words = command.split(" ", 2);
    var arguments = (words[1] + " " + device).split(" ", -1);
    Tool.named(words[0]).run((Object[]) arguments).expectSuccess();
  }

  private static void expectSame(Path expected, Path found) {
    Tool.named("diff").run("-r", "-x", "lost+found", expected, found).expectSuccess();
  }
}
