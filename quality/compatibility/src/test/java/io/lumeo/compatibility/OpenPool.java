package io.lumeo.compatibility;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.FileDevice;
import io.lumeo.thin.Pool;
import io.lumeo.thin.PoolClock;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.ThinDevice;
import io.lumeo.thin.ThinId;
import java.io.IOException;
import java.nio.file.Path;

/// A pool opened by our engine on two devices, which close with it.
final class OpenPool implements AutoCloseable {
  private final BlockDevice metadata;
  private final BlockDevice data;
  private final Pool pool;

  private OpenPool(BlockDevice metadata, BlockDevice data) throws IOException {
    this.metadata = metadata;
    this.data = data;
    this.pool = Pool.open(metadata, data, PoolOptions.DEFAULT, PoolClock.system());
  }

  /// Makes two sparse files and an empty pool on them.
  static void format(Path metadata, long metadataBytes, Path data, long dataBytes, long blockBytes)
      throws IOException {
    try (var metadataFile = FileDevice.create(metadata, metadataBytes);
        var dataFile = FileDevice.create(data, dataBytes)) {
      Pool.format(metadataFile, dataFile, blockBytes);
    }
  }

  static OpenPool on(Path metadata, Path data) throws IOException {
    return new OpenPool(
        FileDevice.open(metadata, FileDevice.Access.READ_WRITE),
        FileDevice.open(data, FileDevice.Access.READ_WRITE));
  }

  static OpenPool on(BlockDevice metadata, BlockDevice data) throws IOException {
    return new OpenPool(metadata, data);
  }

  Pool pool() {
    return pool;
  }

  ThinDevice device(int id, long sizeBytes) throws IOException {
    return pool.openDevice(new ThinId(id), sizeBytes, false, null);
  }

  @Override
  public void close() throws IOException {
    pool.close();
    metadata.close();
    data.close();
  }
}
