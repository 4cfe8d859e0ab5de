package io.lumeo.lvm;

import io.lumeo.storage.StorageFailure;

/// Looks at a host, changing nothing.
interface LvmReader {

  /// Everything: LVM's report, the kernel's status, mounts and contents.
  HostState read() throws StorageFailure;
}
