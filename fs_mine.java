package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Tool;
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
  @DisplayName("overwrite")
  void filesAreOverwrittenInPlaceWithoutFurtherSpace(Kind kind) throws IOException {
    try (var mounts = new HostMounts(directory)) {
      var content = fill(kind, mounts);
      String device = mounts.attach(pool.uri("vol0"));
      var mounted = mounts.mount(device, "defaults");
      long mappedBefore = pool.mappedBytes("vol0");

      overwriteHalf(mounted, 12);
      overwriteHalf(content, 12);

      settle(mounts, device, kind);
      // The file system's own journal and timestamps may take a few blocks.
      assertThat(pool.mappedBytes("vol0")).isLessThan(mappedBefore + 4 * MIB);
      expectSame(content, mounts.mount(device, "defaults"));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("break-sharing")
  void filesAreOverwrittenInPlaceOnAllSidesOfASnapshot(Kind kind) throws IOException {
    try (var mounts = new HostMounts(directory)) {
      var before = fill(kind, mounts);
      pool.createSnapshot("snap", "vol0");
      pool.createClone("clone", "snap");
      var onVolume = copy(before, "on-volume");
      var onClone = copy(before, "on-clone");

      String volume = mounts.attach(pool.uri("vol0"));
      overwriteHalf(mounts.mount(volume, "defaults"), 13);
      overwriteHalf(onVolume, 13);
      settle(mounts, volume, kind);
      String clone = mounts.attach(pool.uri("clone"));
      overwriteHalf(mounts.mount(clone, "defaults"), 14);
      overwriteHalf(onClone, 14);
      settle(mounts, clone, kind);

      assertThat(pool.exclusiveBytes("vol0")).isGreaterThan(5 * MIB);
      assertThat(pool.exclusiveBytes("clone")).isGreaterThan(5 * MIB);
      String snapshot = mounts.attach(pool.uri("snap"));
      run(kind.check, snapshot);
      expectSame(before, mounts.mount(snapshot, kind.mountOfSnapshot));
      mounts.undoLast();
      expectSame(onVolume, mounts.mount(volume, "defaults"));
      mounts.undoLast();
      expectSame(onClone, mounts.mount(clone, "defaults"));
    }
  }

  /// Makes the file system on the volume, with files in it, and detaches it. Answers a folder with
  /// the same files.
  private Path fill(Kind kind, HostMounts mounts) throws IOException {
    var content = Files.createDirectory(directory.resolve("content"));
    FileSystemImage.fill(content, new Random(11), 150);
    String device = mounts.attach(pool.uri("vol0"));
    run(kind.make, device);
    var mounted = mounts.mount(device, "defaults");
    Tool.named("cp").run("-r", content + "/.", mounted).expectSuccess();
    settle(mounts, device, kind);
    Tool.named("blockdev").run("--flushbufs", device).expectSuccess();
    mounts.undoLast();
    mounts.undoLast();
    return content;
  }

  private Path copy(Path content, String name) {
    var copy = directory.resolve(name);
    Tool.named("cp").run("-r", content, copy).expectSuccess();
    return copy;
  }

  /// Unmounts what was mounted last, and fails unless the file system on the device is sound.
  private static void settle(HostMounts mounts, String device, Kind kind) {
    mounts.undoLast();
    run(kind.check, device);
  }

  /// Overwrites in place half the bytes of each file, a stretch in its middle.
  private static void overwriteHalf(Path folder, int seed) throws IOException {
    var random = new Random(seed);
    try (var files = Files.walk(folder)) {
      for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
        int half = (int) Files.size(file) / 2;
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.write(ByteBuffer.wrap(Contents.random(random, half)), half / 2);
          channel.force(false);
        }
      }
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
