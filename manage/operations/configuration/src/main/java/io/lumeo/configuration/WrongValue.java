package io.lumeo.configuration;

/// A text does not say what it should; the message goes on after the text itself.
final class WrongValue extends Exception {
  private static final long serialVersionUID = 1;

  /// Where in the text it goes wrong, in characters from 0.
  final int offset;

  WrongValue(String message) {
    this(message, 0);
  }

  WrongValue(String message, int offset) {
    super(message);
    this.offset = offset;
  }

  String message() {
    return String.valueOf(getMessage());
  }
}
