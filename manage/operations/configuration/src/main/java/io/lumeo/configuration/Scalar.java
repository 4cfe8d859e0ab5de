package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A single value: a kind of text, a whole number, or true and false.
///
/// @param what for messages, with an example: `a duration such as 30s`
/// @param type what YAML must see in it
/// @param schema what JSON Schema says of it
/// @param hasUnit whether a bare number lacks a unit, and not quotes
/// @param meanings what is looked at once it is read: names that it gives or refers to, schedules
record Scalar<T>(
    String what,
    Yaml.Type type,
    Map<String, Object> schema,
    Parser<T> parser,
    List<Meaning<T>> meanings,
    boolean confidential,
    boolean hasUnit)
    implements Shape<T> {

  /// Text → value.
  interface Parser<T> {
    T parse(String text) throws WrongValue;
  }

  /// What a value that is right by itself means for the rest.
  interface Meaning<T> {
    void note(T value, Yaml.Scalar yaml, String path, Reading reading) throws WrongValue;
  }

  static <T> Scalar<T> text(String what, Map<String, Object> schema, Parser<T> parser) {
    return new Scalar<>(what, Yaml.Type.TEXT, schema, parser, List.of(), false, false);
  }

  /// Text of the form `pattern`, which the schema knows as well.
  static <T> Scalar<T> matching(String what, String pattern, Parser<T> parser) {
    var compiled = java.util.regex.Pattern.compile(pattern);
    return text(
        what,
        Map.of("pattern", pattern),
        text -> {
          if (!compiled.matcher(text).matches()) {
            throw new WrongValue("is not " + what);
          }
          return parser.parse(text);
        });
  }

  Scalar<T> meaning(Meaning<T> meaning) {
    var more = new ArrayList<>(meanings);
    more.add(meaning);
    return new Scalar<>(what, type, schema, parser, List.copyOf(more), confidential, hasUnit);
  }

  /// The same, of whose text the unit is a part.
  Scalar<T> withUnit() {
    return new Scalar<>(what, type, schema, parser, meanings, confidential, true);
  }

  /// The same, but its text is never shown again.
  Scalar<T> asConfidential() {
    return new Scalar<>(what, type, schema, parser, meanings, true, hasUnit);
  }

  @Override
  public Optional<T> read(Yaml yaml, String path, Reading reading) {
    if (!(yaml instanceof Yaml.Scalar scalar) || scalar.type() != type) {
      reading.mistake(yaml.place(), path, wrongType(yaml));
      return Optional.empty();
    }
    try {
      var value = parser.parse(scalar.text());
      for (var meaning : meanings) {
        meaning.note(value, scalar, path, reading);
      }
      return Optional.of(value);
    } catch (WrongValue wrong) {
      reading.mistake(scalar.at(wrong.offset), path, shown(scalar) + " " + wrong.message());
      return Optional.empty();
    }
  }

  private String shown(Yaml.Scalar scalar) {
    if (confidential) {
      return "what is written here (and not repeated)";
    }
    return type == Yaml.Type.TEXT
        ? "'" + Words.shown(scalar.text()) + "'"
        : Words.shown(scalar.text());
  }

  private String wrongType(Yaml yaml) {
    if (yaml instanceof Yaml.Scalar scalar) {
      var number = scalar.type() == Yaml.Type.WHOLE || scalar.type() == Yaml.Type.DECIMAL;
      if (scalar.type() == Yaml.Type.NOTHING) {
        return "has no value; expected " + what;
      }
      if (confidential) {
        return "expected " + what + "; what is written here is not repeated";
      }
      if (number && type == Yaml.Type.TEXT && hasUnit) {
        return "%s has no unit; expected %s".formatted(Words.shown(scalar.text()), what);
      }
      if (number && type == Yaml.Type.TEXT) {
        return "expected %s and found %s; put it in quotes".formatted(what, scalar.kind());
      }
    }
    return "expected %s and found %s".formatted(what, yaml.kind());
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put(
        "type",
        switch (type) {
          case WHOLE -> "integer";
          case TRUTH -> "boolean";
          case TEXT, DECIMAL, NOTHING -> "string";
        });
    schema.putAll(this.schema);
    return schema;
  }

  @Override
  public void findConfidential(Yaml yaml, Consumer<Yaml.Scalar> mask) {
    if (confidential && yaml instanceof Yaml.Scalar scalar) {
      mask.accept(scalar);
    }
  }
}
