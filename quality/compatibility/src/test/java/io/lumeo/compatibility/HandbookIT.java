package io.lumeo.compatibility;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.doctor.Doctor;
import io.lumeo.doctor.Trouble;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.Repository;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Each failure of the handbook is made on real LVM, the doctor names it, the page's commands are
/// run as they stand there and print what it says, and then it is mended.
@Order(7)
class HandbookIT {
  private static final Path PAGE = Repository.path(Path.of("docs/handbook.md"));

  @TempDir Path folder;

  /// Makes a failure, or looks whether it is mended.
  @FunctionalInterface
  private interface Act {
    void on(LvmGuest guest) throws IOException;
  }

  /// @param make in a group `vg` on the first disk, the second being free
  /// @param mended fails unless all is as it should be
  private record Failure(Act make, Act mended) {}

  private Map<String, Failure> failures() {
    var failures = new TreeMap<String, Failure>();
    failures.put(
        "A classic snapshot overflowed",
        new Failure(
            guest -> {
              guest.shell("lvcreate -q -y -L 64M -n data vg");
              guest.mountNew("ext4", "data");
              guest.shell(
                  """
                  lvcreate -q -s -L 8M -n snap vg/data
                  dd if=/dev/urandom of=/mnt/data/file bs=1M count=30 conv=fsync
                  sha256sum /mnt/data/file >/run/sum
                  """);
            },
            guest -> {
              guest.shell("sha256sum -c --quiet /run/sum");
              assertThat(guest.output("lvs --noheadings -o lv_attr vg/snap"))
                  .isEqualTo("swi-a-s---");
            }));
    failures.put(
        "A pool's data is full",
        new Failure(
            guest -> {
              thinVolume(guest, "-L 100M --errorwhenfull y -V 300M");
              guest.shell(
                  "dd if=/dev/urandom of=/mnt/data/much bs=1M count=150 conv=fsync || true");
            },
            HandbookIT::poolWrites));
    failures.put(
        "A pool's metadata is full",
        new Failure(
            guest -> {
              thinVolume(guest, "-L 100M --poolmetadatasize 2M -V 200M");
              guest.shell(
                  """
                  i=1000
                  while dmsetup message vg-pool-tpool 0 "create_thin $i" 2>/dev/null; do i=$((i + 1)); done
                  dd if=/dev/urandom of=/mnt/data/much bs=64k count=800 conv=fsync || true
                  """);
            },
            HandbookIT::poolWrites));
    failures.put("A pool needs a check", new Failure(this::markForCheck, HandbookIT::poolWrites));
    failures.put("A pool's metadata is damaged", new Failure(this::damage, HandbookIT::poolWrites));
    failures.put(
        "The group is out of space",
        new Failure(
            guest -> {
              guest.shell("lvcreate -q -y -L 40M -n data vg");
              guest.mountNew("ext4", "data");
              guest.shell("lvcreate -q -y -l 100%%FREE -n rest vg");
            },
            guest -> {
              assertThat(guest.mib("data")).isEqualTo(80);
              fileSystemHas(guest, 60);
            }));
    failures.put(
        "Wrong magic number",
        new Failure(
            guest -> {
              guest.shell("lvcreate -q -y -L 304M -n data vg");
              guest.mountNew("xfs", "data");
              guest.shell("lvextend -q -L +80M vg/data");
            },
            guest -> fileSystemHas(guest, 300)));
    failures.put(
        "The size is unchanged after an extend",
        new Failure(
            guest -> {
              guest.shell("lvcreate -q -y -L 40M -n data vg");
              guest.mountNew("ext4", "data");
              guest.shell("lvextend -q -L 80M vg/data");
            },
            guest -> fileSystemHas(guest, 60)));
    failures.put(
        "A group's metadata is lost",
        new Failure(
            guest -> {
              keepBackups(guest);
              guest.shell(
                  """
                  vgextend -q vg %1$s
                  lvcreate -q -y -L 64M -n data vg %1$s
                  """,
                  guest.rig.disk(1));
              somethingOnIt(guest);
              guest.shell(
                  "vgchange -q -an vg; dd if=/dev/zero of=%s bs=512 count=8 conv=fsync",
                  guest.rig.disk(1));
            },
            guest -> {
              guest.mount("data");
              guest.shell("grep -q here /mnt/data/file");
              assertThat(guest.output("vgs --noheadings -o vg_missing_pv_count vg")).isEqualTo("0");
            }));
    failures.put(
        "A volume was removed",
        new Failure(
            guest -> {
              keepBackups(guest);
              guest.shell("lvcreate -q -y -L 64M -n data vg");
              somethingOnIt(guest);
              guest.shell("lvremove -q -y vg/data");
            },
            guest -> guest.shell("grep -q here /mnt/data/file")));
    return failures;
  }

