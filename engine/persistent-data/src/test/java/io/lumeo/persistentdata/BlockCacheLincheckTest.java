package io.lumeo.persistentdata;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/// Readers beside the one mutator: whatever the interleaving, a read returns the bytes that were
/// current at some moment while it ran, be they dirty, sealed, cached or only on the device.
@Param(name = "block", gen = IntGen.class, conf = "1:3")
public final class BlockCacheLincheckTest {
  private static final int VALUE = BlockHeader.BYTES;

  private final Map<Long, Integer> device = new ConcurrentHashMap<>();
  private final BlockCache cache = new BlockCache(this::readDevice, 0);

  /// Fills the cache's only set with other blocks, so that every block evicts another.
  public BlockCacheLincheckTest() throws IOException {
    for (int block = 10; block < 10 + BlockCache.WAYS; block++) {
      read(block);
    }
  }

  private Frame readDevice(long block, BlockKind kind) {
    return frame(block, device.getOrDefault(block, 0));
  }

  private static Frame frame(long block, int value) {
    var bytes = new byte[VALUE + Integer.BYTES];
    BlockHeader.setBlockNumber(bytes, block);
    LittleEndian.setInt(bytes, VALUE, value);
    return new Frame(block, BlockKind.BITMAP, bytes, Frame.COMMITTED);
  }

  @Operation
  public int read(@Param(name = "block") int block) throws IOException {
    return LittleEndian.getInt(cache.bytes(block, BlockKind.BITMAP), VALUE);
  }

  @Operation(nonParallelGroup = "mutator")
  public int readAsMutator(@Param(name = "block") int block) throws IOException {
    return LittleEndian.getInt(cache.frame(block, BlockKind.BITMAP).bytes(), VALUE);
  }

  @Operation(nonParallelGroup = "mutator")
  public void write(@Param(name = "block") int block, int value) {
    cache.add(frame(block, value));
  }

  @Operation(nonParallelGroup = "mutator")
  public void drop(@Param(name = "block") int block) {
    cache.drop(block);
  }

  @Operation(nonParallelGroup = "mutator")
  public void commit() {
    for (var frame : cache.seal()) {
      device.put(frame.block(), LittleEndian.getInt(frame.bytes(), VALUE));
    }
    cache.complete();
  }

  /// What the cache must look like from outside.
  public static final class Sequential {
    private final Map<Integer, Integer> device = new HashMap<>();
    private final Map<Integer, Integer> dirty = new HashMap<>();

    public Sequential() {}

    public int read(int block) {
      return dirty.getOrDefault(block, device.getOrDefault(block, 0));
    }

    public int readAsMutator(int block) {
      return read(block);
    }

    public void write(int block, int value) {
      dirty.put(block, value);
    }

    public void drop(int block) {
      dirty.remove(block);
    }

    public void commit() {
      device.putAll(dirty);
      dirty.clear();
    }
  }

  @Test
  void everyInterleavingReadsCurrentBytes() {
    new ModelCheckingOptions()
        .iterations(12)
        .invocationsPerIteration(300)
        .threads(3)
        .actorsBefore(2)
        .actorsPerThread(2)
        .actorsAfter(2)
        .addGuarantee(forClasses(LittleEndian.class.getName()).allMethods().ignore())
        .sequentialSpecification(Sequential.class)
        .check(BlockCacheLincheckTest.class);
  }

  @Test
  void manyThreadsReadCurrentBytes() {
    new StressOptions()
        .iterations(5)
        .invocationsPerIteration(500)
        .threads(3)
        .actorsPerThread(4)
        .sequentialSpecification(Sequential.class)
        .check(BlockCacheLincheckTest.class);
  }
}
