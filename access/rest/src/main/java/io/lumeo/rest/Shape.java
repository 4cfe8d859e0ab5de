package io.lumeo.rest;

/// What a body is, for those who want to know before they send or read it.
sealed interface Shape {
  /// There is no body.
  record Nothing() implements Shape {}

  /// JSON of this record.
  record One(Class<? extends Record> type) implements Shape {}

  /// A JSON array of such records.
  record Many(Class<? extends Record> type) implements Shape {}

  /// Either of the two.
  record OneOrMany(Class<? extends Record> type) implements Shape {}

  /// Something else than what a record tells of.
  record Other(String mediaType) implements Shape {}

  static Shape nothing() {
    return new Nothing();
  }

  static Shape one(Class<? extends Record> type) {
    return new One(type);
  }

  static Shape many(Class<? extends Record> type) {
    return new Many(type);
  }

  static Shape oneOrMany(Class<? extends Record> type) {
    return new OneOrMany(type);
  }

  static Shape other(String mediaType) {
    return new Other(mediaType);
  }
}
