import org.jspecify.annotations.NullMarked;

/// What tests are made of: seeded tests, crashing disks, simulated clocks, the real-kernel rig.
@NullMarked
module io.lumeo.testing {
  requires transitive io.lumeo.block;
  requires transitive io.lumeo.commands;
  requires transitive io.lumeo.storage;
  requires static transitive org.jspecify;
  requires transitive org.junit.jupiter.api;
  requires java.xml;

  exports io.lumeo.testing;
}
