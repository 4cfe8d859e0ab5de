import org.jspecify.annotations.NullMarked;

/// What is to be done and when: schedules, retention, growth and admission as pure functions.
@NullMarked
module io.lumeo.policies {
  requires transitive io.lumeo.storage;
  requires static transitive org.jspecify;

  exports io.lumeo.policies;
}
