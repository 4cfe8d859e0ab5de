package io.lumeo.storage;

/// Hears how far something has come, and can stop it.
public interface Progress {

  /// Hears that so much is done.
  ///
  /// @param done of `total`, in whatever unit the work has; `total` 0 when it is not known
  void report(String what, long done, long total);

  /// Whether to stop at the next place where stopping loses nothing.
  boolean isCancelled();

  /// Nobody listens and nothing stops it.
  static Progress none() {
    return new Progress() {
      @Override
      public void report(String what, long done, long total) {}

      @Override
      public boolean isCancelled() {
        return false;
      }
    };
  }
}
