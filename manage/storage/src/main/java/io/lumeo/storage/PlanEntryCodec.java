package io.lumeo.storage;

import static io.lumeo.storage.Json.array;
import static io.lumeo.storage.Json.number;
import static io.lumeo.storage.Json.object;
import static io.lumeo.storage.Json.text;
import static io.lumeo.storage.Json.textSet;
import static io.lumeo.storage.Json.texts;

import java.time.Instant;
import java.util.ArrayList;

/// Entries of the journal ↔ JSON.
final class PlanEntryCodec<S> {
  private static final int VERSION = 2;

  private final StepCodec<S> codec;

  PlanEntryCodec(StepCodec<S> codec) {
    this.codec = codec;
  }

  byte[] encode(PlanEntry<S> entry) {
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
      var shown = plan.steps().get(i);
      steps.add(
          object()
              .put("title", shown.title())
              .put("state", entry.states().get(i).name())
              .set("arguments", array(shown.arguments()))
              .set("undo", array(shown.undo()))
              .set("run", codec.encode(entry.draft().steps().get(i))));
    }
    return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
  }

  /// @throws RuntimeException of whatever kind if that is not an entry
  PlanEntry<S> decode(byte[] bytes) {
    var node = Json.MAPPER.readTree(bytes);
    if (number(node, "version") != VERSION) {
      throw new IllegalArgumentException("it is of version " + number(node, "version"));
    }
    var steps = new ArrayList<S>();
    var shown = new ArrayList<Plan.Step>();
    var states = new ArrayList<PlanEntry.State>();
    for (var item : node.required("steps")) {
      var step = new Plan.Step(text(item, "title"), texts(item, "arguments"), texts(item, "undo"));
      steps.add(codec.decode(item.required("run"), step));
      shown.add(step);
      states.add(PlanEntry.State.valueOf(text(item, "state")));
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
    return new PlanEntry<>(
        new Draft<>(plan, textSet(node, "volumes"), steps),
        Instant.parse(text(node, "begunAt")),
        states,
        text(node, "ending"));
  }
}
