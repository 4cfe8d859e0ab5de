package io.lumeo.policies;

/// The values that one field of a cron expression allows.
///
/// @param bits bit n is set when n is allowed
/// @param open whether the field begins with a `*` or is spread by `H/`, and so stands for an
///   interval and not for fixed values
/// @param last whether the last day of the month is allowed too
record CronSet(long bits, boolean open, boolean last) {

  boolean has(int value) {
    return (bits >>> value & 1) != 0;
  }

  int first() {
    return Long.numberOfTrailingZeros(bits);
  }

  /// The least value that is at least `value`, or -1.
  int atOrAfter(int value) {
    var rest = bits & (-1L << value);
    return rest == 0 ? -1 : Long.numberOfTrailingZeros(rest);
  }
}
