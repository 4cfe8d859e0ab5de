package io.lumeo.storage;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The few forms of JSON that journals are made of. A field that is not there is an error, as the
/// journal is read by who wrote it.
public final class Json {
  /// Writes and reads trees.
  public static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /// An object that says which alternative of a sealed type it is.
  public static ObjectNode object(String type) {
    return object().put("type", type);
  }

  public static ArrayNode array(Collection<String> texts) {
    var array = MAPPER.createArrayNode();
    texts.forEach(array::add);
    return array;
  }

  public static String text(JsonNode node, String field) {
    return node.required(field).stringValue();
  }

  public static @Nullable String textOrNull(JsonNode node, String field) {
    var value = node.required(field);
    return value.isNull() ? null : value.stringValue();
  }

  public static long number(JsonNode node, String field) {
    return node.required(field).longValue();
  }

  public static @Nullable Long numberOrNull(JsonNode node, String field) {
    var value = node.required(field);
    return value.isNull() ? null : value.longValue();
  }

  public static boolean flag(JsonNode node, String field) {
    return node.required(field).booleanValue();
  }

  public static List<String> texts(JsonNode node, String field) {
    var texts = new ArrayList<String>();
    node.required(field).forEach(item -> texts.add(item.stringValue()));
    return texts;
  }

  public static SortedSet<String> textSet(JsonNode node, String field) {
    return new TreeSet<>(texts(node, field));
  }
}
