import org.jspecify.annotations.NullMarked;

/// Volumes over HTTP: the JSON, the resources, the metrics, and a client.
@NullMarked
module io.lumeo.rest {
  requires transitive io.lumeo.pools;
  requires io.helidon.webserver;
  requires io.prometheus.metrics.config;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires tools.jackson.core;
  requires static transitive org.jspecify;

  exports io.lumeo.rest;
}
