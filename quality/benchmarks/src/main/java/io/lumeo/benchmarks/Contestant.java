package io.lumeo.benchmarks;

import java.io.IOException;

/// A server of volumes over NBD on a Unix socket.
interface Contestant extends AutoCloseable {

  /// Its name in the report.
  String name();

  /// Serves a volume of `sizeBytes` whose state is `ground`, and says where. The same volume each
  /// time for [Workload.Ground#MAPPED], a new one each time for the others. A volume served before
  /// is no longer served.
  String serve(Workload.Ground ground, long sizeBytes) throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
