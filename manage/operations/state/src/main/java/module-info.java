import org.jspecify.annotations.NullMarked;

/// What operations remember: one SQLite file.
@NullMarked
@SuppressWarnings("requires-transitive-automatic") // Jdbi names its module in its manifest only
module io.lumeo.state {
  requires transitive org.jdbi.v3.core;
  requires org.xerial.sqlitejdbc;
  requires java.sql;
  requires static transitive com.google.errorprone.annotations;
  requires static transitive org.jspecify;

  exports io.lumeo.state;
}
