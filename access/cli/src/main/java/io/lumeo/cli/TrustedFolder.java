package io.lumeo.cli;

import io.lumeo.block.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A folder that nobody but the caller and root can have written to, in a directory that may be
/// somebody else's.
///
/// It is held open from the first look on, and its files are reached through it: who may rename it
/// can put another in its place at any time, but not in this one's.
final class TrustedFolder implements Closeable {
  private static final Set<PosixFilePermission> OTHERS_WRITE =
      PosixFilePermissions.fromString("----w--w-");

  /// A directory of the process, which belongs to whoever runs it.
  private static final Path SELF = Path.of("/proc/self/fd");

  private static final String ROOT_ID = "0";

  private final Path path;
  private final SecureDirectoryStream<Path> folder;

  private TrustedFolder(Path path, SecureDirectoryStream<Path> folder) {
    this.path = path;
    this.folder = folder;
  }

  /// Opens the folder.
  ///
  /// @throws NoSuchFileException if there is none
  /// @throws StorageException.Unsupported if another could have written to it
  @SuppressWarnings("StreamResourceLeak") // the folder keeps it open
  static TrustedFolder open(Path path) throws IOException {
    var name = path.getFileName();
    var directory = Objects.requireNonNull(path.getParent());
    // The JDK reaches files through an open directory wherever the system can, as Linux does.
    try (var parent = (SecureDirectoryStream<Path>) Files.newDirectoryStream(directory)) {
      if (attributes(parent, name).isSymbolicLink()) {
        throw distrusted(path, "is a link");
      }
      var opened = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
      try {
        var view = opened.getFileAttributeView(PosixFileAttributeView.class);
        requireTrusted(path, view.readAttributes());
        return new TrustedFolder(path, opened);
      } catch (IOException | RuntimeException e) {
        opened.close();
        throw e;
      }
    }
  }

  /// Opens the folder, and makes it if there is none.
  static TrustedFolder make(Path path) throws IOException {
    try {
      Files.createDirectory(path, permissions("rwxr-xr-x"));
    } catch (FileAlreadyExistsException _) {
      return open(path); // which looks whose it is
    }
    return open(path);
  }

  private static FileAttribute<?> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  /// What a file holds.
  ///
  /// @throws NoSuchFileException if there is none
  /// @throws StorageException.Unsupported if another could have written it
  byte[] read(String name) throws IOException {
    var file = Path.of(name);
    requireTrusted(path.resolve(file), attributes(folder, file));
    var options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    try (var channel = folder.newByteChannel(file, options)) {
      return Channels.newInputStream(channel).readAllBytes();
    }
  }

  /// Writes a file whole or not at all.
  void write(String name, byte[] content) throws IOException {
    var scratch = name + ".new";
    delete(scratch);
    var options =
        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);
    try (var channel = folder.newByteChannel(Path.of(scratch), options, permissions("rw-r--r--"))) {
      for (var bytes = ByteBuffer.wrap(content); bytes.hasRemaining(); ) {
        channel.write(bytes);
      }
    }
    folder.move(Path.of(scratch), folder, Path.of(name));
  }

  /// Deletes a file, if there is one.
  void delete(String name) throws IOException {
    try {
      folder.deleteFile(Path.of(name));
    } catch (NoSuchFileException _) {
      return; // as wanted
    }
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }

  private static PosixFileAttributes attributes(SecureDirectoryStream<Path> in, Path name)
      throws IOException {
    return in.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }

  private static void requireTrusted(Path path, PosixFileAttributes attributes) throws IOException {
    var reason =
        distrust(
            attributes.owner(),
            new HashSet<>(List.of(Files.getOwner(SELF), user(ROOT_ID))),
            attributes.isSymbolicLink(),
            attributes.permissions().stream().anyMatch(OTHERS_WRITE::contains));
    if (reason != null) {
      throw distrusted(path, reason);
    }
  }

  /// The user of a name or number.
  static UserPrincipal user(String nameOrId) throws IOException {
    return SELF.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(nameOrId);
  }

  private static StorageException distrusted(Path path, String reason) {
    return new StorageException.Unsupported(
        "%s %s, so what it says of mounts is not believed; unmount by hand what is mounted, and remove it"
            .formatted(path, reason));
  }

  /// Why a file of `owner` is not believed, or null if it is.
  static @Nullable String distrust(
      UserPrincipal owner, Set<UserPrincipal> trusted, boolean link, boolean othersWrite) {
    if (link) {
      return "is a link";
    }
    if (!trusted.contains(owner)) {
      return "belongs to user %s".formatted(owner.getName());
    }
    return othersWrite ? "can be written by others" : null;
  }
}
