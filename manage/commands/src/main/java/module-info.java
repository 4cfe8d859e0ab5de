import org.jspecify.annotations.NullMarked;

/// Runs programs, on this host or another.
@NullMarked
module io.lumeo.commands {
  requires static transitive org.jspecify;

  exports io.lumeo.commands;
}
