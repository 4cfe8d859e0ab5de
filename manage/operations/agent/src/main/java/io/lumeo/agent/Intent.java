package io.lumeo.agent;

import java.util.List;

/// Who wants what.
///
/// @param actor `policy:databases`, `growth:thin-pools`, `uid:0`
/// @param source where that came from: `schedule`, `local`, an address
/// @param verb what: `snapshot.create`, `grow.pool-data`
/// @param system the name of the host
/// @param targets the uuids of what it is about
public record Intent(
    String actor, String source, String verb, String system, List<String> targets) {

  public Intent {
    targets = List.copyOf(targets);
  }

  /// What a schedule wants.
  public static Intent scheduled(String actor, String verb, String system, String target) {
    return new Intent(actor, "schedule", verb, system, List.of(target));
  }
}
