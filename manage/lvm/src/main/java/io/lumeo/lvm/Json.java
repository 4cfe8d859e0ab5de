package io.lumeo.lvm;

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

/// The few forms of JSON that the journal is made of. A field that is not there is an error, as the
/// journal is read by who wrote it.
final class Json {
  static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /// An object that says which alternative of a sealed type it is.
  static ObjectNode object(String type) {
    return object().put("type", type);
  }

  static ArrayNode array(Collection<String> texts) {
    var array = MAPPER.createArrayNode();
    texts.forEach(array::add);
    return array;
  }

  static String text(JsonNode node, String field) {
    return node.required(field).stringValue();
  }

  static @Nullable String textOrNull(JsonNode node, String field) {
    var value = node.required(field);
    return value.isNull() ? null : value.stringValue();
  }

  static long number(JsonNode node, String field) {
    return node.required(field).longValue();
  }

  static @Nullable Long numberOrNull(JsonNode node, String field) {
    var value = node.required(field);
    return value.isNull() ? null : value.longValue();
  }

  static boolean flag(JsonNode node, String field) {
    return node.required(field).booleanValue();
  }

  static List<String> texts(JsonNode node, String field) {
    var texts = new ArrayList<String>();
    node.required(field).forEach(item -> texts.add(item.stringValue()));
    return texts;
  }

  static SortedSet<String> textSet(JsonNode node, String field) {
    return new TreeSet<>(texts(node, field));
  }
}
