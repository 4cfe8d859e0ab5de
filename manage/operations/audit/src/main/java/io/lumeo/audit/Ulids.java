package io.lumeo.audit;

import java.math.BigInteger;
import java.time.Instant;
import java.util.random.RandomGenerator;

/// Makes ULIDs: 48 bits of milliseconds, 80 of chance, in Crockford's base 32. They rise even
/// within a millisecond and when the clock goes back. Not safe for use by several threads.
///
/// Source: the ULID specification, github.com/ulid/spec.
final class Ulids {
  private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final int LENGTH = 26;
  private static final int CHANCE_BITS = 80;

  private final RandomGenerator random;
  private BigInteger last = BigInteger.ZERO;

  Ulids(RandomGenerator random) {
    this.random = random;
  }

  String next(Instant time) {
    var bytes = new byte[CHANCE_BITS / 8];
    random.nextBytes(bytes);
    var fresh =
        BigInteger.valueOf(Math.clamp(time.toEpochMilli(), 0, (1L << 48) - 1))
            .shiftLeft(CHANCE_BITS)
            .or(new BigInteger(1, bytes));
    var sameMillisecond =
        fresh.shiftRight(CHANCE_BITS).compareTo(last.shiftRight(CHANCE_BITS)) <= 0;
    last = sameMillisecond ? last.add(BigInteger.ONE) : fresh;
    return text(last);
  }

  private static String text(BigInteger value) {
    var text = new StringBuilder(LENGTH);
    for (int shift = 5 * (LENGTH - 1); shift >= 0; shift -= 5) {
      text.append(DIGITS.charAt(value.shiftRight(shift).intValue() & 31));
    }
    return text.toString();
  }
}
