package io.lumeo.rest;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The resources described as OpenAPI 3.1. It is made of the routes that answer and of the records
/// that they read and write, so it cannot say anything else than they do.
final class OpenApi {
  private static final String DESCRIPTION =
      """
      A pool of thin volumes, served by this process. What takes long (deleting, trimming, rolling \
      back, counting) tells how far it is, a line of JSON each, when it is asked for \
      application/x-ndjson.\
      """;

  /// In the order of their names.
  private final Map<String, Object> schemas = new TreeMap<>();

  private OpenApi() {}

  static Map<String, Object> describe(List<Route> routes, String version) {
    return new OpenApi().document(routes, version);
  }

  private Map<String, Object> document(List<Route> routes, String version) {
    var paths = new LinkedHashMap<String, Map<String, Object>>();
    for (var route : routes) {
      paths
          .computeIfAbsent(route.template(), _ -> new LinkedHashMap<>())
          .put(route.method().toLowerCase(Locale.ROOT), operation(route));
    }
    var document = new LinkedHashMap<String, Object>();
    document.put("openapi", "3.1.0");
    document.put("info", Map.of("title", "Lumeo", "version", version, "description", DESCRIPTION));
    document.put("security", List.of(Map.of("token", List.of())));
    document.put("paths", paths);
    document.put(
        "components",
        Map.of(
            "schemas",
            schemas,
            "securitySchemes",
            Map.of(
                "token",
                Map.of(
                    "type",
                    "http",
                    "scheme",
                    "bearer",
                    "description",
                    "the content of the file 'token' in the server's directory"))));
    return document;
  }

  private Map<String, Object> operation(Route route) {
    var operation = new LinkedHashMap<String, Object>();
    operation.put("summary", route.summary());
    if (route.isOpen()) {
      operation.put("security", List.of());
    }
    var parameters = parameters(route);
    if (!parameters.isEmpty()) {
      operation.put("parameters", parameters);
    }
    if (!(route.takes() instanceof Shape.Nothing)) {
      operation.put("requestBody", Map.of("required", true, "content", content(route.takes())));
    }
    var responses = new LinkedHashMap<String, Object>();
    responses.put(Integer.toString(route.status()), response("done", route.gives()));
    responses.put(
        "default",
        Map.of(
            "description",
            "it failed",
            "content",
            Map.of(Problem.MEDIA_TYPE, Map.of("schema", schema(Problem.class)))));
    operation.put("responses", responses);
    return operation;
  }

  private static List<Object> parameters(Route route) {
    var parameters = new ArrayList<>();
    for (var segment : Route.segments(route.template())) {
      if (segment.startsWith("{")) {
        parameters.add(
            Map.of(
                "name",
                segment.substring(1, segment.length() - 1),
                "in",
                "path",
                "required",
                true,
                "schema",
                Map.of("type", "string")));
      }
    }
    route
        .queries()
        .forEach((name, type) ->
            parameters.add(Map.of("name", name, "in", "query", "schema", Map.of("type", type))));
    return parameters;
  }

  private Map<String, Object> response(String description, Shape shape) {
    return shape instanceof Shape.Nothing
        ? Map.of("description", description)
        : Map.of("description", description, "content", content(shape));
  }

  private Map<String, Object> content(Shape shape) {
    return switch (shape) {
      case Shape.Nothing() -> Map.of();
      case Shape.Other(var mediaType) -> Map.of(mediaType, Map.of());
      case Shape.One(var type) -> json(schema(type));
      case Shape.Many(var type) -> json(array(schema(type)));
      case Shape.OneOrMany(var type) ->
          json(Map.of("oneOf", List.of(schema(type), array(schema(type)))));
    };
  }

  private static Map<String, Object> json(Object schema) {
    return Map.of("application/json", Map.of("schema", schema));
  }

  private static Map<String, Object> array(Object items) {
    return Map.of("type", "array", "items", items);
  }

  // Records

  /// Refers to the schema of a record, which is added to those of the document.
  private Map<String, Object> schema(Class<?> type) {
    var name = type.getSimpleName();
    if (!schemas.containsKey(name)) {
      schemas.put(name, Map.of()); // or a record that holds its like would have no end
      schemas.put(name, object(type.getRecordComponents()));
    }
    return Map.of("$ref", "#/components/schemas/" + name);
  }

  private Map<String, Object> object(RecordComponent[] components) {
    var properties = new LinkedHashMap<String, Object>();
    for (var component : components) {
      properties.put(component.getName(), property(component));
    }
    var required =
        Arrays.stream(components)
            .filter(component -> !Records.mayBeLeftOut(component))
            .map(RecordComponent::getName)
            .toList();
    return Map.of("type", "object", "properties", properties, "required", required);
  }

  private Map<String, Object> property(RecordComponent component) {
    var value = value(component.getGenericType());
    return Records.isNullable(component) ? orNull(value) : value;
  }

  private static Map<String, Object> orNull(Map<String, Object> value) {
    var both = new LinkedHashMap<>(value);
    both.computeIfPresent("type", (_, type) -> List.of(type, "null"));
    both.computeIfPresent("enum", (_, words) -> withNull((List<?>) words));
    return both;
  }

  private static List<@Nullable Object> withNull(List<?> words) {
    var all = new ArrayList<@Nullable Object>(words);
    all.add(null);
    return all;
  }

  private Map<String, Object> value(Type type) {
    return switch (type) {
      case ParameterizedType list when list.getRawType() == List.class ->
          array(value(list.getActualTypeArguments()[0]));
      case Class<?> enumeration when enumeration.isEnum() ->
          Map.of("type", "string", "enum", words(enumeration));
      case Class<?> item when item.isRecord() -> schema(item);
      case Class<?> simple -> simple(simple);
      default -> throw new IllegalArgumentException("nothing describes " + type);
    };
  }

  private static List<String> words(Class<?> enumeration) {
    return Arrays.stream(enumeration.getEnumConstants())
        .map(constant -> Records.word((Enum<?>) constant))
        .toList();
  }

  private static Map<String, Object> simple(Class<?> type) {
    if (type == String.class) {
      return Map.of("type", "string");
    }
    if (type == Instant.class) {
      return Map.of("type", "string", "format", "date-time");
    }
    if (type == boolean.class || type == Boolean.class) {
      return Map.of("type", "boolean");
    }
    if (type == double.class || type == Double.class) {
      return Map.of("type", "number");
    }
    if (type == int.class || type == Integer.class) {
      return Map.of("type", "integer", "format", "int32");
    }
    if (type == long.class || type == Long.class) {
      return Map.of("type", "integer", "format", "int64");
    }
    if (type == BigInteger.class) {
      return Map.of("type", "integer", "minimum", 0);
    }
    throw new IllegalArgumentException("nothing describes " + type);
  }
}
