import org.jspecify.annotations.NullMarked;

/// Lumeo's own pools: what can be asked of one, wherever it is open.
@NullMarked
module io.lumeo.pools {
  requires transitive io.lumeo.thin;
  requires static transitive org.jspecify;

  exports io.lumeo.pools;
}
