package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.testing.KernelRig;
import io.lumeo.testing.ThinTools;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Progress;
import io.lumeo.thin.ThinId;
import io.lumeo.thin.Volume;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pools that the kernel's dm-thin made, opened and changed by us, and activated by it again.
class WeAcceptTheKernelsPoolIT {
  private static final long MIB = 1 << 20;
  private static final long BLOCK = 64 << 10;
  private static final long SIZE = 256 * MIB;

  @TempDir Path directory;

  @Test
  void itsFileSystemsAreReadChangedAndGivenBack() throws IOException {
    var files = emptyFiles();
    var content = Files.createDirectory(directory.resolve("content"));
    FileSystemImage.fill(content, new Random(2), 80);
    var more = Files.createDirectory(directory.resolve("more"));
    FileSystemImage.fill(more, new Random(3), 40);

    String origin;
    String snapshot;
    try (var kernel = KernelPool.activate(files.metadata(), files.data(), BLOCK)) {
      kernel.message("create_thin 0");
      kernel.open(0, SIZE);
      kernel
          .guest()
          .shell(
              """
              mkfs.ext4 -q /dev/mapper/v0
              mount /dev/mapper/v0 /mnt
              cp -r %s/. /mnt
              umount /mnt
              """
                  .formatted(content))
          .expectSuccess();
      kernel.snapshot(1, 0);
      kernel.guest().shell("mount /dev/mapper/v0 /mnt; rm -r /mnt/d3; umount /mnt").expectSuccess();
      kernel.message("set_transaction_id 0 1");
      origin = kernel.sha256(0);
      kernel.open(1, SIZE);
      snapshot = kernel.sha256(1);
      kernel.close(1);
      kernel.close(0);
    }

    ThinTools.expectClean(files.metadata());
    assertThat(Volumes.check(files, Progress.NONE).isSound()).isTrue();
    String ours = changeWithUs(files, content, origin, snapshot);
    ThinTools.expectClean(files.metadata());

    try (var kernel = KernelPool.activate(files.metadata(), files.data(), BLOCK)) {
      assertThat(kernel.statusLine()).startsWith("1 ").contains(" - rw ");
      kernel.open(1, SIZE);
      assertThat(kernel.sha256(1)).isEqualTo(snapshot);
      kernel.open(2, SIZE);
      assertThat(kernel.sha256(2)).isEqualTo(ours);
      kernel
          .guest()
          .shell(
              """
              mount /dev/mapper/v2 /mnt
              diff -r -x lost+found /mnt %s
              rm -r /mnt/*
              cp -r %s/. /mnt
              umount /mnt
              """
                  .formatted(content, more))
          .expectSuccess();
      kernel.message("delete 0");
      ours = kernel.sha256(2);
      kernel.close(2);
      kernel.close(1);
    }

    ThinTools.expectClean(files.metadata());
    try (var open = OpenPool.on(files.metadata(), files.data());
        var first = open.device(1, SIZE);
        var second = open.device(2, SIZE)) {
      assertThat(open.pool().exists(new ThinId(0))).isFalse();
      assertThat(Contents.sha256(first)).isEqualTo(snapshot);
      assertThat(Contents.sha256(second)).isEqualTo(ours);
      FileSystemImage.expectFiles(
          Contents.save(second, directory.resolve("more.ext4")), more, directory.resolve("found"));
    }
  }

