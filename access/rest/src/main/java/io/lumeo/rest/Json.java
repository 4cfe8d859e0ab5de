package io.lumeo.rest;

import io.lumeo.block.StorageException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// JSON text to and from trees of [Map], [List], [String], [Long], [Double], [Boolean] and null,
/// and of [BigInteger] for what has 64 bits and no sign.
///
/// Only Jackson's streaming half is used: a command that is to be over in 200 ms has no time to
/// start its data binding, and [Records] does what we need of that.
public final class Json {
  /// A request or an answer nests a record in a list in a record; more is somebody's mistake.
  private static final int MAX_DEPTH = 16;

  private static final Pattern SOURCE = Pattern.compile("\\s*\\((?:start marker at )?\\[Source:.*");

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(32)
                  .build())
          .build();

  private Json() {}

  /// The tree, or the record or list of records, on one line.
  public static byte[] write(@Nullable Object value) {
    return text(value, ObjectWriteContext.empty()).getBytes(StandardCharsets.UTF_8);
  }

  /// The same for people: one field a line, indented by two.
  public static String pretty(@Nullable Object value) {
    var indenter = new DefaultIndenter("  ", "\n");
    var printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    return text(
        value,
        new ObjectWriteContext.Base() {
          @Override
          public tools.jackson.core.PrettyPrinter getPrettyPrinter() {
            return printer.createInstance();
          }

          @Override
          public boolean hasPrettyPrinter() {
            return true;
          }
        });
  }

  private static String text(@Nullable Object value, ObjectWriteContext context) {
    var text = new StringWriter();
    try (var generator = FACTORY.createGenerator(context, text)) {
      write(generator, Records.toTree(value));
    }
    return text.toString();
  }

  private static void write(JsonGenerator out, @Nullable Object tree) {
    switch (tree) {
      case null -> out.writeNull();
      case String string -> out.writeString(string);
      case Boolean truth -> out.writeBoolean(truth);
      case Double number -> out.writeNumber(number);
      case BigInteger number -> out.writeNumber(number);
      case Number number -> out.writeNumber(number.longValue());
      case List<?> list -> {
        out.writeStartArray();
        list.forEach(item -> write(out, item));
        out.writeEndArray();
      }
      case Map<?, ?> map -> {
        out.writeStartObject();
        map.forEach((name, item) -> {
          out.writeName((String) name);
          write(out, item);
        });
        out.writeEndObject();
      }
      default -> throw new IllegalArgumentException("no JSON for " + tree.getClass());
    }
  }

  /// Reads exactly one JSON value.
  ///
  /// @throws StorageException.InvalidArgument if it is not JSON, with the line and column
  public static @Nullable Object read(byte[] text) throws StorageException {
    try (var parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        throw new StorageException.InvalidArgument("the body is empty; send a JSON object");
      }
      var tree = value(parser);
      if (parser.nextToken() != null) {
        throw new StorageException.InvalidArgument("there is more after the JSON value");
      }
      return tree;
    } catch (JacksonException e) {
      var location = e.getLocation();
      throw new StorageException.InvalidArgument(
          "the body is not JSON: line %d, column %d: %s"
              .formatted(
                  location == null ? 1 : location.getLineNr(),
                  location == null ? 1 : location.getColumnNr(),
                  firstLine(e.getOriginalMessage())));
    }
  }

  /// What the parser says, without the words in which it would show the source.
  private static String firstLine(String message) {
    return SOURCE.matcher(message.lines().findFirst().orElse("unreadable")).replaceAll("");
  }

  private static @Nullable Object value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        var map = new LinkedHashMap<String, @Nullable Object>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          var name = parser.currentName();
          parser.nextToken();
          map.put(name, value(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        var list = new ArrayList<@Nullable Object>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> wholeNumber(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IllegalStateException("unexpected token " + parser.currentToken());
    };
  }

  /// What does not fit in 64 bits is an error of the parser's.
  private static Number wholeNumber(JsonParser parser) {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      var number = parser.getBigIntegerValue();
      if (number.signum() > 0 && number.bitLength() <= Long.SIZE) {
        return number;
      }
    }
    return parser.getLongValue();
  }
}
