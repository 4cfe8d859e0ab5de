package io.lumeo.block;

/// What [BlockDevice#writeZeroes] may do with the space behind the range.
public enum ZeroMode {
  /// Space may be given back; the range may become a hole.
  MAY_PUNCH,
  /// The range stays or becomes allocated (NBD's `NO_HOLE`).
  KEEP_ALLOCATED
}
