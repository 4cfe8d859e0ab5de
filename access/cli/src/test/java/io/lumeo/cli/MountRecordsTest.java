package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.rest.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountRecordsTest {
  @TempDir Path directory;

  private MountRecords records;

  @BeforeEach
  void open() throws IOException {
    records = MountRecords.of(directory);
  }

  private Mount write(String volume) throws IOException {
    var mount = Mount.planned(volume, "/mnt", false, records.bootId()).withDevice("/dev/nbd0");
    return records.write(mount.withConnection(new NbdDevices.Connection(5, 6L)));
  }

  private static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private void assertNotBelieved(String volume, Path path, String reason) {
    assertThatThrownBy(() -> records.read(volume))
        .isInstanceOf(StorageException.Unsupported.class)
        .hasMessageStartingWith(
            path + " " + reason + ", so what it says of mounts is not believed");
  }

  @Test
  void whatIsWrittenIsReadUntilItIsRemoved() throws Exception {
    assertThat(records.read("v")).isEmpty();
    var mount = write("v");
    assertThat(records.read("v")).hasValue(mount);
    assertThat(mount.connection()).isEqualTo(new NbdDevices.Connection(5, 6L));

    write("w");
    records.remove("v");
    assertThat(records.read("v")).isEmpty();
    assertThat(records.read("w")).isPresent();
    records.remove("w");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void whatAnotherCouldHaveWrittenIsNotBelieved() throws Exception {
    write("v");
    var folder = directory.resolve("mounts");
    var file = folder.resolve("v.json");

    permit(file, "rw-rw-r--");
    assertNotBelieved("v", file, "can be written by others");
    permit(file, "rw-r--r--");
    permit(folder, "rwxrwxrwx");
    assertNotBelieved("v", folder, "can be written by others");
    assertThatThrownBy(() -> write("w")).isInstanceOf(StorageException.Unsupported.class);
    permit(folder, "rwxr-xr-x");
    assertThat(records.read("v")).isPresent();

    Files.move(file, folder.resolve("elsewhere"));
    Files.createSymbolicLink(file, folder.resolve("elsewhere"));
    assertNotBelieved("v", file, "is a link");
  }

  @Test
  void onlyTheCallersOwnFilesAndRootsAreBelieved() {
    assertThat(MountRecords.distrust(1000, 1000, false, false)).isNull();
    assertThat(MountRecords.distrust(0, 1000, false, false)).isNull();
    assertThat(MountRecords.distrust(1000, 0, false, false)).isEqualTo("belongs to user 1000");
    assertThat(MountRecords.distrust(1001, 1000, false, false)).isEqualTo("belongs to user 1001");
    assertThat(MountRecords.distrust(1000, 1000, false, true))
        .isEqualTo("can be written by others");
    assertThat(MountRecords.distrust(1000, 1000, true, false)).isEqualTo("is a link");
  }

  @Test
  void aRestartTakesProcessesAndDevicesWithIt() throws Exception {
    var mount = write("v");
    var earlier = Mount.planned("v", "/mnt", false, "an earlier boot").withFuse("/fuse", 7L);
    Files.write(directory.resolve("mounts/v.json"), Json.write(earlier.withDevice("/dev/loop3")));

    var left = records.read("v").orElseThrow();

    assertThat(left).isNotEqualTo(mount);
    assertThat(left.device()).isNull();
    assertThat(left.fusePid()).isNull();
    assertThat(left.fuseDirectory()).isEqualTo("/fuse");
  }
}
