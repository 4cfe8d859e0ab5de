package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.rest.Json;
import io.lumeo.rest.Records;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where it is written down what is mounted: a file `<volume>.json` for each, in the folder
/// `mounts` of the pool's directory.
///
/// Whoever unmounts acts on what stands there, and mostly that is root in a directory of somebody
/// else. So nothing is believed that another could have written: folder and file must belong to the
/// caller or to root, be what they seem (no links), and be writable by nobody else.
final class MountRecords {
  private static final Set<PosixFilePermission> OTHERS_WRITE =
      PosixFilePermissions.fromString("----w--w-");

  /// A directory of the process, which belongs to whoever runs it.
  private static final Path SELF = Path.of("/proc/self/fd");

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
    var file = file(volume, ".json");
    try {
      requireTrusted(folder);
      requireTrusted(file);
      var mount = Records.fromTree(Json.read(Files.readAllBytes(file)), Mount.class);
      return Optional.of(mount.bootId().equals(bootId) ? mount : mount.afterRestart());
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  Mount write(Mount mount) throws IOException {
    makeFolder();
    var scratch = file(mount.volume(), ".json.new");
    Files.deleteIfExists(scratch);
    Files.createFile(scratch, permissions("rw-r--r--"));
    Files.write(scratch, Json.write(mount));
    Files.move(scratch, file(mount.volume(), ".json"), StandardCopyOption.ATOMIC_MOVE);
    return mount;
  }

  private void makeFolder() throws IOException {
    try {
      Files.createDirectory(folder, permissions("rwxr-xr-x"));
    } catch (FileAlreadyExistsException _) {
      requireTrusted(folder);
    }
  }

  private static java.nio.file.attribute.FileAttribute<?> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  /// Forgets the volume; with the last one the folder goes too.
  void remove(String volume) throws IOException {
    for (var suffix : List.of(".pid", ".log", ".json")) {
      Files.deleteIfExists(file(volume, suffix));
    }
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException _) {
      return; // others are mounted
    }
  }

  private static void requireTrusted(Path path) throws IOException {
    var permissions = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
    var reason =
        distrust(
            owner(path),
            owner(SELF),
            Files.isSymbolicLink(path),
            permissions.stream().anyMatch(OTHERS_WRITE::contains));
    if (reason != null) {
      throw new StorageException.Unsupported(
          "%s %s, so what it says of mounts is not believed; unmount by hand what is mounted, and remove it"
              .formatted(path, reason));
    }
  }

  private static int owner(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  /// Why a file of `owner` is not believed by `caller`, or null if it is.
  static @Nullable String distrust(int owner, int caller, boolean link, boolean othersWrite) {
    if (link) {
      return "is a link";
    }
    if (owner != caller && owner != 0) {
      return "belongs to user %d".formatted(owner);
    }
    return othersWrite ? "can be written by others" : null;
  }
}
