package io.lumeo.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `lumeo up`, as a user starts it, with its defaults.
final class LumeoServer implements Contestant {
  private final Path command;
  private final Path folder;
  private final Program program;
  private @Nullable String mapped;
  private @Nullable String spent;
  private int made;

  private LumeoServer(Path command, Path folder, Program program) {
    this.command = command;
    this.folder = folder;
    this.program = program;
  }

  /// Serves the pool in `folder`, making one if there is none.
  static LumeoServer start(Path command, Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    var program =
        Program.start(
            folder.resolve("server.json"),
            folder.resolveSibling(folder.getFileName() + ".log"),
            List.of(command.toString(), "up", folder.toString(), "--nbd", "0", "--rest", "0"));
    return new LumeoServer(command, folder, program);
  }

  @Override
  public String name() {
    return "lumeo";
  }

  @Override
  public String serve(Workload.Ground ground, long sizeBytes)
      throws IOException, InterruptedException {
    if (ground == Workload.Ground.MAPPED && mapped != null) {
      return uri(mapped);
    }
    retire();
    var volume = "volume-" + made++;
    lumeo("volume", "create", volume, Long.toString(sizeBytes));
    if (ground != Workload.Ground.EMPTY) {
      Fill.all(uri(volume), sizeBytes);
    }
    switch (ground) {
      case MAPPED -> mapped = volume;
      case EMPTY -> spent = volume;
      case SNAPSHOTTED -> {
        spent = volume;
        lumeo("snapshot", "create", volume, before(volume));
      }
    }
    return uri(volume);
  }

  /// Gives back the space of the volume that was written in the last round.
  private void retire() throws IOException, InterruptedException {
    if (spent == null) {
      return;
    }
    var snapshots = lumeo("snapshot", "list", spent, "--output=json");
    if (snapshots.contains(before(spent))) {
      lumeo("snapshot", "delete", before(spent), "--yes");
    }
    lumeo("volume", "delete", spent, "--yes");
    spent = null;
  }

  private static String before(String volume) {
    return volume + "-before";
  }

  private String lumeo(String... arguments) throws IOException, InterruptedException {
    var words = new String[arguments.length + 2];
    words[0] = command.toString();
    System.arraycopy(arguments, 0, words, 1, arguments.length);
    words[words.length - 1] = "--dir=" + folder;
    return Program.run(words);
  }

  String uri(String volume) {
    return "nbd+unix:///%s?socket=%s".formatted(volume, folder.resolve("nbd.sock"));
  }

  long pid() {
    return program.pid();
  }

  @Override
  public void close() throws IOException {
    program.close();
  }
}
