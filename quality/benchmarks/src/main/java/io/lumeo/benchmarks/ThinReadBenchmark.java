package io.lumeo.benchmarks;

import io.lumeo.block.BlockDevice;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// A 4 KiB random read of a mapped volume, in process, beside a bare positional read of the pool's
/// own data file. Both read the same bytes in the same pages of the page cache, into the same
/// buffer, by one thread in the same random order: what is compared is what the engine adds. A file
/// of its own would not do: how it was written decides how the kernel keeps its pages, which makes
/// more of a difference than the engine does.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ThinReadBenchmark {
  private static final long SIZE_BYTES = 1L << 30;
  private static final int READ_BYTES = 4096;
  private static final int FILL_BYTES = 1 << 20;

  private final SplittableRandom random = new SplittableRandom(1);
  private final MemorySegment segment = Arena.ofAuto().allocate(READ_BYTES, READ_BYTES);
  private final ByteBuffer buffer = segment.asByteBuffer();
  private @Nullable Path folder;
  private @Nullable Volumes volumes;
  private @Nullable BlockDevice device;
  private @Nullable FileChannel file;

  @Setup
  public void fill() throws IOException {
    folder = Files.createTempDirectory("lumeo-read");
    var files = PoolFiles.in(folder);
    volumes =
        Volumes.create(files, new Volumes.Format(64 << 10, 2 * SIZE_BYTES, 0, PoolOptions.DEFAULT));
    volumes.createVolume("volume", SIZE_BYTES, Set.of(), null, null);
    device = volumes.open("volume");
    file = FileChannel.open(files.data(), StandardOpenOption.READ);
    var bytes = Arena.ofAuto().allocate(FILL_BYTES).fill((byte) 7);
    for (long offset = 0; offset < SIZE_BYTES; offset += FILL_BYTES) {
      device.write(offset, bytes);
    }
    device.flush();
    requireVolumeAtStartOf(file);
  }

  /// A new pool gives the first volume its first blocks, so that offsets mean the same in both.
  private static void requireVolumeAtStartOf(FileChannel file) throws IOException {
    var last = ByteBuffer.allocate(1);
    file.read(last, SIZE_BYTES - 1);
    var beyond = ByteBuffer.allocate(1);
    file.read(beyond, SIZE_BYTES);
    if (last.get(0) != 7 || beyond.get(0) != 0) {
      throw new IllegalStateException("the volume is not what the data file begins with");
    }
  }

  @TearDown
  public void delete() throws IOException {
    if (device != null && volumes != null && file != null && folder != null) {
      device.close();
      volumes.close();
      file.close();
      Trees.delete(folder);
    }
  }

  @Benchmark
  public byte thinDevice() throws IOException {
    if (device != null) {
      device.read(randomOffset(), segment);
    }
    return segment.get(ValueLayout.JAVA_BYTE, 0);
  }

  @Benchmark
  public byte fileChannel() throws IOException {
    if (file != null) {
      file.read(buffer.clear(), randomOffset());
    }
    return buffer.get(0);
  }

  private long randomOffset() {
    return random.nextLong(SIZE_BYTES / READ_BYTES) * READ_BYTES;
  }
}