  @TestFactory
  Stream<DynamicTest> everyFailureIsSeenNamedAndMended() throws IOException {
    var handbook = Handbook.read(PAGE);
    return failures().entrySet().stream()
        .map(failure ->
            DynamicTest.dynamicTest(
                failure.getKey(),
                () ->
                    mend(
                        failure.getKey(),
                        handbook.sections().get(failure.getKey()),
                        failure.getValue())));
  }

  @Test
  void everySectionWithCommandsIsTried() throws IOException {
    var sections = Handbook.read(PAGE).sections();
    assertThat(failures().keySet())
        .containsExactlyInAnyOrderElementsOf(
            sections.keySet().stream().filter(name -> sections.get(name).isFailure()).toList());
  }

  private void mend(String name, Handbook.Section section, Failure failure)
      throws IOException, StorageFailure {
    var own = folder.resolve(Integer.toString(name.hashCode() & 0xfffffff));
    assertThat(own.toFile().mkdir()).isTrue();
    disk = own.resolve("disk0");
    try (var guest = LvmGuest.boot(own, 600, 300)) {
      failure.make().on(guest);
      checkDoctor(guest, section.trouble(), true);
      for (var step : section.steps()) {
        run(guest, step);
      }
      failure.mended().on(guest);
      checkDoctor(guest, section.trouble(), false);
    }
  }

  private static void checkDoctor(LvmGuest guest, String trouble, boolean isThere)
      throws StorageFailure {
    if (trouble.isEmpty()) {
      return;
    }
    var found =
        Doctor.examine(guest.system.checkup()).findings().stream()
            .map(finding -> finding.trouble())
            .map(Trouble::code)
            .toList();
    if (isThere) {
      assertThat(found).contains(trouble);
    } else {
      assertThat(found).doesNotContain(trouble);
    }
  }

  /// The page's names for what the guest has.
  private static String inGuest(LvmGuest guest, String text) {
    return text.replace("/dev/sdb", guest.rig.disk(1)).replace("/etc/lvm", "/run/lvm-system");
  }

  private static void run(LvmGuest guest, Document.Step step) {
    var result = guest.rig.shell(inGuest(guest, step.commands()));
    assertThat(result.exit())
        .as("docs/handbook.md:%d%n%s%n%s", step.line(), result.stdout(), result.stderr())
        .isZero();
    var printed = result.stdout().lines().map(Handbook::oneSpace).collect(joining("\n"));
    var expected =
        new Document.Step(
            step.line(),
            step.commands(),
            step.expected().stream().map(line -> inGuest(guest, line)).toList());
    assertThat(expected.prints(printed + "\n"))
        .as(
            "docs/handbook.md:%d prints%n%s%nand not%n%s",
            step.line(), printed, String.join("\n", expected.expected()))
        .isTrue();
  }

  // --- parts of failures

  private static void keepBackups(LvmGuest guest) {
    guest.shell("sed -i 's/backup=0 archive=0/backup=1 archive=1/' /run/lvm-system/lvm.conf");
  }

