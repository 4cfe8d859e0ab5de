package io.lumeo.cli;

import io.lumeo.block.StorageException;
import io.lumeo.rest.RunningServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Mounts the file systems of volumes that a server serves, and takes them down again.
///
/// The way from a volume to a directory: where the kernel has nbd devices, `nbd-client` connects
/// one to the server's socket; elsewhere `nbdfuse` shows the volume as a file, and `losetup` makes
/// a block device of it. Then `mount`.
final class Mounts {
  private static final int WAIT_SECONDS = 10;
  private static final long POLL_MILLIS = 20;
  private static final String MOUNT = "mount";
  private static final String UTIL_LINUX = "util-linux";
  private static final String NBD_CLIENT = "nbd-client";

  private final Path directory;
  private final MountRecords records;
  private final NbdDevices nbdDevices = new NbdDevices(Path.of("/"));
  private final Tools tools;

  /// The mounts of what the server of `directory` serves.
  Mounts(Path directory, Tools tools) throws IOException {
    this.directory = directory;
    this.records = MountRecords.of(directory);
    this.tools = tools;
  }

  /// What to mount, where, and what to make when it is new.
  ///
  /// @param written whether the volume holds anything, recognized or not
  record Request(
      String name,
      Path mountPoint,
      @Nullable FileSystemType fileSystem,
      boolean readOnly,
      boolean written) {}

  /// Mounts the volume, or leaves everything as it was.
  Mount mount(Request request) throws IOException {
    var server = check(request);
    clearLeftovers(request.name());
    var mount =
        Mount.planned(
            request.name(),
            request.mountPoint().toRealPath().toString(),
            request.readOnly(),
            records.bootId());
    try {
      mount = attach(server, mount);
      var type = fileSystem(request, device(mount));
      tools.require(MOUNT, mountCommand(mount, type));
      return mount;
    } catch (IOException e) {
      undoAfter(e, request.name());
      throw e;
    }
  }

  /// Sees whether there is a server and a place to mount at, and what is there already.
  RunningServer check(Request request) throws IOException {
    var server =
        RunningServer.find(directory)
            .orElseThrow(() ->
                new StorageException.Failed(
                    "no server runs for %s; start one with 'lumeo up %s'"
                        .formatted(directory, directory)));
    if (server.nbdSocket() == null) {
      throw new StorageException.Unsupported(
          "the server of %s has no Unix socket; start it with --nbd unix".formatted(directory));
    }
    if (!Files.isDirectory(request.mountPoint())) {
      throw new StorageException.NotFound(
          "there is no directory %s; make it with 'mkdir -p %s'"
              .formatted(request.mountPoint(), request.mountPoint()));
    }
    var mountedAt = mountPoint(request.name());
    if (mountedAt.isPresent()) {
      throw new StorageException.AlreadyExists(
          "'%s' is mounted at %s; unmount it first with 'lumeo volume umount %s'"
              .formatted(request.name(), mountedAt.get(), request.name()));
    }
    return server;
  }

  /// Where the volume is mounted by us now.
  Optional<String> mountPoint(String name) throws IOException {
    var found = records.read(name);
    return found.isPresent() && isMounted(found.get())
        ? found.map(Mount::mountPoint)
        : Optional.empty();
  }

  /// What a mount that died half-way left behind is in the way of the next.
  private void clearLeftovers(String name) throws IOException {
    var left = records.read(name);
    if (left.isPresent()) {
      undo(left.get());
    }
  }

