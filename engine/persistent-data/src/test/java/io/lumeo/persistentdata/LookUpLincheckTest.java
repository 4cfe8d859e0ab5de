package io.lumeo.persistentdata;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.lumeo.block.MemoryDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.StampedLock;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/// Look-ups without a lock in a tree that is being changed, validated as a pool does it; and in a
/// snapshot of it, which needs no validation. The keys are where the first leaf ends, so that
/// leaves split, share and merge; the cache is so small that nodes come and go.
@Param(name = "key", gen = IntGen.class, conf = "250:256")
public final class LookUpLincheckTest {
  private static final int FILLED = 253;
  private static final int BLOCKS = 256;

  private final TransactionManager transaction;
  private final BTree tree;
  private final StampedLock lock = new StampedLock();
  private final long snapshot;
  private volatile long root;

  public LookUpLincheckTest() throws IOException {
    var device = new MemoryDevice((long) BLOCKS * TransactionManager.BLOCK_BYTES);
    transaction = TransactionManager.create(device, BLOCKS, 0);
    tree = new BTree(transaction, ValueType.plain(Long.BYTES));
    long filled = tree.createEmpty();
    for (int key = 0; key < FILLED; key++) {
      filled = tree.insert(filled, key, key);
    }
    transaction.increment(filled);
    snapshot = filled;
    root = filled;
  }

  @Operation
  public long lookUp(@Param(name = "key") int key) throws IOException {
    long stamp = lock.tryOptimisticRead();
    if (stamp != 0) {
      try {
        long value = tree.lookup(root, key, -1);
        if (lock.validate(stamp)) {
          return value;
        }
      } catch (IOException | RuntimeException e) {
        if (lock.validate(stamp)) {
          throw e;
        }
      }
    }
    stamp = lock.readLock();
    try {
      return tree.lookup(root, key, -1);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  @Operation
  public long lookUpInSnapshot(@Param(name = "key") int key) throws IOException {
    return tree.lookup(snapshot, key, -1);
  }

  @Operation(nonParallelGroup = "mutator")
  public void insert(@Param(name = "key") int key, int value) throws IOException {
    long stamp = lock.writeLock();
    try {
      root = tree.insert(root, key, value);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  @Operation(nonParallelGroup = "mutator")
  public long removeFrom(@Param(name = "key") int key) throws IOException {
    long stamp = lock.writeLock();
    try {
      var removal = tree.removeRange(root, key - 100, key);
      root = removal.root();
      return removal.count();
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  @Operation(nonParallelGroup = "mutator")
  public void commit() throws IOException {
    var sealed = transaction.seal();
    sealed.write(MemorySegment.ofArray(new byte[TransactionManager.BLOCK_BYTES]));
    sealed.complete();
  }

  /// What the tree must look like from outside.
  public static final class Sequential {
    private final Map<Integer, Long> entries = new HashMap<>();

    public Sequential() {
      for (int key = 0; key < FILLED; key++) {
        entries.put(key, (long) key);
      }
    }

    public long lookUp(int key) {
      return entries.getOrDefault(key, -1L);
    }

    public long lookUpInSnapshot(int key) {
      return key < FILLED ? key : -1;
    }

    public void insert(int key, int value) {
      entries.put(key, (long) value);
    }

    public long removeFrom(int key) {
      long before = entries.size();
      entries.keySet().removeIf(other -> other >= key - 100 && other < key);
      return before - entries.size();
    }

    public void commit() {}
  }

  @Test
  void everyInterleavingOfLookUpsAndAChangeIsRight() {
    new ModelCheckingOptions()
        .iterations(6)
        .invocationsPerIteration(40)
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(2)
        .actorsAfter(1)
        .loopBound(1000)
        .addGuarantee(
            forClasses(
                    LittleEndian.class.getName(),
                    Bitmap.class.getName(),
                    BlockChecksum.class.getName(),
                    MetadataSpaceMap.class.getName())
                .allMethods()
                .ignore())
        .sequentialSpecification(Sequential.class)
        .check(LookUpLincheckTest.class);
  }

  @Test
  void manyThreadsLookUpWhileATreeChanges() {
    new StressOptions()
        .iterations(6)
        .invocationsPerIteration(100)
        .threads(3)
        .actorsPerThread(4)
        .sequentialSpecification(Sequential.class)
        .check(LookUpLincheckTest.class);
  }
}
