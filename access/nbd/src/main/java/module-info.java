import org.jspecify.annotations.NullMarked;

/// The NBD protocol: a server for any [io.lumeo.block.BlockDevice], and a client.
@NullMarked
module io.lumeo.nbd {
  requires transitive io.lumeo.block;
  requires jdk.net;
  requires static transitive org.jspecify;

  exports io.lumeo.nbd;
}
