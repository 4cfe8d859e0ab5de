package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.pools.LocalVolumes;
import io.lumeo.pools.PoolAccess;
import io.lumeo.pools.PoolSystem;
import io.lumeo.pools.Serving;
import io.lumeo.pools.VolumeService;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/// The operations suite on a pool of Lumeo's own that is open in this process. What the suite calls
/// a file is a block of the volume here.
class OperationsOnOwnPoolTest extends OperationsSuite {
  private static final int BLOCK = 64 << 10;
  private static final long MIB = 1 << 20;

  @Override
  Place open(Path folder) throws Exception {
    var format = new Volumes.Format(BLOCK, 256 * MIB, 4 * MIB, PoolOptions.DEFAULT);
    var volumes = Volumes.create(PoolFiles.in(folder), format);
    for (var name : List.of("busy", "quiet", "foreign")) {
      volumes.createVolume(name, 64 * MIB, Set.of(), null, null);
    }
    return new InProcess(folder, volumes, Writer.start(volumes));
  }

  private record InProcess(Path folder, Volumes volumes, Writer writer) implements Place {
    @Override
    public StorageSystem system() {
      return system(() -> new LocalVolumes(volumes, Serving.NOBODY));
    }

    @Override
    public StorageSystem dyingHalfway() {
      return system(() -> WatchedVolumes.dyingHalfway(new LocalVolumes(volumes, Serving.NOBODY)));
    }

    private interface Connection {
      VolumeService open() throws IOException;
    }

    private StorageSystem system(Connection connection) {
      var access =
          new PoolAccess() {
            @Override
            public VolumeService connect() throws IOException {
              return WatchedVolumes.staysOpen(connection.open());
            }

            @Override
            public List<String> options() {
              return List.of("--dir", folder.toString());
            }
          };
      return new PoolSystem(
          "own", access, folder.resolve("state"), InstantSource.system(), new Random());
    }

    @Override
    public String pool() {
      return "pool";
    }

    @Override
    public void write(String name) throws IOException {
      try (var device = volumes.open("quiet")) {
        device.write(place(name), MemorySegment.ofArray(new byte[BLOCK]).fill((byte) 7));
        device.flush();
      }
    }

    /// Which block stands for the file of that name.
    private static long place(String name) {
      return Math.floorMod(name.hashCode(), 100) * (long) BLOCK;
    }

    @Override
    public boolean holds(String uuid, String name) throws IOException, StorageFailure {
      var volume = system().inventory().volume(uuid).orElseThrow();
      try (var device = volumes.open(volume.name())) {
        var one = MemorySegment.ofArray(new byte[1]);
        device.read(place(name), one);
        return one.get(ValueLayout.JAVA_BYTE, 0) == 7;
      }
    }

    @Override
    public void writeAndDelete(long bytes) throws IOException {
      try (var device = volumes.open("quiet")) {
        device.write(16 * MIB, MemorySegment.ofArray(new byte[(int) bytes]));
        device.flush();
      }
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
    public void close() throws IOException {
      volumes.close();
    }
  }

  /// Somebody who goes on writing to `busy`.
  private static final class Writer {
    private static final int BLOCKS = 48;

    private final Volumes volumes;
    private final Thread thread;
    private final byte[] written = new byte[BLOCKS];
    private final AtomicReference<Throwable> trouble = new AtomicReference<>();
    private volatile boolean stopped;

    private Writer(Volumes volumes) {
      this.volumes = volumes;
      this.thread = Thread.ofVirtual().unstarted(this::write);
    }

    static Writer start(Volumes volumes) {
      var writer = new Writer(volumes);
      writer.thread.start();
      return writer;
    }

    private void write() {
      try (var device = volumes.open("busy")) {
        for (int i = 0; !stopped; i++) {
          byte value = (byte) (1 + i % 100);
          device.write(
              (long) (i % BLOCKS) * BLOCK, MemorySegment.ofArray(new byte[BLOCK]).fill(value));
          device.flush();
          written[i % BLOCKS] = value;
        }
      } catch (IOException e) {
        trouble.set(e);
      }
    }

    void stop() throws Exception {
      stopped = true;
      thread.join();
      assertThat(trouble.get()).isNull();
      try (var device = volumes.open("busy")) {
        var block = MemorySegment.ofArray(new byte[BLOCK]);
        for (int i = 0; i < BLOCKS; i++) {
          device.read((long) i * BLOCK, block);
          assertThat(block.get(ValueLayout.JAVA_BYTE, BLOCK - 1)).isEqualTo(written[i]);
        }
      }
    }
  }
}
