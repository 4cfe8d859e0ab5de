package io.lumeo.thin;

import io.lumeo.block.MemoryDevice;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// The look-up path of one device: look-ups without a lock beside mapping, unmapping, commits and a
/// snapshot that shares every node. Each look-up answers what was so at one moment.
@Param(name = "block", gen = IntGen.class, conf = "1:4")
@Isolated
public final class MappingLincheckTest {
  private static final int SPREAD = 100;

  private final PoolMetadata metadata;
  private final DeviceState device;
  private int nextSnapshot = 1;

  /// A device whose tree has two levels, so that nodes come and go.
  public MappingLincheckTest() throws IOException {
    var disk = new MemoryDevice(1 << 20);
    PoolMetadata.format(disk, 128, 1000);
    metadata = PoolMetadata.open(disk, 0, true);
    var id = new ThinId(0);
    metadata.createThin(id);
    device = metadata.pin(id);
    for (int block = 0; block < 300; block++) {
      if (block % SPREAD != 0) {
        metadata.provision(device, block, metadata.reserveDataBlock());
      }
    }
  }

  /// Whether the block is mapped.
  @Operation
  public boolean lookup(@Param(name = "block") int block) throws IOException {
    return metadata.lookup(device, (long) block * SPREAD) != Mapping.HOLE;
  }

  /// Maps a hole. Returns whether it was one.
  @Operation(nonParallelGroup = "metadata lock")
  public boolean map(@Param(name = "block") int block) throws IOException {
    long virtualBlock = (long) block * SPREAD;
    if (metadata.lookup(device, virtualBlock) != Mapping.HOLE) {
      return false;
    }
    metadata.provision(device, virtualBlock, metadata.reserveDataBlock());
    return true;
  }

  @Operation(nonParallelGroup = "metadata lock")
  public boolean unmap(@Param(name = "block") int block) throws IOException {
    long virtualBlock = (long) block * SPREAD;
    return metadata.unmap(device, virtualBlock, virtualBlock + 1) == 1;
  }

  @Operation(nonParallelGroup = "metadata lock")
  public void snapshot() throws IOException {
    metadata.createSnapshots(List.of(new Pool.SnapshotPair(new ThinId(nextSnapshot++), device.id)));
  }

  @Operation(nonParallelGroup = "metadata lock")
  public void commit() throws IOException {
    var sealed = metadata.seal();
    sealed.write();
    sealed.complete();
    metadata.release(sealed.freed());
  }

  /// What it must look like.
  public static final class Sequential {
    private final TreeMap<Integer, Boolean> mapped = new TreeMap<>();

    public Sequential() {}

    public boolean lookup(int block) {
      return mapped.getOrDefault(block, false);
    }

    public boolean map(int block) {
      return !Boolean.TRUE.equals(mapped.put(block, true));
    }

    public boolean unmap(int block) {
      return Boolean.TRUE.equals(mapped.put(block, false));
    }

    public void snapshot() {}

    public void commit() {}
  }

  @Test
  void aLookUpAnswersWhatWasSoAtOneMoment() {
    new StressOptions()
        .iterations(10)
        .invocationsPerIteration(300)
        .threads(3)
        .actorsBefore(3)
        .actorsPerThread(4)
        .actorsAfter(2)
        .sequentialSpecification(Sequential.class)
        .check(MappingLincheckTest.class);
  }
}
