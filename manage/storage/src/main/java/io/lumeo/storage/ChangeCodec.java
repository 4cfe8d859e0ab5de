package io.lumeo.storage;

import static io.lumeo.storage.Json.array;
import static io.lumeo.storage.Json.flag;
import static io.lumeo.storage.Json.number;
import static io.lumeo.storage.Json.numberOrNull;
import static io.lumeo.storage.Json.object;
import static io.lumeo.storage.Json.text;
import static io.lumeo.storage.Json.textOrNull;
import static io.lumeo.storage.Json.textSet;
import static io.lumeo.storage.Json.texts;

import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.Pool.SelfExtension;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Changes ↔ JSON, for the journals of drivers.
public final class ChangeCodec {
  private ChangeCodec() {}

  /// A field `type` says which change it is.
  public static ObjectNode encode(Change change) {
    var node = object(change.getClass().getSimpleName());
    return switch (change) {
      case Change.CreateSnapshot c ->
          node.put("volume", c.volume())
              .put("name", c.name())
              .set("store", encode(c.store()))
              .put("active", c.active())
              .put("readOnly", c.readOnly())
              .set("tags", array(c.tags()));
      case Change.CreateClone c ->
          node.put("source", c.source())
              .put("name", c.name())
              .put("active", c.active())
              .set("tags", array(c.tags()));
      case Change.CreateVolume c ->
          node.put("pool", c.pool())
              .put("name", c.name())
              .put("sizeBytes", c.sizeBytes())
              .set("tags", array(c.tags()));
      case Change.CreateThinPool c ->
          node.put("group", c.group())
              .put("name", c.name())
              .put("dataBytes", c.dataBytes())
              .put("metadataBytes", c.metadataBytes())
              .put("chunkBytes", c.chunkBytes())
              .put("profile", c.profile())
              .set("dataDevices", array(c.dataDevices()))
              .set("metadataDevices", array(c.metadataDevices()))
              .set("tags", array(c.tags()));
      case Change.ExtendVolume c ->
          node.put("volume", c.volume())
              .put("sizeBytes", c.sizeBytes())
              .put("fileSystem", c.fileSystem().name());
      case Change.GrowFileSystem c -> node.put("volume", c.volume());
      case Change.ExtendSnapshotStore c ->
          node.put("snapshot", c.snapshot()).put("sizeBytes", c.sizeBytes());
      case Change.ExtendPoolData c -> node.put("pool", c.pool()).put("sizeBytes", c.sizeBytes());
      case Change.ExtendPoolMetadata c ->
          node.put("pool", c.pool()).put("sizeBytes", c.sizeBytes());
      case Change.RepairPoolMetadata c -> node.put("pool", c.pool());
      case Change.AddDevices c -> node.put("pool", c.pool()).set("devices", array(c.devices()));
      case Change.RollBack c ->
          node.put("volume", c.volume())
              .put("snapshot", c.snapshot())
              .put("keepSnapshot", c.keepSnapshot())
              .put("safetySnapshot", c.safetySnapshot());
      case Change.Trim c -> node.put("volume", c.volume());
      case Change.SetDiscards c -> node.put("pool", c.pool()).put("mode", c.mode());
      case Change.Activate c -> node.put("volume", c.volume()).put("active", c.active());
      case Change.Rename c -> node.put("volume", c.volume()).put("newName", c.newName());
      case Change.SetTags c ->
          node.put("volume", c.volume())
              .set("add", array(c.add()))
              .set("remove", array(c.remove()));
      case Change.Trash c ->
          node.put("volume", c.volume()).put("timeToLive", c.timeToLive().toString());
      case Change.RestoreFromTrash c -> node.put("volume", c.volume());
      case Change.Purge c -> node.put("volume", c.volume());
      case Change.SetSelfExtension c -> node.put("pool", c.pool()).set("rule", encode(c.rule()));
      case Change.RestoreGroupMetadata c -> node.put("group", c.group()).put("backup", c.backup());
    };
  }

  private static @Nullable ObjectNode encode(@Nullable StoreSize size) {
    return switch (size) {
      case null -> null;
      case StoreSize.Bytes(var bytes) -> object("Bytes").put("bytes", bytes);
      case StoreSize.OfOrigin(var percent) -> object("OfOrigin").put("percent", percent);
    };
  }

