import org.jspecify.annotations.NullMarked;

/// The model that all storage is seen through.
@NullMarked
module io.lumeo.storage {
  requires transitive tools.jackson.databind;
  requires tools.jackson.core;
  requires static transitive org.jspecify;

  exports io.lumeo.storage;
}
