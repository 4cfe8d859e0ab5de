import org.jspecify.annotations.NullMarked;

/// Everything of every host on one page for people.
@NullMarked
module io.lumeo.reports {
  requires transitive io.lumeo.storage;
  requires transitive io.lumeo.alerts;
  requires static transitive org.jspecify;

  exports io.lumeo.reports;
}
