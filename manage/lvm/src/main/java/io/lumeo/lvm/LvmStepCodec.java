package io.lumeo.lvm;

import static io.lumeo.storage.Json.flag;
import static io.lumeo.storage.Json.object;
import static io.lumeo.storage.Json.text;

import io.lumeo.storage.Plan;
import io.lumeo.storage.StepCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Steps ↔ JSON, for the journal.
final class LvmStepCodec implements StepCodec<Step> {
  @Override
  public ObjectNode encode(Step step) {
    var node =
        object()
            .put("input", step.input())
            .put("harmless", step.harmless())
            .put("deadline", step.deadline().toString())
            .set("done", ConditionCodec.encode(step.done()));
    var exits = node.putArray("goodExits");
    step.goodExits().forEach(exits::add);
    var requires = node.putArray("requires");
    step.requires().forEach(condition -> requires.add(ConditionCodec.encode(condition)));
    return node;
  }

  @Override
  public Step decode(JsonNode node, Plan.Step shown) {
    var requires = new ArrayList<Condition>();
    node.required("requires").forEach(condition -> requires.add(ConditionCodec.decode(condition)));
    List<Integer> exits = new ArrayList<>();
    node.required("goodExits").forEach(exit -> exits.add(exit.intValue()));
    return new Step(
        shown.title(),
        shown.arguments(),
        text(node, "input"),
        shown.undo(),
        requires,
        ConditionCodec.decode(node.required("done")),
        flag(node, "harmless"),
        exits,
        Duration.parse(text(node, "deadline")));
  }
}
