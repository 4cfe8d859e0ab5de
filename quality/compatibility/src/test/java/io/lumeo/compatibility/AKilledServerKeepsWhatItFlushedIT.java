package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.SliceDevice;
import io.lumeo.nbd.NbdClient;
import io.lumeo.testing.SeededTest;
import io.lumeo.testing.ThinTools;
import io.lumeo.testing.Tool;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Progress;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of a real `lumeo up` under load, again and again on the same pool.
///
/// Writers stamp every sector with its place and an ever higher version. After each kill a sector
/// must hold a version that is at least the one its writer's last good flush covered and at most
/// the last one that was sent, and the snapshots of earlier rounds must not have changed.
class AKilledServerKeepsWhatItFlushedIT {
  private static final int ROUNDS = 20;
  private static final int WRITERS = 4;
  private static final int SECTOR = 512;
  private static final int PIECE = 4096;
  private static final int PIECES_PER_WRITER = 512;

  /// Far apart, so that pieces of one data block and of many are written.
  private static final long PIECE_DISTANCE = 20_480;

  private static final long WRITER_DISTANCE = 64L << 20;

  @TempDir Path directory;

  @SeededTest(seeds = 1)
  void underLoadTwentyTimes(Random random) throws Exception {
    var pool = directory.resolve("pool");
    var files = PoolFiles.in(pool);
    var writers = new ArrayList<Writer>();
    for (int number = 0; number < WRITERS; number++) {
      writers.add(new Writer(number, random.nextLong()));
    }
    Map<String, String> snapshots = new HashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      killUnderLoad(pool, writers, 50 + random.nextInt(1500));
      ThinTools.expectClean(files.metadata());
      assertThat(Volumes.check(files, Progress.NONE).isSound()).isTrue();
      verify(files, writers, snapshots, "round-" + round);
    }
  }

  /// Starts the server, waits until the writers have made so many writes, and kills it meanwhile.
  private void killUnderLoad(Path pool, List<Writer> writers, int writeCount) throws Exception {
    var socket = pool.resolve("nbd.sock");
    Files.deleteIfExists(socket);
    try (var server = lumeo("up", pool, "--nbd", "127.0.0.1:0", "--rest", "127.0.0.1:0")) {
      server.await(
          () -> server.output().contains(socket.getFileName().toString()) && Files.exists(socket));
      var enough = new CountDownLatch(writeCount);
      var threads = new ArrayList<Thread>();
      for (var writer : writers) {
        threads.add(Thread.ofPlatform().start(() -> writer.run(socket, enough)));
      }
      enough.await();
      server.kill();
      for (var thread : threads) {
        thread.join();
      }
      for (var writer : writers) {
        assertThat(writer.failure).isNull();
      }
    }
  }

  private static Tool.Background lumeo(Object... arguments) {
    return Tool.of(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.lumeo.server.Main"))
        .start(arguments);
  }

  private static void verify(
      PoolFiles files, List<Writer> writers, Map<String, String> snapshots, String next)
      throws IOException {
    try (var volumes = Volumes.open(files, null)) {
      try (var device = volumes.open("vol0")) {
        for (var writer : writers) {
          writer.verify(device);
        }
      }
      for (var snapshot : snapshots.entrySet()) {
        try (var device = volumes.open(snapshot.getKey())) {
          assertThat(digest(device)).as(snapshot.getKey()).isEqualTo(snapshot.getValue());
        }
      }
      if (snapshots.size() == 3) {
        String oldest = snapshots.keySet().iterator().next();
        volumes.delete(oldest, Progress.NONE);
        snapshots.remove(oldest);
      }
      volumes.createSnapshot(next, "vol0", Set.of());
      try (var device = volumes.open(next)) {
        snapshots.put(next, digest(device));
      }
    }
  }

  /// Of where the writers write.
  private static String digest(BlockDevice device) throws IOException {
    return Contents.sha256(new SliceDevice(device, 0, WRITERS * WRITER_DISTANCE));
  }

  /// One connection with pieces of its own.
  private static final class Writer {
    private final int number;
    private final SplittableRandom random;

    // The versions of each piece that were sent, acknowledged, and flushed.
    private final long[] sent = new long[PIECES_PER_WRITER];
    private final long[] written = new long[PIECES_PER_WRITER];
    private final long[] flushed = new long[PIECES_PER_WRITER];
    private long version;
    private volatile @Nullable Throwable failure;

    Writer(int number, long seed) {
      this.number = number;
      this.random = new SplittableRandom(seed);
    }

    /// Writes and flushes until the connection breaks.
    void run(Path socket, CountDownLatch enough) {
      var segment = MemorySegment.ofArray(new byte[PIECE]);
      try (var client = NbdClient.connect(UnixDomainSocketAddress.of(socket), "vol0")) {
        while (true) {
          int piece = random.nextInt(PIECES_PER_WRITER);
          sent[piece] = ++version;
          stamp(segment, piece);
          if (random.nextInt(10) == 0) {
            client.writeThrough(offset(piece), segment);
            flushed[piece] = version;
          } else {
            client.write(offset(piece), segment);
          }
          written[piece] = version;
          enough.countDown();
          if (random.nextInt(20) == 0) {
            client.flush();
            System.arraycopy(written, 0, flushed, 0, written.length);
          }
        }
      } catch (IOException killed) {
        // The server is gone, as it should be; what was sent last may or may not be there.
      } catch (RuntimeException | Error unexpected) {
        failure = unexpected;
      }
    }

    private long offset(int piece) {
      return number * WRITER_DISTANCE + piece * PIECE_DISTANCE;
    }

    private void stamp(MemorySegment segment, int piece) {
      for (long at = 0; at < PIECE; at += SECTOR) {
        segment.asSlice(at, SECTOR).fill((byte) version);
        segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, version);
        segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at + Long.BYTES, offset(piece) + at);
      }
    }

    /// Checks what is there, and takes it for the truth from now on: it survived a restart.
    void verify(BlockDevice device) throws IOException {
      var segment = MemorySegment.ofArray(new byte[PIECE]);
      for (int piece = 0; piece < PIECES_PER_WRITER; piece++) {
        device.read(offset(piece), segment);
        long lowest = Long.MAX_VALUE;
        long highest = 0;
        for (long at = 0; at < PIECE; at += SECTOR) {
          long found = segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
          assertThat(found)
              .as("the version at %d of writer %d", offset(piece) + at, number)
              .isBetween(flushed[piece], sent[piece]);
          if (found > 0) {
            assertThat(segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at + Long.BYTES))
                .isEqualTo(offset(piece) + at);
            assertThat(segment.get(ValueLayout.JAVA_BYTE, at + SECTOR - 1)).isEqualTo((byte) found);
          }
          lowest = Math.min(lowest, found);
          highest = Math.max(highest, found);
        }
        written[piece] = lowest;
        flushed[piece] = lowest;
        sent[piece] = highest;
      }
    }
  }
}