  private void undoAfter(IOException failure, String name) {
    try {
      clearLeftovers(name);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /// Makes a block device of the volume.
  private Mount attach(RunningServer server, Mount mount) throws IOException {
    return nbdDevices.exist() ? attachNbd(server, mount) : attachLoop(server, mount);
  }

  private Mount attachNbd(RunningServer server, Mount mount) throws IOException {
    var device = nbdDevices.free();
    var attached = records.write(mount.withDevice(device));
    var command =
        new ArrayList<>(
            List.of(
                "nbd-client", "-unix", socket(server), "-N", mount.volume(), device, "-persist"));
    if (mount.readOnly()) {
      command.add("-R");
    }
    tools.require(NBD_CLIENT, command);
    return records.write(attached.withConnection(awaitConnection(device)));
  }

  /// nbd-client may be a moment ahead of the kernel.
  private NbdDevices.Connection awaitConnection(String device) throws IOException {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (true) {
      var connection = nbdDevices.connection(device);
      if (connection.isPresent()) {
        return connection.get();
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "%s is not connected after %d seconds".formatted(device, WAIT_SECONDS));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
    }
  }

  private Mount attachLoop(RunningServer server, Mount mount) throws IOException {
    var shown = showAsFile(server, mount);
    var command = new ArrayList<>(List.of("losetup", "--find", "--show"));
    if (mount.readOnly()) {
      command.add("--read-only");
    }
    command.add(disk(shown).toString());
    return records.write(shown.withDevice(tools.require(MOUNT, command)));
  }

  private Mount showAsFile(RunningServer server, Mount mount) throws IOException {
    var fuse = records.file(mount.volume(), ".fuse");
    var planned = records.write(mount.withFuse(fuse.toString(), null));
    Files.createDirectories(fuse);
    var arguments = new ArrayList<String>();
    if (mount.readOnly()) {
      arguments.add("-r");
    }
    arguments.add(disk(planned).toString());
    arguments.add(uri(server, mount.volume()));
    long running =
        FuseProgram.start(
            tools, arguments, pid -> records.write(mount.withFuse(fuse.toString(), pid)));
    return mount.withFuse(fuse.toString(), running);
  }

  private static String uri(RunningServer server, String volume) {
    return "nbd+unix:///%s?socket=%s".formatted(encode(volume), encode(socket(server)));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String socket(RunningServer server) {
    return java.util.Objects.requireNonNull(server.nbdSocket());
  }

  private static String device(Mount mount) {
    return java.util.Objects.requireNonNull(mount.device());
  }

  private static Path disk(Mount mount) {
    return Path.of(java.util.Objects.requireNonNull(mount.fuseDirectory()), "disk");
  }

  /// What is on the device; makes what was asked for when there is nothing.
  private String fileSystem(Request request, String device) throws IOException {
    var probe =
        tools.run(
            UTIL_LINUX,
            List.of("blkid", "-p", "-s", "TYPE", "-s", "PTTYPE", "-o", "value", device));
    var wanted = request.fileSystem();
    if (!probe.output().isEmpty()) {
      var found = probe.output().lines().findFirst().orElse("");
      if (wanted != null && !found.equals(wanted.word())) {
        throw new StorageException.AlreadyExists(
            "'%s' holds %s and is not formatted again; leave out --fs to mount it"
                .formatted(request.name(), found));
      }
      return found;
    }
    if (wanted == null) {
      throw new StorageException.InvalidArgument(
          "'%s' has no file system; make one with --fs ext4 or --fs xfs".formatted(request.name()));
    }
    if (request.written()) {
      throw new StorageException.AlreadyExists(
          "'%s' holds data that is no file system known here, and is not formatted; make a new volume, or trim this one when its data is not needed"
              .formatted(request.name()));
    }
    if (request.readOnly()) {
      throw new StorageException.ReadOnly(
          "'%s' has no file system and takes no writes; make one on a volume"
              .formatted(request.name()));
    }
    tools.require(wanted.debianPackage(), wanted.make(device));
    return wanted.word();
  }

  private static List<String> mountCommand(Mount mount, String type) {
    var options = new ArrayList<String>();
    if (mount.readOnly()) {
      options.add("ro");
      // A snapshot of a mounted file system has a journal to replay, which takes writing.
      switch (type) {
        case "ext3", "ext4" -> options.add("noload");
        case "xfs" -> options.add("norecovery");
        default -> {}
      }
    }
    if (type.equals("xfs")) {
      // A snapshot has its origin's UUID, and XFS mounts no UUID twice unless told to.
      options.add("nouuid");
    }
    var command = new ArrayList<>(List.of("mount", "-t", type));
    if (!options.isEmpty()) {
      command.addAll(List.of("-o", String.join(",", options)));
    }
    command.addAll(List.of(device(mount), mount.mountPoint()));
    return command;
  }

  /// Unmounts the volume and takes everything down that was set up for it.
  Mount umount(String name) throws IOException {
    var mount = find(name);
    undo(mount);
    return mount;
  }

  /// What was set up for the volume.
  Mount find(String name) throws IOException {
    return records
        .read(name)
        .orElseThrow(() ->
            new StorageException.NotFound(
                "'%s' is not mounted by 'lumeo volume mount'".formatted(name)));
  }

  /// Undoes the steps from the last to the first. A step that was never made, or is undone already,
  /// is passed over.
  private void undo(Mount mount) throws IOException {
    if (isMounted(mount)) {
      unmount(mount.mountPoint());
    }
    if (mount.device() != null) {
      detach(mount, mount.device());
    }
    if (mount.fuseDirectory() != null) {
      stopFuse(mount, mount.fuseDirectory());
    }
    records.remove(mount.volume());
  }

  private void unmount(String mountPoint) throws IOException {
    var outcome = tools.run(MOUNT, List.of("umount", mountPoint));
    if (outcome.exitCode() != 0) {
      throw new StorageException.Busy(
          "%s cannot be unmounted: %s; close what is open there"
              .formatted(mountPoint, outcome.output().lines().findFirst().orElse("")));
    }
  }

  private void detach(Mount mount, String device) throws IOException {
    if (mount.fuseDirectory() == null) {
      if (isOurs(mount, nbdDevices.connection(device))) {
        tools.require(NBD_CLIENT, List.of("nbd-client", "-d", device));
      }
    } else if (isOurLoop(mount, device)) {
      tools.require(MOUNT, List.of("losetup", "--detach", device));
    }
  }

  /// An nbd device whose server went away may have been connected by somebody else since.
  private static boolean isOurs(Mount mount, Optional<NbdDevices.Connection> now) {
    var ours = mount.connection();
    return ours != null && now.filter(ours::isStill).isPresent();
  }

  /// A loop device that was freed may belong to somebody else by now.
  private static boolean isOurLoop(Mount mount, String device) throws IOException {
    var backing =
        Path.of("/sys/block", Path.of(device).getFileName().toString(), "loop/backing_file");
    try {
      return Files.readString(backing).strip().equals(disk(mount).toString());
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  private void stopFuse(Mount mount, String fuseDirectory) throws IOException {
    if (isCovered(fuseDirectory)) {
      unmount(fuseDirectory);
    }
    if (mount.fusePid() != null) {
      awaitEnd(mount.fusePid());
    }
    Files.deleteIfExists(Path.of(fuseDirectory));
  }

  /// nbdfuse shows a single file by mounting over its directory.
  private static boolean isCovered(String directory) throws IOException {
    return MountTable.now().at(directory).isPresent();
  }

  /// nbdfuse ends when its directory is unmounted; until then it may still be sending.
  private static void awaitEnd(long pid) throws IOException {
    var process = ProcessHandle.of(pid).filter(Mounts::isFuse);
    if (process.isEmpty()) {
      return;
    }
    try {
      process.get().onExit().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new StorageException.Busy("nbdfuse (process " + pid + ") does not end; end it by hand");
    } catch (ExecutionException e) {
      throw new IOException("nbdfuse (process " + pid + ") cannot be watched", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /// Process numbers are used again.
  private static boolean isFuse(ProcessHandle process) {
    return process.info().command().orElse("").endsWith("nbdfuse");
  }

  /// Whether the device that was set up, and no other under its name, is mounted where it was.
  private boolean isMounted(Mount mount) throws IOException {
    var device = mount.device();
    return device != null
        && MountTable.now()
            .at(mount.mountPoint())
            .filter(entry -> entry.source().equals(device))
            .isPresent()
        && !belongsToOthers(mount, device);
  }

  /// A device that nobody has connected is nobody's: what is still mounted on it is ours.
  private boolean belongsToOthers(Mount mount, String device) throws IOException {
    if (mount.fuseDirectory() != null) {
      return !isOurLoop(mount, device);
    }
    var now = nbdDevices.connection(device);
    return now.isPresent() && !isOurs(mount, now);
  }
}
