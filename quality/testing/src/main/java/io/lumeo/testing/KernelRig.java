package io.lumeo.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A real Linux kernel with device mapper, dm-thin and LVM, as an ordinary process: Debian's User
/// Mode Linux, booted in a few seconds, with files of the host as its disks.
///
/// ```
/// try (var guest = KernelRig.boot(List.of(metadata, data))) {
///   guest.run("dmsetup", "create", "pool", "--table", table).expectSuccess();
///   guest.shell("mkfs.ext4 -q /dev/mapper/v && mount /dev/mapper/v /mnt").expectSuccess();
/// }
/// ```
///
/// The guest's root is the host's file system, so it runs the host's own programs; `/run`, `/mnt`,
/// `/dev`, `/proc` and `/sys` are its own, the first two empty and in memory. It has root's rights,
/// no network and no udev.
///
/// **How a command gets in.** A small shell loop, the first process of the guest, reads the names
/// of request folders from its console; the command, its output and its status are files in there.
/// Kernel messages go to another console.
public final class KernelRig implements AutoCloseable {
  private static final Duration BOOT_DEADLINE = Duration.ofMinutes(1);
  private static final Duration COMMAND_DEADLINE = Duration.ofMinutes(3);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);
  private static final String GONE = "the console was closed";
  private static final Path MODULES = Path.of("/usr/lib/uml/modules");

  /// In the order in which they need one another.
  private static final List<String> WANTED_MODULES =
      List.of(
          "md/dm-mod",
          "md/dm-bufio",
          "md/persistent-data/dm-persistent-data",
          "md/dm-bio-prison",
          "md/dm-thin-pool",
          "md/dm-snapshot",
          "block/nbd");

  private final Path folder;
  private final Process kernel;
  private final Writer toGuest;
  private final BlockingQueue<String> fromGuest = new LinkedBlockingQueue<>();
  private int requestCount;

  private KernelRig(Path folder, Process kernel) {
    this.folder = folder;
    this.kernel = kernel;
    this.toGuest = kernel.outputWriter(UTF_8);
    Thread.ofVirtual().start(this::listen);
  }

  /// Boots a kernel with `disks` as its [#disk]s; the files must exist, and nobody else may write
  /// to them until it is closed.
  public static KernelRig boot(List<Path> disks) {
    try {
      var folder = Files.createTempDirectory("lumeo-kernel-").toRealPath();
      writeInit(folder.resolve("init"));
      var kernel =
          new ProcessBuilder(commandLine(folder, disks))
              .redirectError(folder.resolve("kernel.log").toFile())
              .start();
      var rig = new KernelRig(folder, kernel);
      rig.await("ready", BOOT_DEADLINE, "the kernel did not boot");
      return rig;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void writeInit(Path init) throws IOException {
    var modules = newestModules();
    var loads =
        WANTED_MODULES.stream()
            .map(name -> modules.resolve("kernel/drivers").resolve(name + ".ko"))
            .map(module -> "busybox insmod " + quoted(module.toString()))
            .collect(Collectors.joining("\n"));
    Files.writeString(init, initScript(loads));
    Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwx------"));
  }

  /// The shell is not busybox's: that one starts its applets through `/proc/self/exe`, which in the
  /// host's `/proc`, all there is at first, is the kernel itself.
  private static String initScript(String loads) {
    return """
    #!/bin/sh
    export PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
    export HOME=/run LC_ALL=C.UTF-8
    export DM_DISABLE_UDEV=1 LVM_SYSTEM_DIR=/run/lvm-system
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    mount -t devtmpfs dev /dev
    mount -t tmpfs run /run
    mount -t tmpfs mnt /mnt
    mkdir -p /dev/pts /run/lock /run/lvm /run/lvm-system
    mount -t devpts devpts /dev/pts
    cat >/run/lvm-system/lvm.conf <<'CONF'
    activation { udev_sync=0 udev_rules=0 verify_udev_operations=0 }
    devices { use_devicesfile=0 scan="/dev" filter=["a|/dev/ubd|", "r|.*|"] }
    backup { backup=0 archive=0 }
    CONF
    exec </dev/tty0 >/dev/tty0
    stty raw -echo
    %s
    echo ready
    while read -r request; do
      cd /run
      (. "$request/command") >"$request/stdout" 2>"$request/stderr" </dev/null
      echo $? >"$request/status"
      echo "done $request"
    done
    """
        .formatted(loads);
  }

  private static Path newestModules() throws IOException {
    Tool.find("linux.uml");
    try (var versions = Files.list(MODULES)) {
      return versions
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new AssertionError("no modules in " + MODULES));
    }
  }

  private static List<String> commandLine(Path folder, List<Path> disks) throws IOException {
    Tool.find("busybox");
    var line =
        new ArrayList<>(
            List.of(
                Tool.find("linux.uml").toString(),
                "quiet",
                "mem=768M",
                "root=/dev/root",
                "rootfstype=hostfs",
                "rootflags=/",
                "rw",
                "init=" + folder.resolve("init"),
                "uml_dir=" + folder + "/",
                "con=null",
                "con0=fd:0,fd:1",
                "ssl=null",
                "ssl0=null,fd:2",
                "console=ttyS0"));
    for (int i = 0; i < disks.size(); i++) {
      line.add("ubd" + letter(i) + "=" + disks.get(i).toRealPath());
    }
    return line;
  }

  private static char letter(int disk) {
    return (char) ('a' + disk);
  }

  /// What the guest calls the disk of that index in the list given to [#boot].
  public String disk(int index) {
    return "/dev/ubd" + letter(index);
  }

  private void listen() {
    try (var lines = kernel.inputReader(UTF_8)) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        fromGuest.add(line);
      }
    } catch (IOException gone) {
      // The kernel's end closes the stream; whoever waits for a line is told below.
    }
    fromGuest.add(GONE);
  }

  /// Waits for the line, past those that the kernel itself puts on the console.
  private void await(String line, Duration deadline, String otherwise) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      while (true) {
        String found = fromGuest.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (line.equals(found)) {
          return;
        }
        if (found == null || found.equals(GONE)) {
          String log = kernelLog();
          cutPower();
          throw new AssertionError(
              "%s %s; its kernel said:%n%s"
                  .formatted(otherwise, found == null ? "in " + deadline : "and is gone", log));
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      cutPower();
      throw new AssertionError(otherwise, interrupted);
    }
  }

  /// Runs a program of the host in the guest, given as its arguments.
  public Tool.Result run(Object... command) {
    var words = Stream.of(command).map(Object::toString).toList();
    return execute(words, words.stream().map(KernelRig::quoted).collect(Collectors.joining(" ")));
  }

  /// Runs a shell script in the guest; it stops at the first command that fails.
  public Tool.Result shell(String script) {
    return execute(List.of("sh", "-ec", script), "sh -ec " + quoted(script));
  }

  private synchronized Tool.Result execute(List<String> command, String script) {
    try {
      var request = Files.createDirectory(folder.resolve("request-" + ++requestCount));
      Files.writeString(request.resolve("command"), script + "\n");
      toGuest.write(request + "\n");
      toGuest.flush();
      await("done " + request, COMMAND_DEADLINE, command + " did not end");
      return new Tool.Result(
          command,
          Integer.parseInt(Files.readString(request.resolve("status")).strip()),
          Files.readString(request.resolve("stdout")),
          Files.readString(request.resolve("stderr")));
    } catch (IOException failure) {
      throw new AssertionError("%s could not be run:%n%s".formatted(command, kernelLog()), failure);
    }
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /// What the guest's kernel has reported so far.
  public String kernelLog() {
    try {
      return Files.readString(folder.resolve("kernel.log"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// Ends the kernel at once, without letting it write out what it holds; as a power cut does,
  /// except that what reached the disks' files stays there.
  public void cutPower() {
    kernel.descendants().forEach(ProcessHandle::destroyForcibly);
    kernel.toHandle().destroyForcibly();
    waitForEnd();
    removeFolder();
  }

  /// Writes everything out and powers the guest off. What is still mounted or mapped is not undone
  /// first.
  @Override
  public void close() {
    if (!kernel.isAlive()) {
      removeFolder();
      return;
    }
    try {
      var request = Files.createDirectory(folder.resolve("poweroff"));
      Files.writeString(request.resolve("command"), "sync\nbusybox poweroff -f\n");
      toGuest.write(request + "\n");
      toGuest.flush();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    waitForEnd();
    removeFolder();
  }

  private void waitForEnd() {
    try {
      if (!kernel.waitFor(STOP_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        kernel.descendants().forEach(ProcessHandle::destroyForcibly);
        kernel.toHandle().destroyForcibly();
        throw new AssertionError("the kernel did not power off in " + STOP_DEADLINE);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while the kernel powered off", interrupted);
    }
  }

  private void removeFolder() {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
