package io.lumeo.rest;

import io.lumeo.block.StorageException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigInteger;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Records to and from trees: a component's name is the field's name, so what REST says, what the
/// command prints and what the code calls it are one word.
///
/// A component must be present unless it is `@Nullable` or a list (then empty). Fields that the
/// record does not know are refused by name: a mistyped option that is quietly ignored is how
/// volumes get the wrong size.
public final class Records {
  private Records() {}

  /// The tree of a value: records become maps in the order of their components, enum constants
  /// their names in lower case with hyphens, instants ISO text.
  public static @Nullable Object toTree(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Record item -> fields(item);
      case Map<?, ?> map -> {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((name, item) -> tree.put(name.toString(), toTree(item)));
        yield tree;
      }
      case Collection<?> items -> items.stream().map(Records::toTree).toList();
      case Enum<?> constant -> word(constant);
      case Instant instant -> instant.toString();
      default -> value;
    };
  }

  /// How an enum constant is written everywhere: `OUT_OF_DATA_SPACE` is `out-of-data-space`.
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Map<String, @Nullable Object> fields(Record item) {
    var tree = new LinkedHashMap<String, @Nullable Object>();
    for (var component : item.getClass().getRecordComponents()) {
      try {
        tree.put(component.getName(), toTree(component.getAccessor().invoke(item)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(component + " of a public record cannot be read", e);
      }
    }
    return tree;
  }

  /// Makes a record from what was received.
  ///
  /// @throws StorageException.InvalidArgument naming the field that is missing, unknown or of the
  ///   wrong type
  public static <T extends Record> T fromTree(@Nullable Object tree, Class<T> type)
      throws StorageException {
    if (!(tree instanceof Map<?, ?> map)) {
      throw new StorageException.InvalidArgument("a JSON object is wanted, not " + kind(tree));
    }
    var components = type.getRecordComponents();
    refuseUnknown(map, components);
    var arguments = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      arguments[i] = argument(map, components[i]);
    }
    return construct(type, components, arguments);
  }

  /// Makes a list of records from what was received.
  public static <T extends Record> List<T> listFromTree(@Nullable Object tree, Class<T> type)
      throws StorageException {
    if (!(tree instanceof List<?> items)) {
      throw new StorageException.InvalidArgument("a JSON array is wanted, not " + kind(tree));
    }
    var list = new java.util.ArrayList<T>(items.size());
    for (var item : items) {
      list.add(fromTree(item, type));
    }
    return list;
  }

  private static void refuseUnknown(Map<?, ?> map, RecordComponent[] components)
      throws StorageException {
    var known = Arrays.stream(components).map(RecordComponent::getName).toList();
    for (var name : map.keySet()) {
      if (!known.contains(name)) {
        throw new StorageException.InvalidArgument(
            "field '%s' is not known; known are %s".formatted(name, String.join(", ", known)));
      }
    }
  }

  static boolean isNullable(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  /// Whether a record can be made without this field.
  static boolean mayBeLeftOut(RecordComponent component) {
    return isNullable(component) || List.class.isAssignableFrom(component.getType());
  }

  private static @Nullable Object argument(Map<?, ?> map, RecordComponent component)
      throws StorageException {
    var value = map.get(component.getName());
    if (value != null) {
      return convert(component, value);
    }
    if (isNullable(component)) {
      return null;
    }
    if (List.class.isAssignableFrom(component.getType())) {
      return List.of();
    }
    throw new StorageException.InvalidArgument(
        "field '" + component.getName() + "' is missing; give it");
  }

  private static Object convert(RecordComponent component, Object value) throws StorageException {
    var type = component.getType();
    if (type == String.class && value instanceof String) {
      return value;
    }
    if ((type == long.class || type == Long.class) && value instanceof Long) {
      return value;
    }
    if (type == BigInteger.class && value instanceof BigInteger) {
      return value;
    }
    if (type == BigInteger.class && value instanceof Long number) {
      return BigInteger.valueOf(number);
    }
    if ((type == int.class || type == Integer.class) && value instanceof Long number) {
      if (number == number.intValue()) {
        return number.intValue();
      }
    }
    if ((type == boolean.class || type == Boolean.class) && value instanceof Boolean) {
      return value;
    }
    if ((type == double.class || type == Double.class) && value instanceof Number number) {
      return number.doubleValue();
    }
    if (type == Instant.class && value instanceof String text) {
      return instant(component, text);
    }
    if (type.isEnum() && value instanceof String text) {
      return constant(component, text);
    }
    if (List.class.isAssignableFrom(type)
        && value instanceof List<?> list
        && list.stream().allMatch(String.class::isInstance)) {
      return List.copyOf(list);
    }
    throw new StorageException.InvalidArgument(
        "field '%s' must be %s, not %s".formatted(component.getName(), wanted(type), kind(value)));
  }

  private static Instant instant(RecordComponent component, String text) throws StorageException {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new StorageException.InvalidArgument(
          "field '%s' is not a time such as 2026-01-31T12:00:00Z: '%s'"
              .formatted(component.getName(), text));
    }
  }

  private static Object constant(RecordComponent component, String text) throws StorageException {
    var constants = component.getType().getEnumConstants();
    for (var constant : constants) {
      if (word((Enum<?>) constant).equals(text)) {
        return constant;
      }
    }
    throw new StorageException.InvalidArgument(
        "field '%s' must be one of %s, not '%s'"
            .formatted(
                component.getName(),
                Arrays.stream(constants)
                    .map(constant -> word((Enum<?>) constant))
                    .collect(Collectors.joining(", ")),
                text));
  }

  private static String wanted(Class<?> type) {
    if (type == String.class || type == Instant.class || type.isEnum()) {
      return "a string";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (List.class.isAssignableFrom(type)) {
      return "an array of strings";
    }
    return type == double.class || type == Double.class ? "a number" : "a whole number";
  }

  private static String kind(@Nullable Object tree) {
    return switch (tree) {
      case null -> "null";
      case Map<?, ?> _ -> "an object";
      case List<?> _ -> "an array";
      case String _ -> "a string";
      case Boolean _ -> "true or false";
      case Long _ -> "a whole number";
      case BigInteger _ -> "a number that large";
      case Number _ -> "a fraction";
      default -> tree.getClass().getSimpleName();
    };
  }

  private static <T extends Record> T construct(
      Class<T> type, RecordComponent[] components, @Nullable Object[] arguments)
      throws StorageException {
    var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw new StorageException.InvalidArgument(String.valueOf(refused.getMessage()));
      }
      throw new IllegalStateException("the constructor of " + type + " failed", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " is not a public record", e);
    }
  }
}
