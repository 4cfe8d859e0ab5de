import org.jspecify.annotations.NullMarked;

/// The command line: what people type, and what they read back.
@NullMarked
module io.lumeo.cli {
  requires transitive info.picocli;
  requires transitive io.lumeo.pools;
  requires transitive io.lumeo.rest;
  requires transitive io.lumeo.thin;
  requires static transitive org.jspecify;

  exports io.lumeo.cli;

  opens io.lumeo.cli to
      info.picocli;
}