  private static @Nullable ObjectNode encode(@Nullable SelfExtension rule) {
    return rule == null
        ? null
        : object()
            .put("thresholdPercent", rule.thresholdPercent())
            .put("stepPercent", rule.stepPercent())
            .put("watched", rule.watched())
            .put("maximumBytes", rule.maximumBytes());
  }

  /// The change again.
  ///
  /// @throws RuntimeException of whatever kind if that is not one
  public static Change decode(JsonNode n) {
    return switch (text(n, "type")) {
      case "CreateSnapshot" ->
          new Change.CreateSnapshot(
              text(n, "volume"),
              text(n, "name"),
              storeSize(n.required("store")),
              flag(n, "active"),
              flag(n, "readOnly"),
              textSet(n, "tags"));
      case "CreateClone" ->
          new Change.CreateClone(
              text(n, "source"), text(n, "name"), flag(n, "active"), textSet(n, "tags"));
      case "CreateVolume" ->
          new Change.CreateVolume(
              text(n, "pool"), text(n, "name"), number(n, "sizeBytes"), textSet(n, "tags"));
      case "CreateThinPool" ->
          new Change.CreateThinPool(
              text(n, "group"),
              text(n, "name"),
              number(n, "dataBytes"),
              numberOrNull(n, "metadataBytes"),
              numberOrNull(n, "chunkBytes"),
              texts(n, "dataDevices"),
              texts(n, "metadataDevices"),
              textOrNull(n, "profile"),
              textSet(n, "tags"));
      case "ExtendVolume" ->
          new Change.ExtendVolume(
              text(n, "volume"),
              number(n, "sizeBytes"),
              WithFileSystem.valueOf(text(n, "fileSystem")));
      case "GrowFileSystem" -> new Change.GrowFileSystem(text(n, "volume"));
      case "ExtendSnapshotStore" ->
          new Change.ExtendSnapshotStore(text(n, "snapshot"), number(n, "sizeBytes"));
      case "ExtendPoolData" -> new Change.ExtendPoolData(text(n, "pool"), number(n, "sizeBytes"));
      case "ExtendPoolMetadata" ->
          new Change.ExtendPoolMetadata(text(n, "pool"), number(n, "sizeBytes"));
      case "RepairPoolMetadata" -> new Change.RepairPoolMetadata(text(n, "pool"));
      case "AddDevices" -> new Change.AddDevices(text(n, "pool"), texts(n, "devices"));
      case "RollBack" ->
          new Change.RollBack(
              text(n, "volume"),
              text(n, "snapshot"),
              flag(n, "keepSnapshot"),
              textOrNull(n, "safetySnapshot"));
      case "Trim" -> new Change.Trim(text(n, "volume"));
      case "SetDiscards" -> new Change.SetDiscards(text(n, "pool"), text(n, "mode"));
      case "Activate" -> new Change.Activate(text(n, "volume"), flag(n, "active"));
      case "Rename" -> new Change.Rename(text(n, "volume"), text(n, "newName"));
      case "SetTags" ->
          new Change.SetTags(text(n, "volume"), textSet(n, "add"), textSet(n, "remove"));
      case "Trash" -> new Change.Trash(text(n, "volume"), Duration.parse(text(n, "timeToLive")));
      case "RestoreFromTrash" -> new Change.RestoreFromTrash(text(n, "volume"));
      case "Purge" -> new Change.Purge(text(n, "volume"));
      case "SetSelfExtension" ->
          new Change.SetSelfExtension(text(n, "pool"), rule(n.required("rule")));
      case "RestoreGroupMetadata" ->
          new Change.RestoreGroupMetadata(text(n, "group"), text(n, "backup"));
      default -> throw new IllegalArgumentException("no change is called " + text(n, "type"));
    };
  }

  private static @Nullable StoreSize storeSize(JsonNode node) {
    if (node.isNull()) {
      return null;
    }
    return text(node, "type").equals("Bytes")
        ? new StoreSize.Bytes(number(node, "bytes"))
        : new StoreSize.OfOrigin((int) number(node, "percent"));
  }

  private static @Nullable SelfExtension rule(JsonNode node) {
    return node.isNull()
        ? null
        : new SelfExtension(
            (int) number(node, "thresholdPercent"),
            (int) number(node, "stepPercent"),
            flag(node, "watched"),
            numberOrNull(node, "maximumBytes"));
  }
}
