package io.lumeo.lvm;

import static io.lumeo.storage.Json.array;
import static io.lumeo.storage.Json.flag;
import static io.lumeo.storage.Json.number;
import static io.lumeo.storage.Json.object;
import static io.lumeo.storage.Json.text;
import static io.lumeo.storage.Json.textSet;
import static io.lumeo.storage.Json.texts;

import io.lumeo.storage.ChangeCodec;
import io.lumeo.storage.Json;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Entries of the journal ↔ JSON.
final class EntryCodec {
  private static final int VERSION = 1;

  private EntryCodec() {}

  static byte[] encode(JournalEntry entry) {
    var plan = entry.draft().plan();
    var node =
        object()
            .put("version", VERSION)
            .put("id", plan.id())
            .put("system", plan.system())
            .put("begunAt", entry.begunAt().toString())
            .put("ending", entry.ending())
            .put("group", plan.pool())
            .put("groupName", entry.draft().groupName())
            .put("sequence", plan.sequence())
            .set("change", ChangeCodec.encode(plan.change()))
            .set("volumes", array(entry.draft().volumes()))
            .set("preconditions", array(plan.preconditions()))
            .set("expected", array(plan.expected()))
            .set("notes", array(plan.notes()));
    var steps = node.putArray("steps");
    for (int i = 0; i < entry.states().size(); i++) {
      steps.add(encode(entry.draft().steps().get(i)).put("state", entry.states().get(i).name()));
    }
    return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
  }

  private static ObjectNode encode(Step step) {
    var node =
        object()
            .put("title", step.title())
            .put("input", step.input())
            .put("harmless", step.harmless())
            .put("deadline", step.deadline().toString())
            .set("arguments", array(step.arguments()))
            .set("undo", array(step.undo()))
            .set("done", ConditionCodec.encode(step.done()));
    var exits = node.putArray("goodExits");
    step.goodExits().forEach(exits::add);
    var requires = node.putArray("requires");
    step.requires().forEach(condition -> requires.add(ConditionCodec.encode(condition)));
    return node;
  }

  /// @throws RuntimeException of whatever kind if that is not an entry
  static JournalEntry decode(byte[] bytes) {
    var node = Json.MAPPER.readTree(bytes);
    if (number(node, "version") != VERSION) {
      throw new IllegalArgumentException("it is of version " + number(node, "version"));
    }
    var steps = new ArrayList<Step>();
    var states = new ArrayList<JournalEntry.State>();
    for (var step : node.required("steps")) {
      steps.add(step(step));
      states.add(JournalEntry.State.valueOf(text(step, "state")));
    }
    var plan =
        new Plan(
            new PlanId(text(node, "id")).text(),
            text(node, "system"),
            ChangeCodec.decode(node.required("change")),
            text(node, "group"),
            number(node, "sequence"),
            texts(node, "preconditions"),
            steps.stream().map(Step::shown).toList(),
            texts(node, "expected"),
            texts(node, "notes"));
    return new JournalEntry(
        new Draft(plan, text(node, "groupName"), textSet(node, "volumes"), steps),
        Instant.parse(text(node, "begunAt")),
        states,
        text(node, "ending"));
  }

  private static Step step(JsonNode node) {
    var requires = new ArrayList<Condition>();
    node.required("requires").forEach(condition -> requires.add(ConditionCodec.decode(condition)));
    List<Integer> exits = new ArrayList<>();
    node.required("goodExits").forEach(exit -> exits.add(exit.intValue()));
    return new Step(
        text(node, "title"),
        texts(node, "arguments"),
        text(node, "input"),
        texts(node, "undo"),
        requires,
        ConditionCodec.decode(node.required("done")),
        flag(node, "harmless"),
        exits,
        Duration.parse(text(node, "deadline")));
  }
}
