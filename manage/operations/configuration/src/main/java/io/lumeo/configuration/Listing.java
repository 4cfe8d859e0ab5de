package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A list of values of one shape.
///
/// @param minimum how many there are at least
record Listing<T>(Shape<T> item, int minimum) implements Shape<List<T>> {

  static <T> Listing<T> of(Shape<T> item) {
    return new Listing<>(item, 0);
  }

  static <T> Listing<T> atLeastOne(Shape<T> item) {
    return new Listing<>(item, 1);
  }

  @Override
  public Optional<List<T>> read(Yaml yaml, String path, Reading reading) {
    if (!(yaml instanceof Yaml.Sequence sequence)) {
      reading.mistake(
          yaml.place(),
          path,
          "expected a list ('- …' on lines of its own, or [ … ]) and found " + yaml.kind());
      return Optional.empty();
    }
    if (sequence.items().size() < minimum) {
      reading.mistake(yaml.place(), path, "is an empty list; give at least one");
      return Optional.empty();
    }
    var values = new ArrayList<T>();
    for (int i = 0; i < sequence.items().size(); i++) {
      var value = sequence.items().get(i);
      item.read(value, "%s[%s]".formatted(path, label(value, i)), reading).ifPresent(values::add);
    }
    return values.size() == sequence.items().size()
        ? Optional.of(List.copyOf(values))
        : Optional.empty();
  }

  /// What people call the item, for its number changes with the order of the files.
  private static String label(Yaml item, int index) {
    if (item instanceof Yaml.Mapping mapping) {
      for (var entry : mapping.entries()) {
        var names = entry.key().equals("name") || entry.key().equals("id");
        if (names && entry.value() instanceof Yaml.Scalar scalar && !scalar.text().isEmpty()) {
          return Words.shown(scalar.text());
        }
      }
    }
    return String.valueOf(index);
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "array");
    schema.put("items", item.schema(definitions));
    if (minimum > 0) {
      schema.put("minItems", minimum);
    }
    return schema;
  }

  @Override
  public void findConfidential(Yaml yaml, Consumer<Yaml.Scalar> mask) {
    if (yaml instanceof Yaml.Sequence sequence) {
      sequence.items().forEach(value -> item.findConfidential(value, mask));
    }
  }
}
