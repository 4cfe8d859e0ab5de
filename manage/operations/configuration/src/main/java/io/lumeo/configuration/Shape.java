package io.lumeo.configuration;

import java.util.Map;
import java.util.Optional;

/// What may stand at one place of the file, told once: the parser reads by it, the published schema
/// is written from it, and what is confidential is masked by it.
sealed interface Shape<T> permits Scalar, Listing, Section, Choice {

  /// Reads what stands at `path`; empty, with at least one mistake noted, if that is wrong.
  Optional<T> read(Yaml yaml, String path, Reading reading);

  /// As JSON Schema. Sections are put into `definitions` and referred to.
  Map<String, Object> schema(Map<String, Object> definitions);

  /// Calls `mask` with each confidential value below `yaml`.
  void findConfidential(Yaml yaml, java.util.function.Consumer<Yaml.Scalar> mask);
}
