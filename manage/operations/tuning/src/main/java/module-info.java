import org.jspecify.annotations.NullMarked;

/// Measures what storage on a machine is good for, on scratch volumes, and says what to choose.
@NullMarked
module io.lumeo.tuning {
  requires transitive io.lumeo.commands;
  requires transitive io.lumeo.forecasts;
  requires transitive io.lumeo.storage;
  requires io.lumeo.lvm;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires static transitive org.jspecify;

  exports io.lumeo.tuning;
}
