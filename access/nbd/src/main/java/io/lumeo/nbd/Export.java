package io.lumeo.nbd;

import io.lumeo.block.BlockDevice;
import java.io.Closeable;
import java.io.IOException;

/// A device as one connection sees it.
public interface Export extends Closeable {
  /// What is served.
  BlockDevice device();

  /// Whether writes are refused; a device that is read-only is refused them anyway.
  default boolean readOnly() {
    return device().isReadOnly();
  }

  /// A line for people; may be empty.
  default String description() {
    return "";
  }

  /// Releases this connection's hold. The device is closed only if nothing else needs it.
  @Override
  void close() throws IOException;
}
