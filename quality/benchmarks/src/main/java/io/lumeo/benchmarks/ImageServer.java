package io.lumeo.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A peer that serves one image file per process: qemu-nbd or nbdkit.
final class ImageServer implements Contestant {
  private final String name;
  private final Path folder;
  private final String format;
  private final boolean nbdkit;
  private @Nullable Program program;
  private boolean mapped;

  private ImageServer(String name, Path folder, String format, boolean nbdkit) throws IOException {
    this.name = name;
    this.folder = Files.createDirectories(folder);
    this.format = format;
    this.nbdkit = nbdkit;
  }

  static ImageServer qemuRaw(Path folder) throws IOException {
    return new ImageServer("qemu-nbd raw", folder.resolve("qemu-raw"), "raw", false);
  }

  static ImageServer qemuQcow2(Path folder) throws IOException {
    return new ImageServer("qemu-nbd qcow2", folder.resolve("qemu-qcow2"), "qcow2", false);
  }

  static ImageServer nbdkitFile(Path folder) throws IOException {
    return new ImageServer("nbdkit file", folder.resolve("nbdkit"), "raw", true);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String serve(Workload.Ground ground, long sizeBytes)
      throws IOException, InterruptedException {
    if (mapped && ground == Workload.Ground.MAPPED) {
      return uri();
    }
    close();
    create(sizeBytes);
    if (ground != Workload.Ground.EMPTY) {
      start();
      Fill.all(uri(), sizeBytes);
    }
    if (ground == Workload.Ground.SNAPSHOTTED) {
      close();
      Program.run("qemu-img", "snapshot", "-c", "before", image().toString());
    }
    if (program == null) {
      start();
    }
    mapped = ground == Workload.Ground.MAPPED;
    return uri();
  }

  private void create(long sizeBytes) throws IOException, InterruptedException {
    Files.deleteIfExists(image());
    Program.run(
        "qemu-img", "create", "-q", "-f", format, image().toString(), Long.toString(sizeBytes));
  }

  private void start() throws IOException, InterruptedException {
    Files.deleteIfExists(socket());
    var command =
        nbdkit
            ? List.of("nbdkit", "-f", "-U", socket().toString(), "file", image().toString())
            : List.of(
                "qemu-nbd",
                "-t",
                "-e",
                "8",
                "-f",
                format,
                "-k",
                socket().toString(),
                image().toString());
    program = Program.start(socket(), folder.resolve("log"), command);
  }

  private Path image() {
    return folder.resolve("image");
  }

  private Path socket() {
    return folder.resolve("socket");
  }

  private String uri() {
    return "nbd+unix:///?socket=" + socket();
  }

  @Override
  public void close() throws IOException {
    if (program != null) {
      program.close();
      program = null;
    }
    mapped = false;
  }
}
