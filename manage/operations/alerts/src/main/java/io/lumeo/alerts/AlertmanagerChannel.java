package io.lumeo.alerts;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Hands alerts to Prometheus' Alertmanager, by its API v2. That one groups, repeats, silences and
/// routes by itself, and forgets at its end what it is not told again: so it is told at each minute
/// of all that stands, and each time until when that is to be believed.
///
/// An alert that becomes graver is another alert to it, by its `severity`; the milder one ends
/// within [#BELIEVED_FOR].
public final class AlertmanagerChannel implements Channel {
  static final Duration BELIEVED_FOR = Duration.ofMinutes(5);

  private final String name;
  private final URI address;
  private final @Nullable Secret authorization;
  private final HttpSender sender;

  /// A channel to the Alertmanager at `address`, such as `http://localhost:9093`.
  ///
  /// @param authorization the value of the `Authorization` header, or null
  public AlertmanagerChannel(
      String name, URI address, @Nullable Secret authorization, HttpSender sender) {
    this.name = name;
    this.address = URI.create(address.toString().replaceAll("/+$", "") + "/api/v2/alerts");
    this.authorization = authorization;
    this.sender = sender;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean wantsWhatStands() {
    return true;
  }

  @Override
  public void deliver(Message message) throws DeliveryFailure {
    var alerts = AlertJson.array();
    message.notices().forEach(notice -> alerts.add(alert(notice, message.at())));
    var headers = new TreeMap<>(Map.of("Content-Type", "application/json"));
    if (authorization != null) {
      headers.put("Authorization", authorization.reveal());
    }
    sender.post(address, headers, AlertJson.text(alerts).getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode alert(Notice notice, Instant at) {
    var json = AlertJson.object();
    var labels = new TreeMap<>(notice.alert().labels());
    labels.put("alertname", notice.alert().rule());
    labels.put("severity", notice.severity().word());
    labels.values().removeIf(String::isEmpty); // an empty label is none, in its model
    AlertJson.putLabels(json, labels);
    var text = notice.text();
    var annotations = json.putObject("annotations").put("summary", text.title());
    if (!text.meaning().isEmpty()) {
      annotations.put("description", text.meaning());
    }
    if (!text.next().isEmpty()) {
      annotations.put("next_steps", String.join("\n", text.next()));
    }
    var end = notice.endedAt();
    json.put("startsAt", notice.begunAt().toString());
    json.put("endsAt", (end == null ? at.plus(BELIEVED_FOR) : end).toString());
    return json;
  }
}
