import org.jspecify.annotations.NullMarked;

/// What was decided and done, so that nobody can change it unseen.
@NullMarked
module io.lumeo.audit {
  requires transitive io.lumeo.state;
  requires io.lumeo.storage;
  requires java.sql;
  requires tools.jackson.core;
  requires static transitive org.jspecify;

  exports io.lumeo.audit;
}
