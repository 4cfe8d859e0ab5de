package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// A block of known keys that becomes a value.
///
/// @param name of its own among all sections: the name of its definition in the schema
/// @param together which of the keys go together, and which do not
/// @param checks what else must hold between the keys
/// @param make builds the value; only called when nothing in the block is wrong
record Section<T>(
    String name,
    String about,
    List<Key<?>> keys,
    List<Together> together,
    List<Check> checks,
    Function<Values, T> make)
    implements Shape<T> {

  /// Something that must hold between keys. Runs even if some of them are wrong by themselves, so
  /// that all mistakes are found at once.
  interface Check {
    void check(Values values, Reading reading);
  }

  /// One of `keys`, and only one.
  ///
  /// @param required whether there must be one at all
  record Together(List<Key<?>> keys, boolean required) {
    private String names() {
      return String.join(", ", keys.stream().map(key -> "'" + key.name() + "'").toList());
    }

    private void check(Values values, Reading reading) {
      var written = keys.stream().filter(values::isWritten).toList();
      if (written.isEmpty() && required) {
        reading.mistake(values.place(), values.path(), "needs one of " + names());
      }
      for (var extra : written.subList(Math.min(1, written.size()), written.size())) {
        reading.mistake(
            values.place(extra),
            join(values.path(), extra.name()),
            "only one of %s can be given; '%s' is already"
                .formatted(names(), written.getFirst().name()));
      }
    }

    private List<Map<String, Object>> schemas() {
      var alternatives = new ArrayList<Map<String, Object>>();
      for (var key : keys) {
        alternatives.add(Map.of("required", List.of(key.name())));
      }
      if (!required) {
        alternatives.add(Map.of("not", Map.of("anyOf", List.copyOf(alternatives))));
      }
      return alternatives;
    }
  }

  static <T> Section<T> of(String name, String about, List<Key<?>> keys, Function<Values, T> make) {
    return new Section<>(name, about, List.copyOf(keys), List.of(), List.of(), make);
  }

  Section<T> exactlyOneOf(Key<?>... alternatives) {
    return with(new Together(List.of(alternatives), true));
  }

  Section<T> atMostOneOf(Key<?>... alternatives) {
    return with(new Together(List.of(alternatives), false));
  }

  private Section<T> with(Together more) {
    var all = new ArrayList<>(together);
    all.add(more);
    return new Section<>(name, about, keys, List.copyOf(all), checks, make);
  }

  Section<T> checked(Check check) {
    var all = new ArrayList<>(checks);
    all.add(check);
    return new Section<>(name, about, keys, together, List.copyOf(all), make);
  }

  @Override
  public Optional<T> read(Yaml yaml, String path, Reading reading) {
    if (!(yaml instanceof Yaml.Mapping mapping)) {
      reading.mistake(
          yaml.place(),
          path,
          "expected keys (%s) and found %s".formatted(String.join(", ", names()), yaml.kind()));
      return Optional.empty();
    }
    var before = reading.mistakeCount();
    var values = new Values(mapping.place(), path);
    for (var entry : mapping.entries()) {
      readEntry(entry, values, reading);
    }
    for (var key : keys) {
      if (key.required() && !values.isWritten(key)) {
        reading.mistake(
            mapping.place(),
            path,
            "the key '%s' is missing: %s".formatted(key.name(), key.about()));
      }
    }
    together.forEach(rule -> rule.check(values, reading));
    checks.forEach(check -> check.check(values, reading));
    return reading.mistakeCount() == before ? Optional.of(make.apply(values)) : Optional.empty();
  }

  private void readEntry(Yaml.Entry entry, Values values, Reading reading) {
    var key = keys.stream().filter(known -> known.name().equals(entry.key())).findFirst();
    if (key.isPresent()) {
      values.written(key.get(), entry.place());
      readValue(key.get(), entry, values, reading);
    } else {
      // The value is not shown: an unknown key may be a misspelt password.
      reading.mistake(
          entry.place(),
          join(values.path(), Words.shown(entry.key())),
          "there is no such key here" + Words.suggestion(entry.key(), names()));
    }
  }

  private static <V> void readValue(Key<V> key, Yaml.Entry entry, Values values, Reading reading) {
    key.shape()
        .read(entry.value(), join(values.path(), key.name()), reading)
        .ifPresent(value -> values.put(key, value));
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private List<String> names() {
    return keys.stream().<String>map(Key::name).toList();
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    if (!definitions.containsKey(name)) {
      definitions.put(name, Map.of()); // keeps the order of first mention
      definitions.put(name, definition(definitions));
    }
    return Map.of("$ref", "#/$defs/" + name);
  }

  /// The section itself, not a reference to it.
  Map<String, Object> definition(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("description", about);
    schema.put("type", "object");
    schema.put("additionalProperties", false);
    var required = keys.stream().filter(Key::required).map(Key::name).toList();
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    var rules = together.stream().map(rule -> Map.of("oneOf", rule.schemas())).toList();
    if (!rules.isEmpty()) {
      schema.put("allOf", rules);
    }
    var properties = new LinkedHashMap<String, Object>();
    for (var key : keys) {
      var property = new LinkedHashMap<String, Object>();
      property.put(
          "description",
          key.missingText().isEmpty()
              ? key.about()
              : key.about() + " (default: " + key.missingText() + ")");
      property.putAll(key.shape().schema(definitions));
      properties.put(key.name(), property);
    }
    schema.put("properties", properties);
    return schema;
  }

  @Override
  public void findConfidential(Yaml yaml, Consumer<Yaml.Scalar> mask) {
    if (yaml instanceof Yaml.Mapping mapping) {
      for (var entry : mapping.entries()) {
        keys.stream()
            .filter(key -> key.name().equals(entry.key()))
            .forEach(key -> key.shape().findConfidential(entry.value(), mask));
      }
    }
  }
}
