package io.lumeo.pools;

import io.lumeo.storage.Health;
import io.lumeo.thin.PoolMode;

/// How a pool is, from the mode it is in.
final class PoolCondition {
  private PoolCondition() {}

  static Health health(PoolView pool) {
    if (pool.needsCheck() && pool.mode() != PoolMode.FAIL) {
      return new Health(
          Health.State.READ_ONLY,
          "the pool needs a check and takes no writes; stop who has it open, then 'lumeo pool check --clear-needs-check'");
    }
    return switch (pool.mode()) {
      case WRITE -> Health.ok();
      case FAIL ->
          new Health(
              Health.State.FAILED,
              "the pool has failed and does nothing more; stop who has it open, then check it with 'lumeo pool check'");
      case OUT_OF_DATA_SPACE ->
          new Health(
              Health.State.OUT_OF_SPACE,
              "no data block is free, so writes that need one wait or fail; extend the data with 'lumeo pool extend --data-size', or delete what is not needed");
      case OUT_OF_METADATA_SPACE ->
          new Health(
              Health.State.OUT_OF_SPACE,
              "no metadata block is free, so nothing can be written anew; extend the metadata with 'lumeo pool extend --meta-size'");
      case READ_ONLY ->
          new Health(
              Health.State.READ_ONLY,
              pool.readOnly()
                  ? "the pool is read-only, as its options say; 'lumeo pool set --read-only false' ends that at the next opening"
                  : "the pool takes no writes since a commit failed; stop who has it open and check it with 'lumeo pool check'");
    };
  }

  /// Whether its metadata can be changed at all.
  static boolean canBeChanged(PoolView pool) {
    return pool.mode() != PoolMode.FAIL
        && pool.mode() != PoolMode.READ_ONLY
        && !pool.needsCheck()
        && !pool.readOnly();
  }
}
