package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Tool;
import io.lumeo.thin.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
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
      long mappedBefore = pool.mappedBytes("vol0");
      Tool.named("fstrim").run(mounted).expectSuccess();
      assertThat(pool.mappedBytes("vol0")).isLessThan(mappedBefore);
      mounts.undoLast();
      run(kind.check, device);

      String snapshot = mounts.attach(pool.uri("snap"));
      expectSame(content, mounts.mount(snapshot, kind.mountOfSnapshot));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("overwrite and break-sharing on ext4 and XFS")
  void filesOverwrittenInPlaceAreTheSnapshotsAloneAfterwards(Kind kind) throws IOException {
    var content = Files.createDirectory(directory.resolve("content"));
    FileSystemImage.fill(content, new Random(12), 60);
    try (var mounts = new HostMounts(directory)) {
      String device = mounts.attach(pool.uri("vol0"));
      run(kind.make, device);
      Tool.named("cp").run("-r", content + "/.", mounts.mount(device, "defaults")).expectSuccess();
      mounts.undoLast();
      Tool.named("blockdev").run("--flushbufs", device).expectSuccess();
      pool.createSnapshot("snap", "vol0");
      long before = exclusiveBytes("snap");

      var mounted = mounts.mount(device, "defaults");
      long overwritten = overwriteAll(mounted);
      Tool.named("sync").run("-f", mounted).expectSuccess();
      var expected = directory.resolve("expected");
      Tool.named("cp").run("-r", mounted, expected).expectSuccess();
      mounts.undoLast();
      run(kind.check, device);
      Tool.named("blockdev").run("--flushbufs", device).expectSuccess();

      assertThat(exclusiveBytes("snap") - before).isGreaterThanOrEqualTo(overwritten);
      expectSame(expected, mounts.mount(device, "defaults"));
      String snapshot = mounts.attach(pool.uri("snap"));
      expectSame(content, mounts.mount(snapshot, kind.mountOfSnapshot));
    }
  }

  private long exclusiveBytes(String name) throws IOException {
    pool.volumes().flush();
    return pool.volumes().usage(name, Progress.NONE).exclusiveBytes();
  }

  /// Writes other bytes over those of every file, where they lie. Returns how many.
  private static long overwriteAll(Path folder) throws IOException {
    var random = new Random(13);
    long overwritten = 0;
    try (var files = Files.walk(folder)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          var bytes = new byte[(int) channel.size()];
          random.nextBytes(bytes);
          overwritten += channel.write(ByteBuffer.wrap(bytes));
        }
      }
    }
    return overwritten;
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
