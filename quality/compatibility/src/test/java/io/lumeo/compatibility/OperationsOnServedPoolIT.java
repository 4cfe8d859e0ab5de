package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.pools.PoolAccess;
import io.lumeo.pools.PoolSystem;
import io.lumeo.pools.VolumeService;
import io.lumeo.rest.DirectoryPool;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/// The operations suite on a pool that a real `lumeo up` serves, ext4 in its volumes and a writer
/// in one of them. Needs root and `/dev/fuse`.
class OperationsOnServedPoolIT extends OperationsSuite {

  @Override
  Place open(Path folder) throws Exception {
    var directory = folder.resolve("pool");
    Tool.of(LumeoUp.command())
        .run("pool", "create", "--data-size", "512M", "--dir", directory)
        .expectSuccess();
    var lumeo = LumeoUp.in(directory);
    for (var name : List.of("busy", "quiet", "foreign")) {
      lumeo.run("volume", "create", name, "128M").expectSuccess();
    }
    var points = Files.createDirectory(folder.resolve("points"));
    for (var point : List.of("busy", "quiet", "look")) {
      Files.createDirectory(points.resolve(point));
    }
    lumeo.mount("quiet", points.resolve("quiet"), "--fs", "ext4");
    lumeo.umount("quiet");
    lumeo.mount("busy", points.resolve("busy"), "--fs", "ext4");
    return new Served(folder, lumeo, points, Writer.start(points.resolve("busy")));
  }

  private record Served(Path folder, LumeoUp lumeo, Path points, Writer writer) implements Place {
    @Override
    public StorageSystem system() {
      return system(new DirectoryPool(folder.resolve("pool")));
    }

    @Override
    public StorageSystem dyingHalfway() {
      var served = new DirectoryPool(folder.resolve("pool"));
      return system(
          new PoolAccess() {
            @Override
            public VolumeService connect() throws IOException {
              return WatchedVolumes.dyingHalfway(served.connect());
            }

            @Override
            public List<String> options() {
              return served.options();
            }
          });
    }

    private StorageSystem system(PoolAccess access) {
      return new PoolSystem(
          "own", access, folder.resolve("state"), InstantSource.system(), new Random());
    }

    @Override
    public String pool() {
      return "pool";
    }

    @Override
    public void write(String name) throws IOException {
      lumeo.mount("quiet", points.resolve("quiet"));
      Files.writeString(points.resolve("quiet").resolve(name), name);
      lumeo.umount("quiet");
    }

    @Override
    public boolean holds(String uuid, String name) throws StorageFailure {
      var volume = system().inventory().volume(uuid).orElseThrow();
      lumeo.mount(volume.name(), points.resolve("look"));
      try {
        return Files.exists(points.resolve("look").resolve(name));
      } finally {
        lumeo.umount(volume.name());
      }
    }

    /// Zeroes, since only those are given back by the pool itself; the rest by fstrim.
    @Override
    public void writeAndDelete(long bytes) throws IOException {
      lumeo.mount("quiet", points.resolve("quiet"));
      var file = points.resolve("quiet/much");
      Files.write(file, new byte[(int) bytes]);
      Tool.named("sync").run("-f", file).expectSuccess();
      Files.delete(file);
      lumeo.umount("quiet");
    }

    @Override
    public void rest() {}

    @Override
    public boolean isLookedInto() {
      return false;
    }

    @Override
    public void expectWritten() throws Exception {
      writer.stop();
    }

    @Override
    public void close() {
      lumeo.close();
    }
  }

  /// Somebody who goes on writing files, each on the disk before the next.
  private static final class Writer {
    private static final int FILES = 12;

    private final Path folder;
    private final Thread thread;
    private final int[] written = new int[FILES];
    private final AtomicReference<Throwable> trouble = new AtomicReference<>();
    private volatile boolean stopped;

    private Writer(Path folder) {
      this.folder = folder;
      this.thread = Thread.ofPlatform().unstarted(this::write);
    }

    static Writer start(Path folder) {
      var writer = new Writer(folder);
      writer.thread.start();
      return writer;
    }

    private void write() {
      try {
        for (int i = 1; !stopped; i++) {
          write(folder.resolve("file" + i % FILES), i);
          written[i % FILES] = i;
        }
      } catch (IOException e) {
        trouble.set(e);
      }
    }

    private static void write(Path file, int seed) throws IOException {
      try (var channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(content(seed)));
        channel.force(true);
      }
    }

    private static byte[] content(int seed) {
      var content = new byte[1 << 20];
      new Random(seed).nextBytes(content);
      return content;
    }

    void stop() throws Exception {
      stopped = true;
      thread.join();
      assertThat(trouble.get()).isNull();
      for (int i = 0; i < FILES; i++) {
        if (written[i] > 0) {
          assertThat(Files.readAllBytes(folder.resolve("file" + i))).isEqualTo(content(written[i]));
        }
      }
    }
  }
}
