package io.lumeo.pools;

import io.lumeo.thin.Volume;
import java.io.IOException;
import java.util.List;

/// Who serves a pool over NBD: a server, or [#NOBODY].
@FunctionalInterface
public interface Serving {
  /// Nobody does.
  Serving NOBODY = List::of;

  /// What is served, to whom.
  List<ExportView> exports() throws IOException;

  /// Does `change` while no client has the volume open, and lets none open it meanwhile: under a
  /// file system that is mounted, its disk must not become another. The change has to act on the
  /// volume's id: its name may be given to another volume at any time.
  ///
  /// @throws io.lumeo.block.StorageException.Busy naming the clients, if there are any
  default <T> T undisturbed(Volume volume, Change<T> change) throws IOException {
    return change.make();
  }

  /// What is done undisturbed.
  @FunctionalInterface
  interface Change<T> {
    T make() throws IOException;
  }
}
