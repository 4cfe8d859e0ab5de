package io.lumeo.alerts;

import io.lumeo.alerts.Alert.Announcement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Alerts and messages as JSON: as they are remembered, and as webhooks and commands receive them.
final class AlertJson {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private AlertJson() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  static String text(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  static JsonNode parse(String text) {
    return MAPPER.readTree(text);
  }

  static ObjectNode of(Message message) {
    var json = object();
    json.put("apiVersion", "lumeo/v1").put("kind", "AlertMessage");
    json.put("id", message.id()).put("at", message.at().toString());
    json.put("subject", message.subject());
    var alerts = json.putArray("alerts");
    message.notices().forEach(notice -> alerts.add(of(notice)));
    return json;
  }

  private static ObjectNode of(Notice notice) {
    var alert = notice.alert();
    var json = object();
    json.put("fingerprint", alert.fingerprint());
    json.put("status", notice.isResolved() ? "resolved" : "firing");
    json.put("notice", notice.kind().name());
    json.put("severity", notice.severity().word());
    json.put("rule", alert.rule());
    putLabels(json, alert.labels());
    putValue(json, alert.value());
    json.put("level", alert.level());
    putInstant(json, "begunAt", notice.begunAt());
    putInstant(json, "endedAt", notice.endedAt());
    json.put("changedAt", alert.changedAt().toString());
    json.put("title", notice.text().title());
    json.put("meaning", notice.text().meaning());
    var next = json.putArray("next");
    notice.text().next().forEach(next::add);
    return json;
  }

  static Message message(JsonNode json) {
    var notices = new ArrayList<Notice>();
    json.required("alerts").forEach(notice -> notices.add(notice(notice)));
    return new Message(json.required("id").stringValue(), instant(json.required("at")), notices);
  }

  private static Notice notice(JsonNode json) {
    var next = new ArrayList<String>();
    json.required("next").forEach(step -> next.add(step.stringValue()));
    var alert =
        new Alert(
            json.required("rule").stringValue(),
            labels(json.required("labels")),
            value(json.required("value")),
            json.required("level").intValue(),
            null,
            null,
            instant(json.required("changedAt")),
            List.of(),
            null);
    return new Notice(
        Notice.Kind.valueOf(json.required("notice").stringValue()),
        alert,
        severity(json.required("severity")),
        new AlertText(
            json.required("title").stringValue(), json.required("meaning").stringValue(), next),
        instant(json.required("begunAt")),
        optionalInstant(json.get("endedAt")));
  }

  static ObjectNode of(Alert alert) {
    var json = object();
    json.put("rule", alert.rule());
    putLabels(json, alert.labels());
    putValue(json, alert.value());
    if (!alert.because().isEmpty()) {
      json.put("because", alert.because());
    }
    json.put("level", alert.level());
    putInstant(json, "risingSince", alert.risingSince());
    putInstant(json, "fallingSince", alert.fallingSince());
    putInstant(json, "changedAt", alert.changedAt());
    var firings = json.putArray("firings");
    alert.firings().forEach(at -> firings.add(at.toString()));
    var told = alert.announced();
    if (told != null) {
      json.putObject("announced")
          .put("level", told.level())
          .put("severity", told.severity().word())
          .put("at", told.at().toString());
    }
    return json;
  }

  static Alert alert(JsonNode json) {
    var firings = new ArrayList<Instant>();
    json.required("firings").forEach(at -> firings.add(instant(at)));
    var told = json.get("announced");
    return new Alert(
        json.required("rule").stringValue(),
        labels(json.required("labels")),
        value(json.required("value")),
        json.path("because").asString(""),
        json.required("level").intValue(),
        optionalInstant(json.get("risingSince")),
        optionalInstant(json.get("fallingSince")),
        instant(json.required("changedAt")),
        firings,
        told == null
            ? null
            : new Announcement(
                told.required("level").intValue(),
                severity(told.required("severity")),
                instant(told.required("at"))));
  }

  static void putLabels(ObjectNode json, SortedMap<String, String> labels) {
    var object = json.putObject("labels");
    labels.forEach(object::put);
  }

  private static SortedMap<String, String> labels(JsonNode json) {
    var labels = new TreeMap<String, String>();
    json.properties().forEach(label -> labels.put(label.getKey(), label.getValue().stringValue()));
    return labels;
  }

  /// JSON has no word for what is not a number.
  private static void putValue(ObjectNode json, double value) {
    if (Double.isFinite(value)) {
      json.put("value", value);
    } else {
      json.putNull("value");
    }
  }

  private static double value(JsonNode json) {
    return json.isNull() ? Double.NaN : json.doubleValue();
  }

  private static void putInstant(ObjectNode json, String name, @Nullable Instant at) {
    if (at != null) {
      json.put(name, at.toString());
    }
  }

  private static @Nullable Instant optionalInstant(@Nullable JsonNode json) {
    return json == null ? null : instant(json);
  }

  private static Instant instant(JsonNode json) {
    return Instant.parse(json.stringValue());
  }

  private static Severity severity(JsonNode json) {
    for (var severity : Severity.values()) {
      if (severity.word().equals(json.stringValue())) {
        return severity;
      }
    }
    throw new IllegalArgumentException("there is no severity " + json.stringValue());
  }
}
