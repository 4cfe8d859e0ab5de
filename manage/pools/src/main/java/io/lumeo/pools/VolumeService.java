package io.lumeo.pools;

import io.lumeo.thin.Progress;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// One pool and its volumes: everything that can be asked of them from outside. The pool may be
/// open in this process ([LocalVolumes]) or in a server, behind HTTP; who asks does not know.
///
/// Failures that the caller can meet are [io.lumeo.block.StorageException]s. Implementations are
/// safe for use by many threads.
public interface VolumeService extends Closeable {
  /// How the pool is. Told at once, whatever is being done.
  Health health() throws IOException;

  PoolView pool() throws IOException;

  /// The kernel's status line, after a commit, as the kernel does it.
  StatusView status() throws IOException;

  PoolView changePool(PoolChange change) throws IOException;

  /// Carries out one of the kernel's message strings.
  void message(String message) throws IOException;

  /// Volumes, clones and snapshots by name, without the figures that take a walk.
  List<VolumeView> list() throws IOException;

  /// One of them, without the figures that take a walk.
  VolumeView get(String name) throws IOException;

  /// One of them, with exclusive and shared bytes.
  VolumeView show(String name, Progress progress) throws IOException;

  VolumeView create(VolumeRequest request) throws IOException;

  /// Takes all the snapshots at one instant, or none.
  List<VolumeView> snapshot(List<SnapshotRequest> requests) throws IOException;

  VolumeView change(String name, VolumeChange change) throws IOException;

  /// Makes the volume's content that of the snapshot. What it held is lost.
  ///
  /// @throws io.lumeo.block.StorageException.Unsupported if they have no ancestor in common
  /// @throws io.lumeo.block.StorageException.Busy if the volume has clients; the message names them
  VolumeView rollback(String volume, String snapshot, Progress progress) throws IOException;

  /// Gives whole blocks of zeroes back to the pool.
  TrimView trim(String name, Progress progress) throws IOException;

  void delete(String name, Progress progress) throws IOException;

  /// What is served over NBD; nothing when no server runs.
  List<ExportView> exports() throws IOException;
}
