package io.lumeo.nbd;

import io.lumeo.block.StorageException;
import java.io.IOException;
import java.util.List;

/// Where a server finds what it serves. Called by many connections at once.
public interface Exports {
  /// What a client that asks for the list is told; names and descriptions of at most 4096 bytes.
  List<ExportInfo> list() throws IOException;

  /// Opens the export of this name for one connection, which closes it in the end. The empty name
  /// asks for the default export.
  ///
  /// @throws StorageException.NotFound if there is none of this name
  Export open(String name) throws IOException;
}
