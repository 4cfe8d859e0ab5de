package io.lumeo.nbd;

import io.lumeo.block.ExtentState;

/// How extents are told in the metadata context `base:allocation`.
///
/// The protocol promises that a write where HOLE is clear never fails with ENOSPC. A block that a
/// snapshot shares holds data, yet a write there needs a new block, so it is told as HOLE without
/// ZERO: "not known to be zero, and a write may need space". Readers lose nothing, since only ZERO
/// lets them skip a range. Where nobody can write (a read-only export) the promise is empty and
/// shared data is told as what it is: data.
final class Allocation {
  /// The id under which the context is negotiated; the only context there is.
  static final int CONTEXT_ID = 1;

  private Allocation() {}

  static int flags(ExtentState state, boolean readOnly) {
    return switch (state) {
      case HOLE -> Protocol.STATE_HOLE | Protocol.STATE_ZERO;
      case ZERO -> Protocol.STATE_ZERO;
      case DATA -> 0;
      case SHARED -> readOnly ? 0 : Protocol.STATE_HOLE;
    };
  }

  static ExtentState state(int flags) {
    boolean hole = (flags & Protocol.STATE_HOLE) != 0;
    boolean zero = (flags & Protocol.STATE_ZERO) != 0;
    if (zero) {
      return hole ? ExtentState.HOLE : ExtentState.ZERO;
    }
    return hole ? ExtentState.SHARED : ExtentState.DATA;
  }
}
