package io.lumeo.benchmarks;

import io.lumeo.block.MemoryDevice;
import io.lumeo.persistentdata.BTree;
import io.lumeo.persistentdata.TransactionManager;
import io.lumeo.persistentdata.ValueType;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// A random look-up among a million keys: our tree of checked blocks beside the JDK's of objects.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BTreeLookupBenchmark {
  private static final int KEYS = 1_000_000;
  private static final int METADATA_BLOCKS = 16_384;

  private final SplittableRandom random = new SplittableRandom(1);
  private final TreeMap<Long, Long> map = new TreeMap<>();
  private BTree tree = newTree();
  private long root;

  @Setup
  public void fill() throws IOException {
    tree = newTree();
    root = tree.createEmpty();
    for (long key = 0; key < KEYS; key++) {
      root = tree.insert(root, key, key << 24);
      map.put(key, key << 24);
    }
  }

  private static BTree newTree() {
    try {
      var device = new MemoryDevice((long) METADATA_BLOCKS * TransactionManager.BLOCK_BYTES);
      return new BTree(
          TransactionManager.create(device, METADATA_BLOCKS, device.sizeBytes()),
          ValueType.plain(Long.BYTES));
    } catch (IOException e) {
      throw new IllegalStateException(
          "memory has room for %d blocks".formatted(METADATA_BLOCKS), e);
    }
  }

  @Benchmark
  public long bTree() throws IOException {
    return tree.lookup(root, random.nextInt(KEYS), -1);
  }

  @Benchmark
  public long treeMap() {
    return map.getOrDefault((long) random.nextInt(KEYS), -1L);
  }
}
