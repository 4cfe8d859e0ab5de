package io.lumeo.thin;

import static io.lumeo.thin.ScenarioPool.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.ZeroMode;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/// Many threads on an origin and a snapshot at once, each on pages of its own that it models, while
/// others snapshot, discard, delete, roll back, commit, and read snapshots that must not change.
class PoolConcurrencyTest {
  private static final int PAGE = 4096;
  private static final int BLOCKS = 300;
  private static final int PAGES = BLOCKS * (BLOCK / PAGE);
  private static final int THREADS = 4;
  private static final int STEPS = 1500;
  private static final ThinId ORIGIN = new ThinId(0);
  private static final ThinId CLONE = new ThinId(1);

  @SeededTest(seeds = 3)
  void whatEachThreadWroteIsThereAndSnapshotsStandStill(Random random) throws IOException {
    try (var metadata = new MemoryDevice(16L << 20);
        var data = new MemoryDevice(8192L * BLOCK)) {
      Pool.format(metadata, data, BLOCK);
      var pool =
          Pool.open(
              metadata,
              data,
              PoolOptions.DEFAULT.withMetadataCacheBytes(256 << 10),
              PoolClock.system());
      pool.createThin(ORIGIN);
      pool.createSnapshot(CLONE, ORIGIN);
      var writers = new ArrayList<Writer>();
      for (int i = 0; i < THREADS; i++) {
        writers.add(new Writer(pool, i, random.nextLong()));
      }
      var stop = new AtomicBoolean();
      var running = new ArrayList<Background>();
      for (var writer : writers) {
        running.add(Background.run(writer::run));
      }
      var helpers =
          List.of(
              Background.run(new Keeper(pool, 100, random.nextLong(), stop)::snapshots),
              Background.run(new Keeper(pool, 200, random.nextLong(), stop)::rollsBack),
              Background.run(new Keeper(pool, 300, random.nextLong(), stop)::commits));
      try {
        for (var writer : running) {
          writer.join();
        }
      } finally {
        stop.set(true);
      }
      for (var helper : helpers) {
        helper.join();
      }
      for (var writer : writers) {
        writer.verify();
      }
      pool.close();
      ScenarioPool.checkSound(metadata);
      var again = Pool.open(metadata, data, PoolOptions.DEFAULT, PoolClock.system());
      for (var writer : writers) {
        writer.verify(again);
      }
      again.close();
    }
  }

  /// Owns every page whose number is its own modulo the threads, so that all write to all blocks.
  private static final class Writer {
    private final int own;
    private final Random random;
    private final Pool pool;
    private final byte[][] expected = new byte[2][PAGES];

    Writer(Pool pool, int own, long seed) {
      this.pool = pool;
      this.own = own;
      this.random = new Random(seed);
    }

    void run() throws IOException {
      try (var origin = pool.openDevice(ORIGIN, (long) PAGES * PAGE, false, null);
          var clone = pool.openDevice(CLONE, (long) PAGES * PAGE, false, null)) {
        for (int step = 0; step < STEPS; step++) {
          int which = random.nextInt(2);
          step(which == 0 ? origin : clone, expected[which]);
        }
      }
    }

    private void step(ThinDevice device, byte[] pages) throws IOException {
      int page = random.nextInt(PAGES / THREADS) * THREADS + own;
      long offset = (long) page * PAGE;
      switch (random.nextInt(10)) {
        case 0 -> {
          device.writeZeroes(offset, PAGE, ZeroMode.MAY_PUNCH);
          pages[page] = 0;
        }
        case 1 -> {
          device.discard(offset, PAGE);
          pages[page] = 0;
        }
        case 2, 3 -> verify(device, pages, page);
        case 4 -> {
          if (random.nextInt(10) == 0) {
            device.flush();
          }
        }
        default -> {
          pages[page] = (byte) (1 + random.nextInt(127));
          device.write(offset, ScenarioPool.bytes(pages[page], PAGE));
        }
      }
    }

    private void verify(ThinDevice device, byte[] pages, int page) throws IOException {
      var wanted = new byte[PAGE];
      Arrays.fill(wanted, pages[page]);
      assertThat(ScenarioPool.read(device, (long) page * PAGE, PAGE))
          .as("page %d of thin device %s", page, device.id())
          .isEqualTo(wanted);
    }

    void verify() throws IOException {
      verify(pool);
    }

    void verify(Pool found) throws IOException {
      for (int which = 0; which < 2; which++) {
        try (var device = found.openDevice(new ThinId(which), (long) PAGES * PAGE, true, null)) {
          for (int page = own; page < PAGES; page += THREADS) {
            verify(device, expected[which], page);
          }
        }
      }
    }
  }

  /// Does to the pool what an administrator does while it is in use, with ids from `firstId` on.
  private record Keeper(Pool pool, int firstId, Random random, AtomicBoolean stop) {
    Keeper(Pool pool, int firstId, long seed, AtomicBoolean stop) {
      this(pool, firstId, new Random(seed), stop);
    }

    /// Snapshots of both devices, and of snapshots: stable, written, discarded, deleted.
    void snapshots() throws IOException {
      var kept = new ArrayList<ThinId>();
      for (int id = firstId; !stop.get(); id = firstId + (id + 1) % 90) {
        var snapshot = new ThinId(id);
        if (kept.remove(snapshot)) {
          pool.delete(snapshot);
        }
        pool.createSnapshot(snapshot, new ThinId(random.nextInt(2)));
        kept.add(snapshot);
        try (var device = pool.openDevice(snapshot, (long) PAGES * PAGE, false, null)) {
          int at = random.nextInt(BLOCKS - 20) * BLOCK;
          byte[] first = ScenarioPool.read(device, at, 20L * BLOCK);
          pool.usage(snapshot, Progress.NONE);
          device.extents(0, device.sizeBytes(), (_, _, _) -> true);
          assertThat(Arrays.equals(ScenarioPool.read(device, at, 20L * BLOCK), first)).isTrue();
          if (random.nextBoolean()) {
            device.discard(0, device.sizeBytes() / 2);
          }
        }
        while (kept.size() > 5) {
          pool.delete(kept.remove(random.nextInt(kept.size())));
        }
      }
    }

    /// A device that is made to be one or the other, again and again.
    void rollsBack() throws IOException {
      var own = new ThinId(firstId);
      pool.createThin(own);
      try (var device = pool.openDevice(own, (long) PAGES * PAGE, false, null)) {
        while (!stop.get()) {
          pool.rollBack(own, new ThinId(random.nextInt(2)));
          long offset = (long) random.nextInt(BLOCKS) * BLOCK;
          byte[] first = ScenarioPool.read(device, offset, BLOCK);
          assertThat(Arrays.equals(ScenarioPool.read(device, offset, BLOCK), first)).isTrue();
          device.write(offset, ScenarioPool.bytes(77, 100));
        }
      }
    }

    void commits() throws IOException {
      long transactionId = 0;
      while (!stop.get()) {
        pool.setTransactionId(transactionId, ++transactionId);
        pool.commit();
        if (transactionId % 7 == 0) {
          pool.message("reserve_metadata_snap");
          pool.message("release_metadata_snap");
        }
        pool.devices();
        pool.statusLine();
      }
    }
  }
}
