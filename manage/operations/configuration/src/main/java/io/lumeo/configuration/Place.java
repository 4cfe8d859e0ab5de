package io.lumeo.configuration;

/// A place in a file, as editors count: the first character is 1:1.
record Place(String file, int line, int column) {

  Place shiftedBy(int columns) {
    return new Place(file, line, column + columns);
  }

  @Override
  public String toString() {
    return "%s:%d:%d".formatted(file, line, column);
  }
}
