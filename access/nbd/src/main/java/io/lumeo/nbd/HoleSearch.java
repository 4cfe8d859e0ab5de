package io.lumeo.nbd;

/// Decides which large reads look for holes first. Each search without success lets more reads pass
/// before the next: where nothing but data is read, asking costs nothing in the end.
///
/// Used by one thread at a time.
final class HoleSearch {
  private static final int MAX_PAUSE = 255;

  private int pause;
  private int left;

  /// Whether to search now. The search counts as one without success until [#found].
  boolean isDue() {
    if (left > 0) {
      left--;
      return false;
    }
    pause = Math.min(MAX_PAUSE, 2 * pause + 1);
    left = pause;
    return true;
  }

  void found() {
    pause = 0;
    left = 0;
  }
}
