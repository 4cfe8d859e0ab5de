package io.lumeo.configuration;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.json.JsonMapper;

/// The configuration's JSON Schema (2020-12), for editors. It is written from the same keys that
/// the parser reads by. What needs more than one place to be seen, such as a reference to a channel
/// that is not there, only the parser finds.
public final class ConfigurationSchema {
  private ConfigurationSchema() {}

  /// The schema, as it is published.
  public static String text() {
    var indenter = new DefaultIndenter("  ", "\n");
    var printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    return JsonMapper.shared().writer().with(printer).writeValueAsString(tree()) + "\n";
  }

  private static Map<String, Object> tree() {
    var definitions = new LinkedHashMap<String, Object>();
    var root = ConfigurationKeys.SHAPE.definition(definitions);
    var schema = new LinkedHashMap<String, Object>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Lumeo");
    schema.putAll(root);
    schema.put("$defs", definitions);
    return schema;
  }
}
