import org.jspecify.annotations.NullMarked;

/// See ARCHITECTURE.md.
@NullMarked
module io.lumeo.cli {
  requires io.lumeo.thin;
  requires static transitive org.jspecify;
}
