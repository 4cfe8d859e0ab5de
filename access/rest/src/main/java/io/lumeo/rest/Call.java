package io.lumeo.rest;

import io.lumeo.block.StorageException;
import io.lumeo.thin.Progress;
import java.io.IOException;
import java.util.Map;

/// One request, as the resources see it.
///
/// @param path the named segments of the path
/// @param query the parameters after the question mark
/// @param body the whole body; empty when there is none
/// @param progress told how far long work is, for a client that watches
record Call(Map<String, String> path, Map<String, String> query, Body body, Progress progress) {
  /// Reads the body when a resource asks for it, and only then.
  @FunctionalInterface
  interface Body {
    byte[] bytes() throws IOException;
  }

  String segment(String name) {
    var value = path.get(name);
    if (value == null) {
      throw new IllegalStateException("the route has no {" + name + "}");
    }
    return value;
  }

  <T extends Record> T body(Class<T> type) throws IOException {
    return Records.fromTree(Json.read(body.bytes()), type);
  }

  boolean flag(String name) throws StorageException {
    return switch (query.getOrDefault(name, "false")) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new StorageException.InvalidArgument(
              "query parameter '" + name + "' must be true or false");
    };
  }
}
