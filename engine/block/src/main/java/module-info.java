import org.jspecify.annotations.NullMarked;

/// Everything that holds bytes is a [io.lumeo.block.BlockDevice]: files, memory, slices of others.
@NullMarked
module io.lumeo.block {
  requires static transitive org.jspecify;

  exports io.lumeo.block;
}
