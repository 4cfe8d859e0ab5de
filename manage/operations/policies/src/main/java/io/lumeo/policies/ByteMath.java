package io.lumeo.policies;

import java.math.BigInteger;

/// Arithmetic on sizes that ends at [Long#MAX_VALUE] instead of passing it.
final class ByteMath {
  private ByteMath() {}

  /// `whole * percent / 100`, rounded down.
  static long percent(long whole, int percent) {
    return scale(whole, percent, 100);
  }

  /// `value * numerator / denominator`, rounded down.
  static long scale(long value, long numerator, long denominator) {
    var exact =
        BigInteger.valueOf(value)
            .multiply(BigInteger.valueOf(numerator))
            .divide(BigInteger.valueOf(denominator));
    return exact.bitLength() < Long.SIZE ? exact.longValue() : Long.MAX_VALUE;
  }

  static long times(long value, long factor) {
    return scale(value, factor, 1);
  }

  static long plus(long left, long right) {
    var sum = left + right;
    return sum < left ? Long.MAX_VALUE : sum;
  }

  static long roundUp(long value, long unit) {
    var rest = value % unit;
    return rest == 0 ? value : plus(value - rest, unit);
  }

  static long roundDown(long value, long unit) {
    return value - value % unit;
  }

  /// How many whole parts cover `value`.
  static long parts(long value, long part) {
    return value / part + (value % part == 0 ? 0 : 1);
  }
}
