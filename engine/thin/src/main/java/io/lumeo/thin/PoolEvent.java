package io.lumeo.thin;

/// Something an operator wants to hear of, raised by a pool.
public sealed interface PoolEvent {
  /// Free data blocks fell to the low-water mark; raised once per crossing.
  record DataLow(long freeBlocks, long lowWaterBlocks) implements PoolEvent {}

  /// The metadata blocks that are left for changes, which are fewer than are free, fell to the
  /// metadata low-water mark; raised once per crossing, and always before a change is refused.
  record MetadataLow(long blocksLeft, long lowWaterBlocks) implements PoolEvent {}

  /// The pool's mode changed; `reason` is one line.
  record ModeChanged(PoolMode from, PoolMode to, String reason) implements PoolEvent {}

  /// The data device grew.
  record DataExtended(long fromBlocks, long toBlocks) implements PoolEvent {}

  /// The metadata device grew.
  record MetadataExtended(long fromBlocks, long toBlocks) implements PoolEvent {}

  /// Automatic extension was due and did not succeed.
  record ExtensionFailed(String reason) implements PoolEvent {}
}
