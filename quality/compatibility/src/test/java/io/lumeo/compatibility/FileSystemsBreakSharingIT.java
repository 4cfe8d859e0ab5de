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
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the field's suites for dm-thin do to file systems on thin volumes: half of each file is
/// overwritten in place, where the volume is alone with its blocks and where it shares them.
class FileSystemsBreakSharingIT {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 512 * MIB;
  private static final int FILES = 150;

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
  @DisplayName("overwrite")
  void filesAreOverwrittenInPlaceWithoutFurtherSpace(FileSystemKind kind) throws IOException {
    try (var mounts = new HostMounts(directory)) {
      var content = fill(kind, mounts);
      long mappedBefore = pool.mappedBytes("vol0");
      String device = mounts.attach(pool.uri("vol0"));

      overwriteHalf(mounts.mount(device, kind.mount()), 12);
      overwriteHalf(content, 12);

      settle(kind, mounts, device);
      // The file system's journal goes round, and the time of each file is written.
      assertThat(pool.mappedBytes("vol0")).isLessThan(mappedBefore + 4 * MIB);
      expectSame(content, mounts.mount(device, kind.mount()));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("break-sharing")
  void filesAreOverwrittenInPlaceOnBothSidesOfASnapshot(FileSystemKind kind) throws IOException {
    try (var mounts = new HostMounts(directory)) {
      var before = fill(kind, mounts);
      pool.createSnapshot("snap", "vol0");
      pool.volumes().createClone("clone", "snap", Set.of());
      var onVolume = copy(before, "on-volume");
      var onClone = copy(before, "on-clone");

      String volume = mounts.attach(pool.uri("vol0"));
      String clone = mounts.attach(pool.uri("clone"));
      String snapshot = mounts.attach(pool.uri("snap"));
      overwriteHalf(mounts.mount(volume, kind.mount()), 13);
      overwriteHalf(onVolume, 13);
      settle(kind, mounts, volume);
      overwriteHalf(mounts.mount(clone, kind.mount()), 14);
      overwriteHalf(onClone, 14);
      settle(kind, mounts, clone);

      // Half of each file is 10 MiB in all.
      assertThat(exclusiveBytes("vol0")).isGreaterThan(10 * MIB);
      assertThat(exclusiveBytes("clone")).isGreaterThan(10 * MIB);
      kind.expectSound(snapshot);
      expectSame(before, mounts.mount(snapshot, kind.mountOfSnapshot()));
      expectSame(onVolume, mounts.mount(volume, kind.mount()));
      expectSame(onClone, mounts.mount(clone, kind.mount()));
    }
  }

  /// Makes the file system on the volume with files in it. Answers a folder with the same files.
  private Path fill(FileSystemKind kind, HostMounts mounts) throws IOException {
    var content = Files.createDirectory(directory.resolve("content"));
    FileSystemImage.fill(content, new Random(11), FILES);
    String device = mounts.attach(pool.uri("vol0"));
    kind.make(device);
    var mounted = mounts.mount(device, kind.mount());
    Tool.named("cp").run("-r", content + "/.", mounted).expectSuccess();
    settle(kind, mounts, device);
    mounts.undoLast(); // the loop device
    mounts.undoLast(); // and what is under it
    return content;
  }

  /// Unmounts what was mounted last, and fails the test unless the file system is sound.
  private static void settle(FileSystemKind kind, HostMounts mounts, String device) {
    mounts.undoLast();
    Tool.named("blockdev").run("--flushbufs", device).expectSuccess();
    kind.expectSound(device);
  }

  private Path copy(Path content, String name) {
    var copy = directory.resolve(name);
    Tool.named("cp").run("-r", content, copy).expectSuccess();
    return copy;
  }

  /// Writes other bytes over half of each file, from a quarter of it on.
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

  private long exclusiveBytes(String volume) throws IOException {
    return pool.volumes().usage(volume, Progress.NONE).exclusiveBytes();
  }

  private static void expectSame(Path expected, Path found) {
    Tool.named("diff").run("-r", "-x", "lost+found", expected, found).expectSuccess();
  }
}
