import org.jspecify.annotations.NullMarked;

/// Pools, thin devices and snapshots in the dm-thin format.
@NullMarked
module io.lumeo.thin {
  requires transitive io.lumeo.block;
  requires io.lumeo.persistentdata;
  requires static transitive org.jspecify;

  exports io.lumeo.thin;
}
