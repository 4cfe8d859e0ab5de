package io.lumeo.tuning;

import java.util.List;

/// What a study says to choose.
///
/// @param use what for: `sequential writes`
/// @param choice what to choose: `256k`, `striped`
/// @param reasons why, one sentence each, with figures
public record Recommendation(String use, String choice, List<String> reasons) {
  public Recommendation {
    reasons = List.copyOf(reasons);
  }
}
