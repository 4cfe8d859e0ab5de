package io.lumeo.lvm;

import static io.lumeo.storage.Json.array;
import static io.lumeo.storage.Json.flag;
import static io.lumeo.storage.Json.number;
import static io.lumeo.storage.Json.object;
import static io.lumeo.storage.Json.text;
import static io.lumeo.storage.Json.textSet;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Conditions ↔ JSON, for the journal.
final class ConditionCodec {
  private ConditionCodec() {}

  static ObjectNode encode(Condition condition) {
    var node = object(condition.getClass().getSimpleName());
    return switch (condition) {
      case Condition.Made(var group, var name, var run, var kind) ->
          named(node, "group", group, name).put("run", run).put("kind", kind.name());
      case Condition.IsPool(var group, var name) -> named(node, "group", group, name);
      case Condition.Present(var group, var name) -> named(node, "group", group, name);
      case Condition.NameFree(var group, var name) -> named(node, "group", group, name);
      case Condition.Named(var volume, var name) -> named(node, "volume", volume, name);
      case Condition.Gone(var volume, var name) -> named(node, "volume", volume, name);
      case Condition.Sized(var volume, var name, var bytes) ->
          named(node, "volume", volume, name).put("bytes", bytes);
      case Condition.MetadataSized(var pool, var name, var bytes) ->
          named(node, "pool", pool, name).put("bytes", bytes);
      case Condition.FileSystemFills(var volume, var name) -> named(node, "volume", volume, name);
      case Condition.Tagged(var volume, var name, var has, var hasNot) ->
          named(node, "volume", volume, name).set("has", array(has)).set("hasNot", array(hasNot));
      case Condition.Active(var volume, var name, var active) ->
          named(node, "volume", volume, name).put("active", active);
      case Condition.NotInUse(var volume, var name) -> named(node, "volume", volume, name);
      case Condition.Merging(var group, var name) -> named(node, "group", group, name);
      case Condition.HasDevice(var group, var path) -> node.put("group", group).put("path", path);
      case Condition.Discards(var pool, var name, var mode) ->
          named(node, "pool", pool, name).put("mode", mode);
      case Condition.HasProfile(var pool, var name, var profile) ->
          named(node, "pool", pool, name).put("profile", profile);
      case Condition.Monitored(var pool, var name) -> named(node, "pool", pool, name);
      case Condition.Holds(var group, var volumes) ->
          node.put("group", group).set("volumes", array(volumes));
      case Condition.Repeated() -> node;
    };
  }

  private static ObjectNode named(ObjectNode node, String what, String uuid, String name) {
    return node.put(what, uuid).put("name", name);
  }

  static Condition decode(JsonNode n) {
    return switch (text(n, "type")) {
      case "Made" ->
          new Condition.Made(
              text(n, "group"),
              text(n, "name"),
              text(n, "run"),
              Condition.Kind.valueOf(text(n, "kind")));
      case "IsPool" -> new Condition.IsPool(text(n, "group"), text(n, "name"));
      case "Present" -> new Condition.Present(text(n, "group"), text(n, "name"));
      case "NameFree" -> new Condition.NameFree(text(n, "group"), text(n, "name"));
      case "Named" -> new Condition.Named(text(n, "volume"), text(n, "name"));
      case "Gone" -> new Condition.Gone(text(n, "volume"), text(n, "name"));
      case "Sized" -> new Condition.Sized(text(n, "volume"), text(n, "name"), number(n, "bytes"));
      case "MetadataSized" ->
          new Condition.MetadataSized(text(n, "pool"), text(n, "name"), number(n, "bytes"));
      case "FileSystemFills" -> new Condition.FileSystemFills(text(n, "volume"), text(n, "name"));
      case "Tagged" ->
          new Condition.Tagged(
              text(n, "volume"), text(n, "name"), textSet(n, "has"), textSet(n, "hasNot"));
      case "Active" -> new Condition.Active(text(n, "volume"), text(n, "name"), flag(n, "active"));
      case "NotInUse" -> new Condition.NotInUse(text(n, "volume"), text(n, "name"));
      case "Merging" -> new Condition.Merging(text(n, "group"), text(n, "name"));
      case "HasDevice" -> new Condition.HasDevice(text(n, "group"), text(n, "path"));
      case "Discards" -> new Condition.Discards(text(n, "pool"), text(n, "name"), text(n, "mode"));
      case "HasProfile" ->
          new Condition.HasProfile(text(n, "pool"), text(n, "name"), text(n, "profile"));
      case "Monitored" -> new Condition.Monitored(text(n, "pool"), text(n, "name"));
      case "Holds" -> new Condition.Holds(text(n, "group"), textSet(n, "volumes"));
      case "Repeated" -> new Condition.Repeated();
      default -> throw new IllegalArgumentException("no condition is called " + text(n, "type"));
    };
  }
}
