import org.jspecify.annotations.NullMarked;

/// Checked metadata blocks, transactions with shadowing, space maps and B+trees: the kernel's
/// persistent-data library.
@NullMarked
module io.lumeo.persistentdata {
  requires transitive io.lumeo.block;
  requires static transitive org.jspecify;

  exports io.lumeo.persistentdata;
}
