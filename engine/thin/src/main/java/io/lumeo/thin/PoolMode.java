package io.lumeo.thin;

/// What a pool can still do, best first, as the kernel's modes.
public enum PoolMode {
  /// All is well.
  WRITE("rw"),
  /// No data block is free: what is mapped and unshared is written as ever, the rest waits or
  /// fails.
  OUT_OF_DATA_SPACE("out_of_data_space"),
  /// No metadata block is free: reads go on; ends when the metadata grows.
  OUT_OF_METADATA_SPACE("ro"),
  /// Reads go on, nothing changes; asked for, or after a failed commit.
  READ_ONLY("ro"),
  /// Nothing goes on.
  FAIL("Fail");

  private final String kernelName;

  PoolMode(String kernelName) {
    this.kernelName = kernelName;
  }

  /// The word in the kernel's status line.
  public String kernelName() {
    return kernelName;
  }
}
