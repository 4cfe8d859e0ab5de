package io.lumeo.pools;

import static io.lumeo.storage.Json.array;
import static io.lumeo.storage.Json.flag;
import static io.lumeo.storage.Json.number;
import static io.lumeo.storage.Json.numberOrNull;
import static io.lumeo.storage.Json.object;
import static io.lumeo.storage.Json.text;
import static io.lumeo.storage.Json.textOrNull;
import static io.lumeo.storage.Json.textSet;

import io.lumeo.thin.DiscardMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Actions ↔ JSON, for the journal.
final class PoolActionCodec {
  private PoolActionCodec() {}

  static ObjectNode encode(PoolAction action) {
    var node = object(action.getClass().getSimpleName());
    return switch (action) {
      case PoolAction.CreateVolume a ->
          node.put("name", a.name())
              .put("sizeBytes", a.sizeBytes())
              .put("plan", a.plan())
              .set("tags", array(a.tags()));
      case PoolAction.Snapshot a ->
          node.put("originUuid", a.originUuid())
              .put("origin", a.origin())
              .put("name", a.name())
              .put("plan", a.plan())
              .set("tags", array(a.tags()));
      case PoolAction.Clone a ->
          node.put("originUuid", a.originUuid())
              .put("origin", a.origin())
              .put("name", a.name())
              .put("plan", a.plan())
              .set("tags", array(a.tags()));
      case PoolAction.RemoveMade a ->
          node.put("name", a.name()).put("snapshot", a.snapshot()).put("plan", a.plan());
      case PoolAction.Delete a ->
          node.put("uuid", a.uuid())
              .put("name", a.name())
              .put("snapshot", a.snapshot())
              .set("tags", array(a.tags()));
      case PoolAction.Extend a ->
          node.put("uuid", a.uuid()).put("name", a.name()).put("sizeBytes", a.sizeBytes());
      case PoolAction.Rename a ->
          node.put("uuid", a.uuid()).put("name", a.name()).put("newName", a.newName());
      case PoolAction.Tag a ->
          node.put("uuid", a.uuid())
              .put("name", a.name())
              .set("before", array(a.before()))
              .set("tags", array(a.tags()));
      case PoolAction.RollBack a ->
          node.put("uuid", a.uuid())
              .put("name", a.name())
              .put("snapshotUuid", a.snapshotUuid())
              .put("snapshot", a.snapshot())
              .put("since", a.since());
      case PoolAction.Trim a -> node.put("uuid", a.uuid()).put("name", a.name());
      case PoolAction.ExtendData a -> node.put("sizeBytes", a.sizeBytes());
      case PoolAction.ExtendMetadata a -> node.put("sizeBytes", a.sizeBytes());
      case PoolAction.Configure a ->
          node.put("discard", a.discard() == null ? null : a.discard().name())
              .put("lowWaterBytes", a.lowWaterBytes())
              .put("stepBytes", a.stepBytes())
              .put("maximumBytes", a.maximumBytes());
    };
  }

  static PoolAction decode(JsonNode n) {
    return switch (text(n, "type")) {
      case "CreateVolume" ->
          new PoolAction.CreateVolume(
              text(n, "name"), number(n, "sizeBytes"), textSet(n, "tags"), text(n, "plan"));
      case "Snapshot" ->
          new PoolAction.Snapshot(
              text(n, "originUuid"),
              text(n, "origin"),
              text(n, "name"),
              textSet(n, "tags"),
              text(n, "plan"));
      case "Clone" ->
          new PoolAction.Clone(
              text(n, "originUuid"),
              text(n, "origin"),
              text(n, "name"),
              textSet(n, "tags"),
              text(n, "plan"));
      case "RemoveMade" ->
          new PoolAction.RemoveMade(text(n, "name"), flag(n, "snapshot"), text(n, "plan"));
      case "Delete" ->
          new PoolAction.Delete(
              text(n, "uuid"), text(n, "name"), flag(n, "snapshot"), textSet(n, "tags"));
      case "Extend" ->
          new PoolAction.Extend(text(n, "uuid"), text(n, "name"), number(n, "sizeBytes"));
      case "Rename" -> new PoolAction.Rename(text(n, "uuid"), text(n, "name"), text(n, "newName"));
      case "Tag" ->
          new PoolAction.Tag(
              text(n, "uuid"), text(n, "name"), textSet(n, "before"), textSet(n, "tags"));
      case "RollBack" ->
          new PoolAction.RollBack(
              text(n, "uuid"),
              text(n, "name"),
              text(n, "snapshotUuid"),
              text(n, "snapshot"),
              number(n, "since"));
      case "Trim" -> new PoolAction.Trim(text(n, "uuid"), text(n, "name"));
      case "ExtendData" -> new PoolAction.ExtendData(number(n, "sizeBytes"));
      case "ExtendMetadata" -> new PoolAction.ExtendMetadata(number(n, "sizeBytes"));
      case "Configure" -> {
        var discard = textOrNull(n, "discard");
        yield new PoolAction.Configure(
            discard == null ? null : DiscardMode.valueOf(discard),
            numberOrNull(n, "lowWaterBytes"),
            numberOrNull(n, "stepBytes"),
            numberOrNull(n, "maximumBytes"));
      }
      default -> throw new IllegalArgumentException("no action is called " + text(n, "type"));
    };
  }
}
