package io.lumeo.pools;

import static io.lumeo.storage.Json.object;

import io.lumeo.storage.Plan;
import io.lumeo.storage.StepCodec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Steps ↔ JSON, for the journal.
final class PoolStepCodec implements StepCodec<PoolStep> {
  @Override
  public ObjectNode encode(PoolStep step) {
    var undo = step.undo();
    return object()
        .set("action", PoolActionCodec.encode(step.action()))
        .set("undo", undo == null ? null : PoolActionCodec.encode(undo));
  }

  @Override
  public PoolStep decode(JsonNode node, Plan.Step shown) {
    var undo = node.required("undo");
    return new PoolStep(
        shown.title(),
        PoolActionCodec.decode(node.required("action")),
        undo.isNull() ? null : PoolActionCodec.decode(undo));
  }
}
