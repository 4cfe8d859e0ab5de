package io.lumeo.configuration;

import java.util.Optional;

/// One key of a section.
///
/// @param about what it is for, as a sentence without a full stop: in the schema and in messages
/// @param missing what holds when the key is not there, empty if nothing does
/// @param missingText the same as one would write it in the file
record Key<T>(
    String name,
    Shape<T> shape,
    String about,
    boolean required,
    Optional<T> missing,
    String missingText) {

  static <T> Key<T> required(String name, Shape<T> shape, String about) {
    return new Key<>(name, shape, about, true, Optional.empty(), "");
  }

  static <T> Key<T> optional(String name, Shape<T> shape, String about) {
    return new Key<>(name, shape, about, false, Optional.empty(), "");
  }

  /// A key that need not be written, and what holds then.
  static <T> Key<T> defaulting(
      String name, Shape<T> shape, T missing, String missingText, String about) {
    return new Key<>(name, shape, about, false, Optional.of(missing), missingText);
  }

  // Keys are told apart by which they are: two sections may have equal ones.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
