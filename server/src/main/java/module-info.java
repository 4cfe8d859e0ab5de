import org.jspecify.annotations.NullMarked;

/// The process: configuration, wiring, start, stop.
@NullMarked
module io.lumeo.server {
  requires io.lumeo.thin;
  requires static transitive org.jspecify;
}
