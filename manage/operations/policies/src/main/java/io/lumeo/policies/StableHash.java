package io.lumeo.policies;

import java.nio.charset.StandardCharsets;

/// Chance that is the same on every machine, in every year and after every restart: FNV-1a, with
/// the finalizer of MurmurHash3 so that its low bits are good too.
final class StableHash {
  private StableHash() {}

  /// A number from 0 up to and without `bound`, which is at least 1.
  static long below(String text, long bound) {
    return Long.remainderUnsigned(of(text), bound);
  }

  private static long of(String text) {
    var hash = 0xcbf29ce484222325L;
    for (var octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }
}
