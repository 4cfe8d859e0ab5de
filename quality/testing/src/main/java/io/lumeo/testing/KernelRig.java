package io.lumeo.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lumeo.commands.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
/// Whoever manages a host does so through [#commands], as on any other.
///
/// **How a command gets in.** A small shell loop, the first process of the guest, reads the names
/// of request folders from its console; the command, its output and its status are files in there.
/// Commands run beside each other, each in a session of its own, so that one can be ended with all
/// that it started. Kernel messages go to another console.
public final class KernelRig implements AutoCloseable {
  private static final Duration BOOT_DEADLINE = Duration.ofMinutes(1);
  private static final Duration COMMAND_DEADLINE = Duration.ofMinutes(3);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);
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

  private static final List<String> RAID_MODULES =
      List.of(
          "crypto/async_tx/async_tx",
          "crypto/async_tx/async_memcpy",
          "crypto/async_tx/async_xor",
          "crypto/async_tx/async_pq",
          "crypto/async_tx/async_raid6_recov",
          "drivers/md/md-mod",
          "drivers/md/raid0",
          "drivers/md/raid1",
          "drivers/md/raid10",
          "drivers/md/raid456",
          "drivers/md/dm-raid",
          "drivers/md/dm-log",
          "drivers/md/dm-region-hash",
          "drivers/md/dm-mirror");

  private final Path folder;
  private final Process kernel;
  private final Writer toGuest;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final Map<Path, CompletableFuture<Void>> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger requestCount = new AtomicInteger();

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
      var builder =
          new ProcessBuilder(commandLine(folder, disks))
              .redirectError(folder.resolve("kernel.log").toFile());
      WideRegisters.library()
          .ifPresent(library -> builder.environment().put("LD_PRELOAD", library.toString()));
      var rig = new KernelRig(folder, builder.start());
      rig.awaitBoot();
      return rig;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void awaitBoot() {
    try {
      if (ready.await(BOOT_DEADLINE.toSeconds(), TimeUnit.SECONDS) && kernel.isAlive()) {
        return;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    throw broken("the kernel did not boot");
  }

  /// What to fail with when the guest does not answer. There is no guest afterwards.
  private AssertionError broken(String what) {
    var log = kernelLog();
    cutPower();
    return new AssertionError("%s; its kernel said:%n%s".formatted(what, log));
  }

  /// Loads what RAID and mirrored volumes need; it takes a while and most tests can do without.
  public void loadRaid() {
    var loads = loads(RAID_MODULES.stream().map(name -> "kernel/" + name));
    shell(loads).expectSuccess();
  }

  private static void writeInit(Path init) throws IOException {
    var loads = loads(WANTED_MODULES.stream().map(name -> "kernel/drivers/" + name));
    Files.writeString(init, initScript(loads));
    Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwx------"));
  }

  private static String loads(Stream<String> modules) {
    var folder = newestModules();
    return modules
        .map(name -> folder.resolve(name + ".ko"))
        .map(module -> "busybox insmod " + quoted(module.toString()))
        .collect(Collectors.joining("\n"));
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
    cd /run
    work() {
      setsid sh "$1/command" >"$1/stdout" 2>"$1/stderr" <"$1/stdin" &
      echo $! >"$1/pid"
      wait $!
      echo $? >"$1/status"
      echo "done $1"
    }
    while read -r verb request; do
      case $verb in
        run) work "$request" & ;;
        ask) kill -TERM "-$(cat "$request/pid")" ;;
        kill) kill -KILL "-$(cat "$request/pid")" ;;
      esac
    done
    """
        .formatted(loads);
  }

  private static Path newestModules() {
    Tool.find("linux.uml");
    try (var versions = Files.list(MODULES)) {
      return versions
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new AssertionError("no modules in " + MODULES));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
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
        hear(line);
      }
    } catch (IOException gone) {
      // The kernel's end closes the stream; whoever waits is told below.
    }
    ready.countDown();
    waiting.values().forEach(wait -> wait.completeExceptionally(new GuestGone()));
  }

  /// Lines of the loop; others on this console are the kernel's own.
  private void hear(String line) {
    if (line.equals("ready")) {
      ready.countDown();
    } else if (line.startsWith("done ")) {
      var wait = waiting.remove(Path.of(line.substring("done ".length())));
      if (wait != null) {
        wait.complete(null);
      }
    }
  }

  /// That the guest is no more: it was powered off, or its kernel has ended.
  static final class GuestGone extends Exception {
    private static final long serialVersionUID = 1;
  }

  /// The guest as a host that is managed, with the host's own LVM.
  public Commands commands() {
    return new GuestCommands(this, List.of());
  }

  /// The guest as a host that is managed, with the programs in `folder` before all others, such as
  /// those of [LvmTools].
  public Commands commands(Path folder) {
    return new GuestCommands(this, List.of(folder));
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

  private Tool.Result execute(List<String> command, String script) {
    try {
      var request = begin(script, null);
      request.await(COMMAND_DEADLINE);
      return new Tool.Result(
          command, request.status(), request.text("stdout"), request.text("stderr"));
    } catch (TimeoutException overdue) {
      throw broken(command + " did not end in " + COMMAND_DEADLINE);
    } catch (GuestGone gone) {
      throw broken(command + " did not end, and the guest is gone");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw broken(command + " was interrupted");
    }
  }

  /// Has the guest begin to run a script of its shell.
  ///
  /// @param input what it reads; null for nothing
  Request begin(String script, @Nullable ByteBuffer input) throws GuestGone {
    try {
      var folder = this.folder.resolve("request-" + requestCount.incrementAndGet());
      if (!kernel.isAlive()) {
        throw new GuestGone();
      }
      Files.createDirectory(folder);
      Files.writeString(folder.resolve("command"), script + "\n");
      if (input == null) {
        Files.createSymbolicLink(folder.resolve("stdin"), Path.of("/dev/null"));
      } else {
        var bytes = new byte[input.remaining()];
        input.duplicate().get(bytes);
        Files.write(folder.resolve("stdin"), bytes);
      }
      var request = new Request(folder, new CompletableFuture<>());
      waiting.put(folder, request.end());
      tell("run", folder);
      return request;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private synchronized void tell(String verb, Path request) throws GuestGone {
    try {
      toGuest.write(verb + " " + request + "\n");
      toGuest.flush();
    } catch (IOException closed) {
      var gone = new GuestGone();
      gone.initCause(closed);
      throw gone;
    }
  }

  /// A command in the guest.
  final class Request {
    private final Path folder;
    private final CompletableFuture<Void> end;

    private Request(Path folder, CompletableFuture<Void> end) {
      this.folder = folder;
      this.end = end;
    }

    private CompletableFuture<Void> end() {
      return end;
    }

    /// Waits for its end.
    void await(Duration deadline) throws TimeoutException, GuestGone, InterruptedException {
      try {
        end.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException gone) {
        throw (GuestGone) gone.getCause();
      }
    }

    /// Asks it and all that it started to end.
    void ask() throws GuestGone {
      tell("ask", folder);
    }

    /// Ends it and all that it started.
    void kill() throws GuestGone {
      tell("kill", folder);
    }

    int status() {
      return Integer.parseInt(text("status").strip());
    }

    String text(String file) {
      return new String(bytes(file), UTF_8);
    }

    byte[] bytes(String file) {
      try {
        return Files.readAllBytes(folder.resolve(file));
      } catch (IOException failure) {
        throw new AssertionError("no %s in %s:%n%s".formatted(file, folder, kernelLog()), failure);
      }
    }
  }

  static String quoted(String word) {
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
      begin("sync\nbusybox poweroff -f", null);
    } catch (GuestGone itIsOff) {
      // All the better.
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
