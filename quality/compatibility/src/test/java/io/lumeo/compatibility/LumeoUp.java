package io.lumeo.compatibility;

import io.lumeo.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A real `lumeo up` in a directory of its own, and the commands that people give beside it.
/// Closing unmounts what is still mounted and stops the server.
final class LumeoUp implements AutoCloseable {
  private final Path directory;
  private final Tool.Background server;
  private final List<String> mounted = new ArrayList<>();

  private LumeoUp(Path directory, Tool.Background server) {
    this.directory = directory;
    this.server = server;
  }

  /// Starts it and returns when it serves. NBD is on the Unix socket only.
  static LumeoUp in(Path directory) {
    var server = Tool.of(command()).start("up", directory, "--nbd", "unix", "--rest", "0");
    try {
      return new LumeoUp(
          directory, server.await(() -> Files.exists(directory.resolve("server.json"))));
    } catch (AssertionError e) {
      server.close();
      throw e;
    }
  }

  /// How `lumeo` is run, as words: on the classes of this test, with nothing to be built first.
  static List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx192m",
        "-cp",
        System.getProperty("java.class.path"),
        "io.lumeo.server.Main");
  }

  /// Runs a command, such as `volume create v 1G`, on the directory.
  Tool.Result run(Object... words) {
    var all = new ArrayList<Object>(List.of(words));
    all.addAll(List.of("--dir", directory));
    return Tool.of(command()).run(all.toArray());
  }

  /// Mounts a volume or snapshot, to be unmounted in the end.
  void mount(String name, Path mountPoint, Object... options) {
    var words = new ArrayList<Object>(List.of("volume", "mount", name, mountPoint));
    words.addAll(List.of(options));
    mounted.add(name);
    run(words.toArray()).expectSuccess();
  }

  void umount(String name) {
    run("volume", "umount", name).expectSuccess();
    mounted.remove(name);
  }

  /// Ends the server without a word.
  void kill() {
    server.kill();
  }

  @Override
  public void close() {
    try {
      for (var name : List.copyOf(mounted).reversed()) {
        umount(name);
      }
    } finally {
      server.close();
    }
  }
}
