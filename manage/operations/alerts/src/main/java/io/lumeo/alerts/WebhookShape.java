package io.lumeo.alerts;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/// What the body of a webhook looks like. Names in it are data: they can neither leave their JSON
/// string nor call people by `@everyone`.
public enum WebhookShape {
  /// All there is, as JSON of our own: see the manual.
  JSON,
  /// [ntfy](https://docs.ntfy.sh/publish/#publish-as-json); the last part of the address is the
  /// topic.
  NTFY,
  /// Slack's incoming webhooks, and those of programs that understand them.
  SLACK,
  /// Discord's webhooks.
  DISCORD;

  private static final int SLACK_LIMIT = 30_000;
  private static final int DISCORD_LIMIT = 1_900;
  private static final int NTFY_LIMIT = 3_000;

  byte[] body(Message message, URI address) {
    var json =
        switch (this) {
          case JSON -> AlertJson.of(message);
          case NTFY -> ntfy(message, address);
          case SLACK -> slack(message);
          case DISCORD -> discord(message);
        };
    return AlertJson.text(json).getBytes(StandardCharsets.UTF_8);
  }

  /// Where to post: ntfy takes JSON at its root only.
  URI address(URI configured) {
    return this == NTFY ? configured.resolve(".") : configured;
  }

  private static ObjectNode ntfy(Message message, URI address) {
    var first = message.notices().getFirst();
    var path = address.getPath();
    var json = AlertJson.object();
    json.put("topic", path.substring(path.lastIndexOf('/') + 1));
    json.put("title", message.subject());
    json.put("message", cut(message.text(), NTFY_LIMIT));
    json.put("priority", first.isResolved() ? 2 : priority(first.severity()));
    json.putArray("tags").add(first.isResolved() ? "white_check_mark" : tag(first.severity()));
    return json;
  }

  private static int priority(Severity severity) {
    return switch (severity) {
      case INFO -> 3;
      case WARNING -> 4;
      case CRITICAL -> 5;
    };
  }

  private static String tag(Severity severity) {
    return switch (severity) {
      case INFO -> "information_source";
      case WARNING -> "warning";
      case CRITICAL -> "rotating_light";
    };
  }

  /// Slack reads `&`, `<` and `>` as its own and nothing else.
  private static ObjectNode slack(Message message) {
    var text = "*" + message.subject() + "*\n" + message.text();
    var escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    return AlertJson.object().put("text", cut(escaped, SLACK_LIMIT));
  }

  private static ObjectNode discord(Message message) {
    var json = AlertJson.object();
    json.put("content", cut(message.subject() + "\n" + message.text(), DISCORD_LIMIT));
    json.putObject("allowed_mentions").putArray("parse");
    return json;
  }

  /// The beginning of a text, whole characters only, and a sign that there is more.
  private static String cut(String text, int limit) {
    if (text.length() <= limit) {
      return text;
    }
    var end = Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit;
    return text.substring(0, end) + "…";
  }
}
