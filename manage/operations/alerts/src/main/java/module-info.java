import org.jspecify.annotations.NullMarked;

/// What is wrong, and whom to tell: rules, their state, silences, channels, and the metrics they
/// are drawn from.
@NullMarked
module io.lumeo.alerts {
  requires transitive io.lumeo.storage;
  requires transitive io.lumeo.state;
  requires io.prometheus.metrics.config;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires jakarta.mail;
  requires java.sql;
  requires tools.jackson.databind;
  requires static transitive org.jspecify;

  exports io.lumeo.alerts;
}
