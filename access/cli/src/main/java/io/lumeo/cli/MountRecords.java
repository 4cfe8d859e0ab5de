package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.rest.Json;
import io.lumeo.rest.Records;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where it is written down what is mounted: a file `<volume>.json` for each, in the folder
/// `mounts` of the pool's directory.
///
/// Whoever unmounts acts on what stands there, and mostly that is root in a directory of somebody
/// else. So nothing is believed that another could have written: folder and file must belong to the
/// caller or to root, be what they seem (no links), and be writable by nobody else.
final class MountRecords {
  private static final String RECORD = ".json";
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path folder;
  private final String bootId;

  private MountRecords(Path folder, String bootId) {
    this.folder = folder;
    this.bootId = bootId;
  }

  /// The records of what is mounted from the pool in `directory`.
  static MountRecords of(Path directory) throws IOException {
    var bootId = Files.readString(BOOT_ID).strip();
    return new MountRecords(directory.toAbsolutePath().resolve("mounts"), bootId);
  }

  String bootId() {
    return bootId;
  }

  /// A file beside the record of a volume.
  Path file(String volume, String suffix) {
    return folder.resolve(volume + suffix);
  }

  /// What was set up for the volume, if anything was.
  ///
  /// @throws StorageException.Unsupported if another user could have written it
  Optional<Mount> read(String volume) throws IOException {
    Volumes.checkName(volume);
    try (var records = TrustedFolder.open(folder)) {
      var mount = Records.fromTree(Json.read(records.read(volume + RECORD)), Mount.class);
      return Optional.of(mount.bootId().equals(bootId) ? mount : mount.afterRestart());
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  Mount write(Mount mount) throws IOException {
    try (var records = TrustedFolder.make(folder)) {
      records.write(mount.volume() + RECORD, Json.write(mount));
    }
    return mount;
  }

  /// Forgets the volume, and what an older Lumeo has put beside its record; with the last one the
  /// folder goes too.
  void remove(String volume) throws IOException {
    try (var records = TrustedFolder.open(folder)) {
      for (var suffix : List.of(".pid", ".log", RECORD)) {
        records.delete(volume + suffix);
      }
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException | NoSuchFileException _) {
      return; // others are mounted, or nothing was
    }
  }
}
