package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.StorageException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Exports for tests; counts how many are open.
final class TestExports implements Exports {
  private final Map<String, BlockDevice> devices = new ConcurrentSkipListMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger opened = new AtomicInteger();

  static TestExports of(String name, BlockDevice device) {
    return new TestExports().with(name, device);
  }

  TestExports with(String name, BlockDevice device) {
    devices.put(name, device);
    return this;
  }

  int openCount() {
    return open.get();
  }

  int openedCount() {
    return opened.get();
  }

  @Override
  public List<ExportInfo> list() {
    return devices.keySet().stream().map(name -> new ExportInfo(name, "about " + name)).toList();
  }

  @Override
  public Export open(String name) throws StorageException {
    var device = devices.get(name);
    if (device == null) {
      throw new StorageException.NotFound("There is no export \"" + name + "\"; ask for the list");
    }
    open.incrementAndGet();
    opened.incrementAndGet();
    return new Export() {
      @Override
      public BlockDevice device() {
        return device;
      }

      @Override
      public String description() {
        return "about " + name;
      }

      @Override
      public void close() {
        open.decrementAndGet();
      }
    };
  }
}
