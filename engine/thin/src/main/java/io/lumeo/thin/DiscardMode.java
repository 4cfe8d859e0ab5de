package io.lumeo.thin;

/// What a pool does with discards, in the kernel's spelling.
public enum DiscardMode {
  /// Unmap, and punch blocks that nobody refers to any more out of the data file.
  PASSDOWN("discard_passdown"),
  /// Unmap only.
  NO_PASSDOWN("no_discard_passdown"),
  /// Do nothing: discards are refused.
  IGNORE("ignore_discard");

  private final String kernelName;

  DiscardMode(String kernelName) {
    this.kernelName = kernelName;
  }

  /// The word in the kernel's table and status lines.
  public String kernelName() {
    return kernelName;
  }
}
