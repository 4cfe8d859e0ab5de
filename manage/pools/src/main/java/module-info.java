import org.jspecify.annotations.NullMarked;

/// Lumeo's own pools: what can be asked of one, wherever it is open, and one as a storage system.
@NullMarked
module io.lumeo.pools {
  requires transitive io.lumeo.storage;
  requires transitive io.lumeo.thin;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires static transitive org.jspecify;

  exports io.lumeo.pools;
}
