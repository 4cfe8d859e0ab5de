package io.lumeo.storage;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The steps of one kind of system ↔ JSON, for its journal.
///
/// @param <S> what is run as one step
public interface StepCodec<S> {
  /// What a step has beyond what others see of it.
  ObjectNode encode(S step);

  /// The same back.
  ///
  /// @param shown what others see of it
  /// @throws RuntimeException of whatever kind if that is not a step
  S decode(JsonNode node, Plan.Step shown);
}
