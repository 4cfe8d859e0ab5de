package io.lumeo.rest;

import io.lumeo.thin.DiscardMode;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What to change of a pool; what is null stays.
///
/// @param dataSizeBytes the new size of the data device; it only grows
/// @param metadataSizeBytes the new size of the metadata device; it only grows
/// @param autoExtendStepBytes by how much the data file grows by itself; 0 turns it off
/// @param autoExtendMaximumBytes how far it grows by itself
public record PoolChange(
    @Nullable Long dataSizeBytes,
    @Nullable Long metadataSizeBytes,
    @Nullable Long lowWaterBytes,
    @Nullable DiscardMode discard,
    @Nullable Boolean zeroNewBlocks,
    @Nullable Boolean errorIfNoSpace,
    @Nullable Long noSpaceTimeoutSeconds,
    @Nullable Long autoExtendStepBytes,
    @Nullable Long autoExtendMaximumBytes) {

  /// Only a new size for data or metadata.
  public static PoolChange extension(
      @Nullable Long dataSizeBytes, @Nullable Long metadataSizeBytes) {
    return new PoolChange(
        dataSizeBytes, metadataSizeBytes, null, null, null, null, null, null, null);
  }

  /// Whether it changes nothing.
  public boolean isEmpty() {
    return dataSizeBytes == null && metadataSizeBytes == null && !changesOptions();
  }

  /// What it changes, for people: `lowWaterBytes=1048576, discard=ignore`.
  public String describe() {
    return fields().entrySet().stream()
        .filter(field -> field.getValue() != null)
        .map(field -> field.getKey() + "=" + field.getValue())
        .collect(Collectors.joining(", "));
  }

  private Map<?, ?> fields() {
    return (Map<?, ?>) Objects.requireNonNull(Records.toTree(this));
  }

  boolean changesOptions() {
    return lowWaterBytes != null
        || discard != null
        || zeroNewBlocks != null
        || errorIfNoSpace != null
        || noSpaceTimeoutSeconds != null
        || autoExtendStepBytes != null
        || autoExtendMaximumBytes != null;
  }
}
