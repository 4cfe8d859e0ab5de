package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.FileDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.testing.CrashingDisk;
import io.lumeo.testing.Fault;
import io.lumeo.testing.ThinTools;
import io.lumeo.thin.DiscardMode;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolClock;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.ThinId;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The kernel's status line of a pool, whole, is ours of the same pool in the same state.
class TheKernelsStatusLinesIT {
  private static final long MIB = 1 << 20;
  private static final long BLOCK = 64 << 10;
  private static final long DATA = 4 * MIB;

  /// The largest transaction id there is, and one below.
  private static final String MOST = "18446744073709551615";

  private static final String LESS = "18446744073709551614";

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// The guest's disks take no discard as large as a block, and its kernel says so.
  private static final PoolOptions AS_THERE =
      PoolOptions.DEFAULT.withDiscard(DiscardMode.NO_PASSDOWN);

  @TempDir Path directory;
  private Path metadata = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void name() {
    metadata = directory.resolve("pool.meta");
    data = directory.resolve("pool.data");
  }

  @Test
  void ofAPoolWithEachOfItsOptions() throws IOException {
    OpenPool.format(metadata, 8 * MIB, data, DATA, BLOCK);
    try (var open = OpenPool.on(metadata, data)) {
      open.pool().message("create_thin 0");
      open.pool().message("set_transaction_id 0 " + MOST);
      writeSomething(open.pool(), (int) MIB);
    }
    var variants =
        Map.of(
            "", AS_THERE,
            "error_if_no_space", AS_THERE.withErrorIfNoSpace(true),
            "ignore_discard", PoolOptions.DEFAULT.withDiscard(DiscardMode.IGNORE),
            "no_discard_passdown", AS_THERE,
            "read_only", AS_THERE.withReadOnly(true),
            "skip_block_zeroing", AS_THERE.withZeroNewBlocks(false),
            "ignore_discard error_if_no_space",
                PoolOptions.DEFAULT.withDiscard(DiscardMode.IGNORE).withErrorIfNoSpace(true));
    var ours = new TreeMap<String, String>();
    for (var variant : variants.entrySet()) {
      ours.put(variant.getKey(), lineOf(variant.getValue()));
    }
    assertThat(ours)
        .containsEntry(
            "", MOST + " " + counts(ours) + " - rw no_discard_passdown queue_if_no_space - 512")
        .containsEntry(
            "read_only",
            MOST + " " + counts(ours) + " - ro no_discard_passdown queue_if_no_space - 512");

    var theirs = new TreeMap<String, String>();
    try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
      for (var features : ours.keySet()) {
        kernel.reactivate(DATA, features.isEmpty() ? new String[0] : features.split(" ", -1));
        theirs.put(features, kernel.statusLine());
      }
      kernel.reactivate(DATA);
      kernel.message("set_transaction_id %s %s".formatted(MOST, LESS));
    }
    assertThat(theirs).isEqualTo(ours);
    assertThat(lineOf(AS_THERE)).startsWith(LESS + " ");
  }

  /// The two counts, which only have to be the same everywhere.
  private static String counts(Map<String, String> lines) {
    var words = lines.values().iterator().next().split(" ", -1);
    return words[1] + " " + words[2];
  }

  @Test
  void ofAPoolThatNeedsACheck() throws IOException {
    var failing = new CrashingDisk(8 * MIB);
    var blocks = new MemoryDevice(DATA);
    Pool.format(failing, blocks, BLOCK);
    var pool = Pool.open(failing, blocks, PoolOptions.DEFAULT, PoolClock.system());
    pool.createThin(new ThinId(0));
    pool.commit();
    pool.createThin(new ThinId(1));
    failing.inject(Fault.atNth(Fault.Operation.WRITE, 1));
    assertThatThrownBy(pool::commit).isInstanceOf(IOException.class);
    failing.inject(Fault.NONE);
    assertThatThrownBy(pool::close).hasMessageContaining("went back to its last commit");
    Contents.save(failing.copy(), metadata);
    FileDevice.create(data, DATA).close();

    var ours = lineOf(AS_THERE);

    assertThat(ours).endsWith(" 0/64 - ro no_discard_passdown queue_if_no_space needs_check 512");
    try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
      assertThat(kernel.statusLine()).isEqualTo(ours);
    }
  }

  @Test
  void ofAPoolThatIsOutOfDataSpace() throws IOException {
    OpenPool.format(metadata, 8 * MIB, data, DATA, BLOCK);
    try (var open = OpenPool.on(metadata, data)) {
      open.pool().message("create_thin 0");
      writeSomething(open.pool(), (int) DATA);
    }
    var erring = AS_THERE.withErrorIfNoSpace(true);
    var full = lineOf(AS_THERE);
    var failed = lineAfterAWriteThatFindsNoSpace(erring);
    var failedThenQueueing = failed.replace("error_if_no_space", "queue_if_no_space");
    assertThat(full).contains(" 64/64 - rw ");
    assertThat(failed)
        .endsWith(" 64/64 - out_of_data_space no_discard_passdown error_if_no_space - 512");

    try (var kernel = KernelPool.activate(metadata, data, BLOCK)) {
      assertThat(kernel.statusLine()).isEqualTo(full);

      kernel.reactivate(DATA, "error_if_no_space");
      kernel.open(0, 2 * DATA);
      assertThat(kernel.guest().shell(writeBeyond()).exit()).isNotZero();
      assertThat(kernel.statusLine()).isEqualTo(failed);
      kernel.close(0);

      kernel.reactivate(DATA);
      kernel.open(0, 2 * DATA);
      kernel.guest().shell("(%s || echo >/run/refused) &".formatted(writeBeyond())).expectSuccess();
      awaitLine(kernel, failedThenQueueing);
      // It waits for space and cannot be closed before: there is none to be had but by an error.
      kernel.reload(DATA, "error_if_no_space");
      kernel
          .guest()
          .shell("until [ -e /run/refused ]; do busybox usleep 20000; done")
          .expectSuccess();
      kernel.close(0);
    }
    ThinTools.expectClean(metadata);
  }

  private static String writeBeyond() {
    return "dd if=/dev/zero of=/dev/mapper/v0 bs=64k count=1 seek=%d oflag=direct >/dev/null 2>&1"
        .formatted(DATA / BLOCK + 1);
  }

  private static void awaitLine(KernelPool kernel, String expected) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String line = kernel.statusLine();
    while (!line.equals(expected) && System.nanoTime() < end) {
      line = kernel.statusLine();
    }
    assertThat(line).isEqualTo(expected);
  }

  private void writeSomething(Pool pool, int lengthBytes) throws IOException {
    try (var device = pool.openDevice(new ThinId(0), 2 * DATA, false, null)) {
      device.write(0, MemorySegment.ofArray(Contents.random(new Random(1), lengthBytes)));
      device.flush();
    }
  }

  private String lineOf(PoolOptions options) throws IOException {
    try (var metadataFile = FileDevice.open(metadata, FileDevice.Access.READ_WRITE);
        var dataFile = FileDevice.open(data, FileDevice.Access.READ_WRITE);
        var pool = Pool.open(metadataFile, dataFile, options, PoolClock.system())) {
      return pool.statusLine();
    }
  }

  private String lineAfterAWriteThatFindsNoSpace(PoolOptions options) throws IOException {
    try (var metadataFile = FileDevice.open(metadata, FileDevice.Access.READ_WRITE);
        var dataFile = FileDevice.open(data, FileDevice.Access.READ_WRITE);
        var pool = Pool.open(metadataFile, dataFile, options, PoolClock.system());
        var device = pool.openDevice(new ThinId(0), 2 * DATA, false, null)) {
      assertThatThrownBy(() -> device.write(DATA + BLOCK, MemorySegment.ofArray(new byte[512])))
          .isInstanceOf(StorageException.OutOfSpace.class);
      return pool.statusLine();
    }
  }
}
