package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MountTableTest {
  private static final MountTable TABLE =
      MountTable.parse(
          """
          22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
          30 22 7:0 / /mnt/with\\040space rw,relatime shared:5 master:2 - ext4 /dev/loop0 rw
          31 22 7:1 / /mnt/twice rw - ext4 /dev/loop1 rw
          32 22 7:2 / /mnt/twice rw - xfs /dev/loop2 rw
          a line of another kind
          """);

  @Test
  void theDeviceIsFoundByItsDirectory() {
    assertThat(TABLE.at("/").orElseThrow().source()).isEqualTo("/dev/sda1");
    assertThat(TABLE.at("/mnt/with space").orElseThrow().source()).isEqualTo("/dev/loop0");
    assertThat(TABLE.at("/mnt")).isEmpty();
  }

  @Test
  void theLastMountCoversThoseBefore() {
    assertThat(TABLE.at("/mnt/twice").orElseThrow().source()).isEqualTo("/dev/loop2");
  }

  @Test
  void theKernelsOwnTableIsRead() throws Exception {
    assertThat(MountTable.now().at("/")).isPresent();
  }
}
