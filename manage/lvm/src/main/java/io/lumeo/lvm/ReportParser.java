package io.lumeo.lvm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/// Reads what `lvm fullreport` writes as JSON, in every dialect of `json` and `json_std`: values
/// quoted or not, lists as arrays or joined by commas, `""`, `null` and `-1` for what is not known,
/// a `log` beside the report or none, messages before it, escapes that JSON does not have. What is
/// new in it is passed over.
///
/// One pass, and the names of fields are shared: ten thousand volumes take a fraction of a second.
final class ReportParser {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .build();

  private final JsonParser json;
  private final List<LvmReport.Group> groups = new ArrayList<>();
  private final List<DeviceRow> freeDevices = new ArrayList<>();
  private final List<String> messages = new ArrayList<>();

  private ReportParser(JsonParser json) {
    this.json = json;
  }

  /// @throws UnreadableReport if there is no report in it, or it breaks off
  static LvmReport parse(String text) throws UnreadableReport {
    int start = start(text);
    var ahead = text.substring(0, start).lines().map(String::strip).filter(l -> !l.isEmpty());
    try (var json = FACTORY.createParser(ObjectReadContext.empty(), text.substring(start))) {
      var parser = new ReportParser(json);
      parser.messages.addAll(ahead.toList());
      parser.readAll();
      return new LvmReport(parser.groups, parser.freeDevices, parser.messages);
    } catch (JacksonException e) {
      throw new UnreadableReport(
          "LVM's report is not JSON: " + e.getOriginalMessage().lines().findFirst().orElse("?"), e);
    }
  }

  /// Where the report begins: at the first brace that begins a line.
  private static int start(String text) throws UnreadableReport {
    for (int at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
      int lineStart = text.lastIndexOf('\n', at) + 1;
      if (text.substring(lineStart, at).isBlank()) {
        return at;
      }
    }
    throw new UnreadableReport(
        "LVM gave no report"
            + (text.isBlank() ? "" : " but said: " + text.strip().lines().toList().getFirst()));
  }

  private void readAll() throws UnreadableReport {
    boolean found = false;
    json.nextToken();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = json.currentName();
      json.nextToken();
      switch (name) {
        case "report" -> {
          readParts();
          found = true;
        }
        case "log" -> readRows().forEach(this::note);
        default -> json.skipChildren();
      }
    }
    if (!found || json.currentToken() != JsonToken.END_OBJECT) {
      throw new UnreadableReport("LVM's JSON holds no report, or breaks off");
    }
  }

  /// An array with an object for each group, and one for the devices without.
  private void readParts() {
    while (json.nextToken() == JsonToken.START_OBJECT) {
      var parts = new HashMap<String, List<Row>>();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = json.currentName();
        json.nextToken();
        parts.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(readRows());
      }
      add(parts);
    }
  }

  private List<Row> readRows() {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      json.skipChildren();
      return List.of();
    }
    var rows = new ArrayList<Row>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      rows.add(readRow());
    }
    return rows;
  }

  private Row readRow() {
    var fields = new HashMap<String, String>(64);
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = json.currentName();
      json.nextToken();
      var text = readValue();
      if (!text.isEmpty()) {
        fields.put(name, text);
      }
    }
    return new Row(fields);
  }

  private String readValue() {
    return switch (json.currentToken()) {
      case VALUE_STRING -> withoutNul(json.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE -> json.getString();
      case START_ARRAY -> readList();
      default -> {
        json.skipChildren();
        yield "";
      }
    };
  }

  private String readList() {
    var list = new StringJoiner(",");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      list.add(readValue());
    }
    return list.toString();
  }

  private static String withoutNul(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace("\0", "");
  }

  private void note(Row row) {
    var type = row.text("log_type");
    boolean failed = !row.text("log_errno").isEmpty() && !row.text("log_errno").equals("0");
    if (type.equals("error") || type.equals("warn") || failed) {
      var object = row.text("log_object_name");
      messages.add(
          object.isEmpty() ? row.text("log_message") : object + ": " + row.text("log_message"));
    }
  }

  private void add(Map<String, List<Row>> parts) {
    var devices = parts.getOrDefault("pv", List.of()).stream().map(DeviceRow::new).toList();
    var group = parts.getOrDefault("vg", List.of()).stream().findFirst();
    if (group.isEmpty() || group.get().text("vg_uuid").isEmpty()) {
      freeDevices.addAll(devices);
      return;
    }
    groups.add(
        new LvmReport.Group(
            new GroupRow(group.get()),
            distinct(devices),
            volumes(parts.getOrDefault("lv", List.of()), parts.getOrDefault("seg", List.of()))));
  }

  /// A row for each segment of a device comes when a field of segments is asked for.
  private static List<DeviceRow> distinct(List<DeviceRow> devices) {
    var byUuid = new LinkedHashMap<String, DeviceRow>();
    devices.forEach(device -> byUuid.putIfAbsent(device.uuid(), device));
    return List.copyOf(byUuid.values());
  }

  private static List<VolumeRow> volumes(List<Row> volumes, List<Row> segments) {
    var bySegment = new HashMap<String, List<SegmentRow>>();
    for (var segment : segments) {
      bySegment
          .computeIfAbsent(segment.text("lv_uuid"), _ -> new ArrayList<>())
          .add(new SegmentRow(segment));
    }
    bySegment
        .values()
        .forEach(list -> list.sort(Comparator.comparingLong(SegmentRow::startExtent)));
    var byUuid = new LinkedHashMap<String, VolumeRow>();
    for (var row : volumes) {
      var uuid = row.text("lv_uuid");
      byUuid.putIfAbsent(uuid, new VolumeRow(row, bySegment.getOrDefault(uuid, List.of())));
    }
    return List.copyOf(byUuid.values());
  }
}
