package io.lumeo.compatibility;

import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/// NBD exports as block devices of this machine, by nbdfuse and a loop device, and file systems
/// mounted from them. Closing undoes everything, last first. Needs root and `/dev/fuse`.
final class HostMounts implements AutoCloseable {
  private final Path folder;
  private final Deque<Runnable> undo = new ArrayDeque<>();

  HostMounts(Path folder) {
    this.folder = folder;
  }

  /// Makes the export a block device and answers its name, such as `/dev/loop3`.
  String attach(String uri) throws IOException {
    var point = Files.createTempDirectory(folder, "nbdfuse");
    var pidFile = Path.of(point + ".pid");
    var server =
        Tool.named("nbdfuse")
            .start("--pidfile", pidFile, point, uri)
            .await(() -> Files.exists(pidFile));
    undo.push(() -> {
      try (server) {
        Tool.named("fusermount3").run("-u", point).expectSuccess();
        server.awaitEnd();
      }
    });
    String device =
        Tool.named("losetup")
            .run("--find", "--show", point.resolve("nbd"))
            .expectSuccess()
            .stdout()
            .strip();
    undo.push(() -> Tool.named("losetup").run("--detach", device).expectSuccess());
    return device;
  }

  /// Mounts the file system on the device and answers where.
  Path mount(String device, String options) throws IOException {
    var point = Files.createTempDirectory(folder, "mount");
    Tool.named("mount").run("-o", options, device, point).expectSuccess();
    undo.push(() -> Tool.named("umount").run(point).expectSuccess());
    return point;
  }

  /// Undoes the latest that is not yet undone: unmounts, or detaches.
  void undoLast() {
    undo.pop().run();
  }

  @Override
  public void close() {
    while (!undo.isEmpty()) {
      undoLast();
    }
  }
}
