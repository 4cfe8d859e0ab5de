import org.jspecify.annotations.NullMarked;

/// The process: configuration, wiring, start, stop.
@NullMarked
module io.lumeo.server {
  requires transitive io.lumeo.cli;
  requires transitive io.lumeo.nbd;
  requires transitive io.lumeo.pools;
  requires transitive io.lumeo.rest;
  requires transitive io.lumeo.thin;
  requires transitive java.logging;
  requires static transitive org.jspecify;

  exports io.lumeo.server;

  opens io.lumeo.server to
      info.picocli;
}
