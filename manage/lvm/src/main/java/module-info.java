import org.jspecify.annotations.NullMarked;

/// The LVM of a host as a storage system.
@NullMarked
module io.lumeo.lvm {
  requires transitive io.lumeo.storage;
  requires transitive io.lumeo.commands;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires static transitive org.jspecify;

  exports io.lumeo.lvm;
}
