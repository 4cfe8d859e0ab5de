package io.lumeo.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel would tell, played by files. Real devices are in `FileDeviceOnRealDevicesIT`.
class DeviceUseTest {
  private static final DeviceNumber NUMBER = new DeviceNumber(8, 17);

  @TempDir Path root;

  private Path device;

  @BeforeEach
  void aDeviceThatNobodyHas() throws IOException {
    device = Files.createFile(root.toRealPath().resolve("sdb1"));
    write("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  }

  private void write(String file, String content) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), content);
  }

  private String use() throws IOException {
    return new DeviceUse(root).describe(device, NUMBER);
  }

  @Test
  void aMountIsNamedByItsPlace() throws IOException {
    write(
        "proc/self/mountinfo",
        """
        22 1 8:1 / / rw - ext4 /dev/sda1 rw
        30 22 8:17 / /mnt/my\\040disk rw - xfs /dev/sdb1 rw
        """);
    assertThat(use()).isEqualTo(device + " is in use: it is mounted at /mnt/my disk; unmount it");
  }

  @Test
  void aPlaceIsToldWithTheBackslashItHas() throws IOException {
    write("proc/self/mountinfo", "30 22 8:17 / /mnt/a\\134b$1 rw - xfs /dev/sdb1 rw\n");
    assertThat(use()).isEqualTo(device + " is in use: it is mounted at /mnt/a\\b$1; unmount it");
  }

  @Test
  void swapSpaceIsNamedWhateverNameItIsOpenedBy() throws IOException {
    write("proc/swaps", "Filename Type Size Used Priority\n" + device + " partition 1 0 -2\n");
    var name = Files.createSymbolicLink(root.resolve("vg-swap"), device);
    assertThat(new DeviceUse(root).describe(name, NUMBER))
        .isEqualTo("%s is in use: it is swap space; turn that off with 'swapoff %s'", name, name);
  }

  @Test
  void swapSpaceIsNamed() throws IOException {
    write("proc/swaps", "Filename Type Size Used Priority\n" + device + " partition 1 0 -2\n");
    assertThat(use())
        .isEqualTo(
            "%s is in use: it is swap space; turn that off with 'swapoff %s'", device, device);
  }

  @Test
  void devicesMadeOfItAreNamedAsTheirMakersDid() throws IOException {
    write("sys/dev/block/8:17/holders/dm-3/dm/name", "vg-pool_tmeta\n");
    assertThat(use())
        .isEqualTo(device + " is in use: it is part of vg-pool_tmeta (dm-3); deactivate that");
  }

  @Test
  void aProcessThatHasItOpenIsNamed() throws IOException {
    var self = ProcessHandle.current().pid();
    Files.createDirectories(root.resolve("proc/1"));
    Files.createDirectories(root.resolve("proc/" + self + "/fd"));
    Files.createSymbolicLink(root.resolve("proc/" + self + "/fd/7"), device);
    assertThat(use())
        .isEqualTo(
            "%s is in use by this process (%d), which has it open already; stop it or use another"
                + " device",
            device, self);
  }

  @Test
  void whatIsNotKnownIsNotGuessed() throws IOException {
    assertThat(use())
        .isEqualTo(
            device
                + " is in use: mounted, part of an active volume, or open elsewhere; unmount or"
                + " deactivate it");
  }

  @Test
  void onlyALoopDeviceOfAWholeFileStandsForIt() throws IOException {
    var devices = root.resolve("sys/dev/block");
    assertThat(LoopDevice.wholeFile(devices, NUMBER)).isEmpty();
    write("sys/dev/block/8:17/loop/backing_file", "/data/pool.meta\n");
    write("sys/dev/block/8:17/loop/sizelimit", "0\n");
    write("sys/dev/block/8:17/loop/offset", "1048576\n");
    assertThat(LoopDevice.wholeFile(devices, NUMBER)).isEmpty();
    write("sys/dev/block/8:17/loop/offset", "0\n");
    assertThat(LoopDevice.wholeFile(devices, NUMBER))
        .isEqualTo(Optional.of(Path.of("/data/pool.meta")));
    write("sys/dev/block/8:17/loop/backing_file", "/data/ends in space \n\n");
    assertThat(LoopDevice.wholeFile(devices, NUMBER))
        .isEqualTo(Optional.of(Path.of("/data/ends in space \n")));
  }

  @Test
  void aDeviceNumberIsTakenApartAsTheCLibraryDoes() {
    assertThat(DeviceNumber.of(0x801)).isEqualTo(new DeviceNumber(8, 1)).hasToString("8:1");
    assertThat(DeviceNumber.of(0x00012000abc345deL)).isEqualTo(new DeviceNumber(0x12345, 0xabcde));
  }
}
