package io.lumeo.rest;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is sent back. Never compared with another, so the array does no harm.
@SuppressWarnings("ArrayRecordComponent")
record Answer(int status, String mediaType, byte[] body, Map<String, String> headers) {
  static Answer ok(@Nullable Object value) {
    return json(200, value);
  }

  /// Something was made; `location` is where it can be asked for.
  static Answer created(String location, Object value) {
    return new Answer(201, "application/json", Json.write(value), Map.of("Location", location));
  }

  static Answer nothing() {
    return new Answer(204, "", new byte[0], Map.of());
  }

  static Answer of(Problem problem) {
    return new Answer(problem.status(), Problem.MEDIA_TYPE, Json.write(problem), Map.of());
  }

  static Answer of(HttpProblem refused) {
    var problem = refused.problem();
    var headers =
        switch (problem.status()) {
          case 401 -> Map.of("WWW-Authenticate", "Bearer realm=\"lumeo\"");
          case 405 -> Map.of("Allow", refused.allow());
          default -> Map.<String, String>of();
        };
    return new Answer(problem.status(), Problem.MEDIA_TYPE, Json.write(problem), headers);
  }

  private static Answer json(int status, @Nullable Object value) {
    return new Answer(status, "application/json", Json.write(value), Map.of());
  }
}
