package io.lumeo.configuration;

import java.util.List;

/// What stands in a YAML file, and where.
sealed interface Yaml {
  Place place();

  /// What it is, for people: `a list`, `the number 5`.
  String kind();

  /// A single value.
  ///
  /// @param verbatim whether the text stands in the file as it is, so that a column in it is a
  ///   column in the file
  /// @param start where its text starts, quotes included, in code points from the top of the file
  /// @param end where it ends
  record Scalar(Place place, String text, Type type, boolean verbatim, int start, int end)
      implements Yaml {
    @Override
    public String kind() {
      return switch (type) {
        case TEXT -> "the text '" + Words.shown(text) + "'";
        case WHOLE, DECIMAL -> "the number " + Words.shown(text);
        case TRUTH -> text;
        case NOTHING -> "nothing";
      };
    }

    /// Where the character at `offset` of the text stands, as well as it is known.
    Place at(int offset) {
      if (!verbatim || offset == 0) {
        return place;
      }
      var quotes = end - start > text.codePointCount(0, text.length()) ? 1 : 0;
      return place.shiftedBy(quotes + offset);
    }
  }

  enum Type {
    TEXT,
    WHOLE,
    DECIMAL,
    TRUTH,
    NOTHING
  }

  record Sequence(Place place, List<Yaml> items) implements Yaml {
    @Override
    public String kind() {
      return "a list";
    }
  }

  record Mapping(Place place, List<Entry> entries) implements Yaml {
    @Override
    public String kind() {
      return "a block of keys";
    }
  }

  record Entry(Place place, String key, Yaml value) {}
}