  private static void thinVolume(LvmGuest guest, String options) {
    guest.shell("lvcreate -q -T %s -n data vg/pool", options);
    guest.mountNew("ext4", "data");
    guest.shell("echo here >/mnt/data/file; sync");
  }

  private static void somethingOnIt(LvmGuest guest) {
    guest.mountNew("ext4", "data");
    guest.shell("echo here >/mnt/data/file; umount /mnt/data");
  }

  private static void poolWrites(LvmGuest guest) {
    guest.shell(
        """
        grep -q here /mnt/data/file
        rm -f /mnt/data/much
        dd if=/dev/urandom of=/mnt/data/more bs=1M count=10 conv=fsync
        dmsetup status vg-pool-tpool | grep -q ' rw '
        """);
  }

  private static void fileSystemHas(LvmGuest guest, long mib) {
    var size = guest.output("df -BM --output=size /mnt/data | tail -n 1").replace("M", "");
    assertThat(Long.parseLong(size)).isGreaterThan(mib);
  }

  // --- what only a fault of the metadata's device does

  private static final int SUPERBLOCK_BYTES = 4096;
  private static final int CHECKSUM_SALT = 160774;
  private static final int FLAGS = 4;
  private static final int NEEDS_CHECK = 1;

  /// Of the data space map, in the superblock: behind its root come two counts of blocks.
  private static final int BITMAP_ROOT = 64 + 16;

  private Path disk = Path.of("");

  /// Sets the mark that the kernel sets when it could not write metadata. A check at the start may
  /// clear it, so this start goes without.
  private void markForCheck(LvmGuest guest) throws IOException {
    try (var file = poolAtRest(guest)) {
      long at = metadataOffset(guest);
      byte[] bytes = read(file, at);
      var superblock = littleEndian(bytes);
      superblock.putInt(FLAGS, superblock.getInt(FLAGS) | NEEDS_CHECK);
      var checksum = new CRC32C();
      checksum.update(bytes, FLAGS, SUPERBLOCK_BYTES - FLAGS);
      superblock.putInt(0, ~(int) checksum.getValue() ^ CHECKSUM_SALT);
      file.seek(at);
      file.write(bytes);
    }
    guest.shell(
        """
        vgchange -q -ay --config 'global/thin_check_executable=""' vg
        mount /dev/vg/data /mnt/data
        """);
  }

  /// Overwrites a block that says which data blocks are in use; what maps them is whole.
  private void damage(LvmGuest guest) throws IOException {
    try (var file = poolAtRest(guest)) {
      long at = metadataOffset(guest);
      long bitmap = littleEndian(read(file, at)).getLong(BITMAP_ROOT);
      file.seek(at + bitmap * SUPERBLOCK_BYTES);
      file.write(new byte[SUPERBLOCK_BYTES]);
    }
  }

  /// The guest's disk, after a pool on it was made, used and stopped.
  private RandomAccessFile poolAtRest(LvmGuest guest) throws IOException {
    thinVolume(guest, "-L 100M --poolmetadatasize 4M -V 100M");
    guest.shell("umount /mnt/data; vgchange -q -an vg; sync");
    return new RandomAccessFile(disk.toFile(), "rw");
  }

  private static byte[] read(RandomAccessFile file, long at) throws IOException {
    var superblock = new byte[SUPERBLOCK_BYTES];
    file.seek(at);
    file.readFully(superblock);
    return superblock;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long metadataOffset(LvmGuest guest) {
    var extent =
        Pattern.compile("\\((\\d+)\\)")
            .matcher(guest.output("lvs --noheadings -a -o devices vg/pool_tmeta"));
    assertThat(extent.find()).isTrue();
    var begin =
        guest.output("pvs --noheadings --units b --nosuffix -o pe_start %s", guest.rig.disk(0));
    return Long.parseLong(begin) + Long.parseLong(extent.group(1)) * (4L << 20);
  }
}
