package io.lumeo.lvm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A mounted file system. Sizes are bytes, as the file system itself says; null when it does not.
///
/// @param device the kernel's `major:minor`
/// @param source the device's path, as it was mounted by
/// @param usedBytes what is in use
/// @param availableBytes what an ordinary user may still write
record Mount(
    String target,
    String source,
    String device,
    String type,
    List<String> options,
    @Nullable Long usedBytes,
    @Nullable Long availableBytes) {

  Mount {
    options = List.copyOf(options);
  }

  boolean readOnly() {
    return options.contains("ro");
  }
}
