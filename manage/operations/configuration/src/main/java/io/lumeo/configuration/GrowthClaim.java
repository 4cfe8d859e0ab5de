package io.lumeo.configuration;

import java.util.List;

/// That a rule wants to grow something. Two rules may meet in one object, the first one then holds;
/// but not if they are of two minds about who does it.
record GrowthClaim(
    Glob host, String key, Glob object, GrowthSettings.Mode mode, Place place, String path) {

  static void contradictions(List<GrowthClaim> claims, Reading reading) {
    for (int i = 0; i < claims.size(); i++) {
      for (var earlier : claims.subList(0, i)) {
        claims.get(i).contradict(earlier, reading);
      }
    }
  }

  private void contradict(GrowthClaim earlier, Reading reading) {
    if (!key.equals(earlier.key)
        || !host.overlaps(earlier.host)
        || !object.overlaps(earlier.object)) {
      return;
    }
    if (mode != earlier.mode) {
      reading.mistake(
          place,
          path,
          "%s %s is grown in mode %s here and in mode %s at %s; only one can extend it"
              .formatted(
                  key, object, Scalars.word(mode), Scalars.word(earlier.mode), earlier.place));
    } else if (host.equals(earlier.host) && object.equals(earlier.object)) {
      reading.mistake(
          place,
          path,
          "%s %s has a rule already, at %s, which would always hold instead"
              .formatted(key, object, earlier.place));
    }
  }
}
