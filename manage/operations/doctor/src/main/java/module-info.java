import org.jspecify.annotations.NullMarked;

/// What would bite on a host, worst first, and the command that mends it.
@NullMarked
module io.lumeo.doctor {
  requires transitive io.lumeo.lvm;
  requires transitive io.lumeo.storage;
  requires io.lumeo.policies;
  requires static transitive org.jspecify;

  exports io.lumeo.doctor;
}
