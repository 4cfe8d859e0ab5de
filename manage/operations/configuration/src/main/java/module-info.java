import org.jspecify.annotations.NullMarked;

/// What operations are told.
@NullMarked
module io.lumeo.configuration {
  requires transitive io.lumeo.alerts;
  requires transitive io.lumeo.policies;
  requires transitive io.lumeo.state;
  requires org.snakeyaml.engine;
  requires java.sql;
  requires tools.jackson.databind;
  requires static transitive org.jspecify;

  exports io.lumeo.configuration;
}
