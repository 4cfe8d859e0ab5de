package io.lumeo.tuning;

import io.lumeo.forecasts.TuningResult;
import java.util.List;

/// What a study found, and what it says to choose.
///
/// @param kind `chunk-size`, `snapshot-cost`, `layout`
/// @param results as they are kept in the baseline database
public record Study(String kind, List<TuningResult> results, List<Recommendation> recommendations) {
  public Study {
    results = List.copyOf(results);
    recommendations = List.copyOf(recommendations);
  }
}
