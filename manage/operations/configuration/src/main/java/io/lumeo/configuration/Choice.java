package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// One of several sections, told apart by what their key `kind` says.
///
/// @param sections the value of `kind` → the section
record Choice<T>(Map<String, Section<? extends T>> sections) implements Shape<T> {
  private static final String KIND = "kind";

  /// The key by which a section is chosen, as a key of that section.
  static Key<String> kind(String value) {
    return Key.required(KIND, Scalars.constant(value), "what it is");
  }

  @Override
  public Optional<T> read(Yaml yaml, String path, Reading reading) {
    if (!(yaml instanceof Yaml.Mapping mapping)) {
      reading.mistake(
          yaml.place(), path, "expected keys, 'kind' among them, and found " + yaml.kind());
      return Optional.empty();
    }
    var section = section(mapping);
    if (section.isPresent()) {
      return section.get().read(yaml, path, reading).map(value -> value);
    }
    var kind = kindOf(mapping);
    if (kind.isEmpty()) {
      reading.mistake(
          yaml.place(), path, "the key 'kind' is missing: one of " + String.join(", ", names()));
    } else {
      reading.mistake(
          kind.get().place(),
          Section.join(path, KIND),
          "expected one of %s and found %s%s"
              .formatted(
                  String.join(", ", names()),
                  kind.get().kind(),
                  kind.get() instanceof Yaml.Scalar scalar
                      ? Words.meant(scalar.text(), names())
                          .map("; did you mean '%s'?"::formatted)
                          .orElse("")
                      : ""));
    }
    return Optional.empty();
  }

  private Optional<Section<? extends T>> section(Yaml.Mapping mapping) {
    return kindOf(mapping)
        .filter(kind -> kind instanceof Yaml.Scalar)
        .map(kind -> sections.get(((Yaml.Scalar) kind).text()));
  }

  private static Optional<Yaml> kindOf(Yaml.Mapping mapping) {
    return mapping.entries().stream()
        .filter(entry -> entry.key().equals(KIND))
        .map(Yaml.Entry::value)
        .findFirst();
  }

  private List<String> names() {
    return List.copyOf(sections.keySet());
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var alternatives = new ArrayList<Map<String, Object>>();
    sections.values().forEach(section -> alternatives.add(section.schema(definitions)));
    var schema = new LinkedHashMap<String, Object>();
    schema.put("oneOf", alternatives);
    return schema;
  }

  @Override
  public void findConfidential(Yaml yaml, Consumer<Yaml.Scalar> mask) {
    if (yaml instanceof Yaml.Mapping mapping) {
      section(mapping).ifPresent(section -> section.findConfidential(yaml, mask));
    }
  }
}
