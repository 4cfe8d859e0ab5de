import org.jspecify.annotations.NullMarked;

/// What was measured, what it will become, and what is usual.
@NullMarked
module io.lumeo.forecasts {
  requires transitive io.lumeo.state;
  requires transitive io.lumeo.storage;
  requires java.sql;
  requires static transitive org.jspecify;

  exports io.lumeo.forecasts;
}
