package io.lumeo.rest;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One resource and method: `GET /api/v1/volumes/{volume}`.
///
/// @param queries the query parameters it knows
record Route(String method, String template, Set<String> queries, Action action) {
  /// What it does.
  @FunctionalInterface
  interface Action {
    Answer answer(Call call) throws IOException;
  }

  /// The named segments when the path is one of this route, whatever the method.
  Optional<Map<String, String>> match(List<String> segments) {
    var wanted = segments(template);
    if (wanted.size() != segments.size()) {
      return Optional.empty();
    }
    var named = new HashMap<String, String>();
    for (int i = 0; i < wanted.size(); i++) {
      var want = wanted.get(i);
      if (want.startsWith("{")) {
        named.put(want.substring(1, want.length() - 1), segments.get(i));
      } else if (!want.equals(segments.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(named);
  }

  static List<String> segments(String path) {
    return Arrays.asList(path.substring(1).split("/", -1));
  }
}
