package io.lumeo.configuration;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What a section's keys were found to say.
final class Values {
  private final Map<Key<?>, Object> found = new HashMap<>();
  private final Map<Key<?>, Place> places = new HashMap<>();
  private final Place place;
  private final String path;

  Values(Place place, String path) {
    this.place = place;
    this.path = path;
  }

  <T> void put(Key<T> key, T value) {
    found.put(key, value);
  }

  void written(Key<?> key, Place where) {
    places.put(key, where);
  }

  /// Whether the file has this key, right or wrong.
  boolean isWritten(Key<?> key) {
    return places.containsKey(key);
  }

  /// What the file says, or else what holds without it; empty as well if the file says nonsense.
  @SuppressWarnings("unchecked") // put() takes only what fits
  <T> Optional<T> find(Key<T> key) {
    var value = (T) found.get(key);
    if (value != null) {
      return Optional.of(value);
    }
    return isWritten(key) ? Optional.empty() : key.missing();
  }

  /// The same for a key that is required or has a default.
  <T> T get(Key<T> key) {
    return find(key)
        .orElseThrow(() -> new AssertionError("no value for %s in %s".formatted(key.name(), path)));
  }

  /// Where the key is, or else its section.
  Place place(Key<?> key) {
    return places.getOrDefault(key, place);
  }

  Place place() {
    return place;
  }

  String path() {
    return path;
  }
}
