package io.lumeo.lvm;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// One row of an LVM report: field name → text, in one dialect whatever LVM's version spoke. Lists
/// are joined by commas; a field that is absent, empty or null in JSON is not in the map.
///
/// A number that is not one is unknown, as is LVM's own `-1`: a report must not become unreadable
/// because one field of one volume is odd.
record Row(Map<String, String> fields) {

  Row {
    fields = Map.copyOf(fields);
  }

  /// The text, empty when LVM gave none.
  String text(String field) {
    return fields.getOrDefault(field, "");
  }

  boolean has(String field) {
    return fields.containsKey(field);
  }

  OptionalLong number(String field) {
    var text = text(field);
    try {
      var value = text.isEmpty() ? -1 : Long.parseLong(text);
      return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
    } catch (NumberFormatException odd) {
      return OptionalLong.empty();
    }
  }

  /// The number, 0 when unknown: for sizes and counts, where LVM leaves out what is none.
  long numberOrZero(String field) {
    return number(field).orElse(0);
  }

  /// A percentage, 0 to 100 and beyond: a classic snapshot can be fuller than full.
  OptionalDouble percent(String field) {
    var text = text(field).replace(',', '.');
    try {
      var value = text.isEmpty() ? -1 : Double.parseDouble(text);
      return value >= 0 ? OptionalDouble.of(value) : OptionalDouble.empty();
    } catch (NumberFormatException odd) {
      return OptionalDouble.empty();
    }
  }

  /// A binary field: a word, nothing, or in other dialects `1`, `0`, `-1`.
  Answer answer(String field) {
    return switch (text(field)) {
      case "", "0", "no" -> Answer.NO;
      case "-1", "unknown" -> Answer.UNKNOWN;
      default -> Answer.YES;
    };
  }

  List<String> list(String field) {
    var text = text(field);
    return text.isEmpty() ? List.of() : List.of(text.split(","));
  }
}
