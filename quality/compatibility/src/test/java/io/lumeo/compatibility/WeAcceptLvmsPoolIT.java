package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.FileDevice;
import io.lumeo.block.SliceDevice;
import io.lumeo.testing.KernelRig;
import io.lumeo.testing.ThinTools;
import io.lumeo.thin.ThinId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A pool that real LVM made, opened by us where it lies: its `_tmeta` and `_tdata` are windows of
/// the physical volume. LVM activates it again afterwards.
class WeAcceptLvmsPoolIT {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 200 * MIB;
  private static final long SECTOR_BYTES = 512;

  @TempDir Path directory;

  @Test
  void itsVolumesAreReadChangedAndGivenBack() throws IOException {
    var content = Files.createDirectory(directory.resolve("content"));
    FileSystemImage.fill(content, new Random(7), 60);
    var disk = directory.resolve("pv");
    FileDevice.create(disk, 800 * MIB).close();

    Window metadata;
    Window data;
    String volume;
    String snapshot;
    try (var guest = KernelRig.boot(List.of(disk))) {
      guest
          .shell(
              """
              pvcreate -q %1$s
              vgcreate -q vg %1$s
              lvcreate -q -T -L 512M -c 128k --poolmetadatasize 8M -V 200M -n data vg/pool
              mkfs.ext4 -q /dev/vg/data
              mount /dev/vg/data /mnt
              cp -r %2$s/. /mnt
              umount /mnt
              lvcreate -q -s -kn -n before vg/data
              mount /dev/vg/data /mnt
              rm -r /mnt/d1
              umount /mnt
              lvchange -ay vg/before
              """
                  .formatted(guest.disk(0), content))
          .expectSuccess();
      metadata = Window.of(guest, "vg-pool_tmeta");
      data = Window.of(guest, "vg-pool_tdata");
      volume = sha256(guest, "data");
      snapshot = sha256(guest, "before");
      guest.shell("vgchange -q -an vg").expectSuccess();
    }

    expectClean(disk, metadata);
    String ours;
    try (var whole = FileDevice.open(disk, FileDevice.Access.READ_WRITE);
        var open = OpenPool.on(metadata.in(whole), data.in(whole));
        var first = open.device(1, SIZE);
        var second = open.device(2, SIZE)) {
      assertThat(open.pool().devices()).hasSize(2);
      assertThat(open.pool().status().dataBlockBytes()).isEqualTo(128 << 10);
      assertThat(Contents.sha256(first)).isEqualTo(volume);
      assertThat(Contents.sha256(second)).isEqualTo(snapshot);
      FileSystemImage.expectFiles(
          Contents.save(second, directory.resolve("before.ext4")),
          content,
          directory.resolve("files"));

      // LVM does not know this one; it must not mind it.
      open.pool().createSnapshot(new ThinId(4711), new ThinId(2));
      first.discard(0, SIZE);
      Contents.load(directory.resolve("before.ext4"), first);
      second.write(0, MemorySegment.ofArray(Contents.random(new Random(8), 1024)));
      first.flush();
      ours = Contents.sha256(second);
    }
    expectClean(disk, metadata);

    try (var guest = KernelRig.boot(List.of(disk))) {
      guest.shell("vgchange -q -ay -K vg").expectSuccess();
      assertThat(sha256(guest, "data")).isEqualTo(snapshot);
      assertThat(sha256(guest, "before")).isEqualTo(ours);
      guest
          .shell(
              """
              mount -o ro /dev/vg/data /mnt
              diff -r -x lost+found /mnt %s
              umount /mnt
              lvcreate -q -s -kn -n again vg/data
              lvremove -q -y vg/before
              lvchange -ay vg/again
              """
                  .formatted(content))
          .expectSuccess();
      assertThat(sha256(guest, "again")).isEqualTo(snapshot);
      guest.shell("vgchange -q -an vg").expectSuccess();
    }

    expectClean(disk, metadata);
    try (var whole = FileDevice.open(disk, FileDevice.Access.READ_WRITE);
        var open = OpenPool.on(metadata.in(whole), data.in(whole));
        var again = open.device(3, SIZE);
        var unknown = open.device(4711, SIZE)) {
      assertThat(open.pool().devices().stream().map(details -> details.id().value()))
          .containsExactly(1, 3, 4711);
      assertThat(Contents.sha256(again)).isEqualTo(snapshot);
      assertThat(Contents.sha256(unknown)).isEqualTo(snapshot);
    }
  }

  private static String sha256(KernelRig guest, String volume) {
    return guest.run("sha256sum", "/dev/vg/" + volume).expectSuccess().stdout().split(" ", 2)[0];
  }

  private void expectClean(Path disk, Window metadata) throws IOException {
    var copy = Files.createTempDirectory(directory, "tmeta").resolve("copy");
    try (var whole = FileDevice.open(disk, FileDevice.Access.READ_ONLY)) {
      ThinTools.expectClean(Contents.save(metadata.in(whole), copy));
    }
  }

  /// Where on the physical volume a logical volume lies.
  private record Window(long startBytes, long sizeBytes) {
    /// `0 16384 linear 98:0 2048`: one line, as there is one segment.
    private static final Pattern LINEAR = Pattern.compile("0 (\\d+) linear \\d+:\\d+ (\\d+)");

    static Window of(KernelRig guest, String name) {
      String table = guest.run("dmsetup", "table", name).expectSuccess().stdout().strip();
      var matcher = LINEAR.matcher(table);
      assertThat(matcher.matches()).as(table).isTrue();
      return new Window(
          Long.parseLong(matcher.group(2)) * SECTOR_BYTES,
          Long.parseLong(matcher.group(1)) * SECTOR_BYTES);
    }

    BlockDevice in(BlockDevice whole) throws IOException {
      return new SliceDevice(whole, startBytes, sizeBytes);
    }
  }
}
