package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.StorageException;
import io.lumeo.rest.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
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
  void onlyTheCallersOwnFilesAndRootsAreBelieved() throws Exception {
    var caller = TrustedFolder.user("12321");
    var root = TrustedFolder.user("0");
    var stranger = TrustedFolder.user("12322");
    assertThat(distrust(caller, caller, false, false)).isNull();
    assertThat(distrust(root, caller, false, false)).isNull();
    assertThat(distrust(caller, root, false, false)).isEqualTo("belongs to user 12321");
    assertThat(distrust(stranger, caller, false, false)).isEqualTo("belongs to user 12322");
    assertThat(distrust(caller, caller, false, true)).isEqualTo("can be written by others");
    assertThat(distrust(caller, caller, true, false)).isEqualTo("is a link");
  }

  private static @Nullable String distrust(
      UserPrincipal owner, UserPrincipal caller, boolean link, boolean othersWrite)
      throws IOException {
    var trusted = new HashSet<>(List.of(caller, TrustedFolder.user("0")));
    return TrustedFolder.distrust(owner, trusted, link, othersWrite);
  }

  @Test
  void aLinkInThePlaceOfTheFolderIsNotFollowed(@TempDir Path elsewhere) throws Exception {
    var folder = directory.resolve("mounts");
    Files.createSymbolicLink(folder, elsewhere);

    assertNotBelieved("v", folder, "is a link");
    assertThatThrownBy(() -> write("v")).isInstanceOf(StorageException.Unsupported.class);
    assertThatThrownBy(() -> records.remove("v")).isInstanceOf(StorageException.Unsupported.class);
    assertThat(elsewhere).isEmptyDirectory();
  }

  /// Who owns the directory can put anything in the folder's place, at any moment.
  @Test
  void aFolderThatIsExchangedWhileItIsReadIsNotBelieved(@TempDir Path elsewhere) throws Exception {
    write("v");
    var folder = directory.resolve("mounts");
    var mine = records.read("v").orElseThrow();
    var forged = Mount.planned("v", "/forged", false, records.bootId());
    MountRecords.of(elsewhere).write(forged);
    var link = directory.resolve("link");
    Files.createSymbolicLink(link, elsewhere.resolve("mounts"));
    var done = new AtomicBoolean();
    var exchanger =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.get()) {
                move(folder, directory.resolve("away"));
                move(link, folder);
                move(folder, link);
                move(directory.resolve("away"), folder);
              }
            });
    try {
      for (int i = 0; i < 5_000; i++) {
        assertThat(readWhatIsBelieved()).isIn(Optional.empty(), Optional.of(mine));
      }
    } finally {
      done.set(true);
      exchanger.join();
    }
  }

  private Optional<Mount> readWhatIsBelieved() {
    try {
      return records.read("v");
    } catch (IOException _) {
      return Optional.empty(); // nothing is believed
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