  /// Reads what the kernel wrote, overwrites its origin and takes snapshot 2 of its snapshot 1, in
  /// which the files are all there; returns the digest of that.
  private static String changeWithUs(PoolFiles files, Path content, String origin, String snapshot)
      throws IOException {
    try (var volumes = Volumes.open(files, null)) {
      assertThat(volumes.list().stream().map(Volume::name))
          .containsExactlyInAnyOrder("thin-0", "thin-1");
    }
    try (var open = OpenPool.on(files.metadata(), files.data());
        var first = open.device(0, SIZE);
        var second = open.device(1, SIZE)) {
      assertThat(open.pool().status().transactionId()).isEqualTo(1);
      assertThat(Contents.sha256(first)).isEqualTo(origin);
      assertThat(Contents.sha256(second)).isEqualTo(snapshot);
      FileSystemImage.expectFiles(
          Contents.save(second, content.resolveSibling("kernel.ext4")),
          content,
          content.resolveSibling("kernel-files"));
      open.pool().createSnapshot(new ThinId(2), new ThinId(1));
      first.write(0, MemorySegment.ofArray(Contents.random(new Random(4), (int) (20 * MIB))));
      first.discard(100 * MIB, 100 * MIB);
      assertThat(Contents.sha256(second)).isEqualTo(snapshot);
      try (var third = open.device(2, SIZE)) {
        // Where ext4 keeps nothing: before its superblock.
        third.write(0, MemorySegment.ofArray(Contents.random(new Random(5), 1024)));
        return Contents.sha256(third);
      }
    }
  }

  @Test
  void aPoolWhoseKernelLostPowerHasWhatItSynced() throws IOException {
    var files = emptyFiles();
    var payload =
        Files.write(directory.resolve("payload"), Contents.random(new Random(6), 1 << 20));
    var kernel = KernelPool.activate(files.metadata(), files.data(), BLOCK);
    kernel.message("create_thin 0");
    kernel.open(0, SIZE);
    kernel.write(0, 3 * MIB, payload);
    kernel.snapshot(1, 0);
    kernel
        .guest()
        .shell("dd if=/dev/zero of=/dev/mapper/v0 bs=64k count=100 status=none")
        .expectSuccess();
    kernel.guest().cutPower();

    ThinTools.expectClean(files.metadata());
    try (var open = OpenPool.on(files.metadata(), files.data());
        var snapshot = open.device(1, SIZE)) {
      assertThat(Contents.read(snapshot, 3 * MIB, 1 << 20)).isEqualTo(Files.readAllBytes(payload));
      open.pool().delete(new ThinId(0));
    }
    ThinTools.expectClean(files.metadata());
  }

  @Test
  void itsHeldMetadataSnapshotIsReleasedByUs() throws IOException {
    var files = emptyFiles();
    try (var kernel = KernelPool.activate(files.metadata(), files.data(), BLOCK)) {
      kernel.message("create_thin 0");
      kernel.open(0, SIZE);
      kernel
          .guest()
          .shell("dd if=/dev/zero of=/dev/mapper/v0 bs=64k count=200 status=none")
          .expectSuccess();
      kernel.message("reserve_metadata_snap");
      kernel.close(0);
      kernel.message("delete 0");
    }
    ThinTools.expectClean(files.metadata());
    try (var open = OpenPool.on(files.metadata(), files.data())) {
      assertThat(open.pool().status().dataUsedBlocks()).isEqualTo(200);
      open.pool().message("release_metadata_snap");
      open.pool().commit();
      assertThat(open.pool().status().dataUsedBlocks()).isZero();
    }
    ThinTools.expectClean(files.metadata());
  }

  @Test
  void aPoolItOnlyFormattedIsOursToUse() throws IOException {
    var files = emptyFiles();
    KernelPool.activate(files.metadata(), files.data(), BLOCK).close();
    try (var volumes = Volumes.open(files, null)) {
      volumes.createVolume("first", SIZE, Set.of(), null, null);
      try (var device = volumes.open("first")) {
        device.write(0, MemorySegment.ofArray(new byte[100]));
      }
    }
    ThinTools.expectClean(files.metadata());
    try (var guest = KernelRig.boot(List.of(files.metadata()))) {
      assertThat(guest.run("thin_check", guest.disk(0)).exit()).isZero();
    }
  }

  private PoolFiles emptyFiles() throws IOException {
    var files = PoolFiles.in(directory);
    FileDevice.create(files.metadata(), 8 * MIB).close();
    FileDevice.create(files.data(), 512 * MIB).close();
    return files;
  }
}
