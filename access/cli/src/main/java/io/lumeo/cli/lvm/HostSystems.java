package io.lumeo.cli.lvm;

import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.StorageSystem;
import java.io.IOException;

/// Finds the storage of the host that a command is about.
@FunctionalInterface
public interface HostSystems {
  /// The host's storage. Nothing is asked of the host yet.
  ///
  /// @throws StorageFailure.NotFound if there is no such host
  /// @throws IOException if the configuration that names it cannot be read
  StorageSystem open(HostOptions options) throws StorageFailure, IOException;
}
