package io.lumeo.pools;

import static io.lumeo.storage.Json.array;
import static io.lumeo.storage.Json.number;
import static io.lumeo.storage.Json.object;
import static io.lumeo.storage.Json.text;
import static io.lumeo.storage.Json.textSet;
import static io.lumeo.storage.Json.texts;

import io.lumeo.storage.ChangeCodec;
import io.lumeo.storage.Json;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanId;
import java.time.Instant;
import java.util.ArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Entries of the journal ↔ JSON.
final class PoolEntryCodec {
  private static final int VERSION = 1;

  private PoolEntryCodec() {}

  static byte[] encode(PoolEntry entry) {
    var plan = entry.draft().plan();
    var node =
        object()
            .put("version", VERSION)
            .put("id", plan.id())
            .put("system", plan.system())
            .put("begunAt", entry.begunAt().toString())
            .put("ending", entry.ending())
            .put("pool", plan.pool())
            .put("sequence", plan.sequence())
            .set("change", ChangeCodec.encode(plan.change()))
            .set("volumes", array(entry.draft().volumes()))
            .set("preconditions", array(plan.preconditions()))
            .set("expected", array(plan.expected()))
            .set("notes", array(plan.notes()));
    var steps = node.putArray("steps");
    for (int i = 0; i < entry.states().size(); i++) {
      steps.add(
          encode(entry.draft().steps().get(i), plan.steps().get(i))
              .put("state", entry.states().get(i).name()));
    }
    return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
  }

  private static ObjectNode encode(PoolStep step, Plan.Step shown) {
    var undo = step.undo();
    return object()
        .put("title", step.title())
        .set("command", array(shown.arguments()))
        .set("undoCommand", array(shown.undo()))
        .set("action", PoolActionCodec.encode(step.action()))
        .set("undo", undo == null ? null : PoolActionCodec.encode(undo));
  }

  /// @throws RuntimeException of whatever kind if that is not an entry
  static PoolEntry decode(byte[] bytes) {
    var node = Json.MAPPER.readTree(bytes);
    if (number(node, "version") != VERSION) {
      throw new IllegalArgumentException("it is of version " + number(node, "version"));
    }
    var steps = new ArrayList<PoolStep>();
    var shown = new ArrayList<Plan.Step>();
    var states = new ArrayList<PoolEntry.State>();
    for (var step : node.required("steps")) {
      steps.add(step(step));
      shown.add(
          new Plan.Step(text(step, "title"), texts(step, "command"), texts(step, "undoCommand")));
      states.add(PoolEntry.State.valueOf(text(step, "state")));
    }
    var plan =
        new Plan(
            new PlanId(text(node, "id")).text(),
            text(node, "system"),
            ChangeCodec.decode(node.required("change")),
            text(node, "pool"),
            number(node, "sequence"),
            texts(node, "preconditions"),
            shown,
            texts(node, "expected"),
            texts(node, "notes"));
    return new PoolEntry(
        new PoolDraft(plan, textSet(node, "volumes"), steps),
        Instant.parse(text(node, "begunAt")),
        states,
        text(node, "ending"));
  }

  private static PoolStep step(JsonNode node) {
    var undo = node.required("undo");
    return new PoolStep(
        text(node, "title"),
        PoolActionCodec.decode(node.required("action")),
        undo.isNull() ? null : PoolActionCodec.decode(undo));
  }
}
