package io.lumeo.rest;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One resource and method: `GET /api/v1/volumes/{volume}`.
///
/// @param summary what it does, in some words
/// @param isOpen whether it is answered without the token
/// @param queries the query parameters it knows, with their JSON types
/// @param takes the body of the request
/// @param status of the answer, when it goes well
/// @param gives the body of the answer
record Route(
    String method,
    String template,
    String summary,
    boolean isOpen,
    Map<String, String> queries,
    Shape takes,
    int status,
    Shape gives,
    Action action) {
  /// What it does.
  @FunctionalInterface
  interface Action {
    Answer answer(Call call) throws IOException;
  }

  /// A route that needs the token, takes nothing and gives nothing.
  static Route of(String method, String template, String summary, Action action) {
    return new Route(
        method, template, summary, false, Map.of(), Shape.nothing(), 204, Shape.nothing(), action);
  }

  /// The same without the token.
  Route open() {
    return new Route(method, template, summary, true, queries, takes, status, gives, action);
  }

  Route asking(String query, String type) {
    return new Route(
        method, template, summary, isOpen, Map.of(query, type), takes, status, gives, action);
  }

  Route taking(Shape body) {
    return new Route(method, template, summary, isOpen, queries, body, status, gives, action);
  }

  Route giving(Shape body) {
    return new Route(method, template, summary, isOpen, queries, takes, 200, body, action);
  }

  /// What it gives is new.
  Route making(Shape body) {
    return new Route(method, template, summary, isOpen, queries, takes, 201, body, action);
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
