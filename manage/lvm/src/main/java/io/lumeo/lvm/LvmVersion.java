package io.lumeo.lvm;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/// A version of lvm2, such as 2.03.16.
record LvmVersion(int major, int minor, int patch) implements Comparable<LvmVersion> {
  private static final Pattern NUMBERS =
      Pattern.compile("LVM version:\\s*(\\d+)\\.(\\d+)\\.(\\d+)");
  private static final Comparator<LvmVersion> ORDER =
      Comparator.comparingInt(LvmVersion::major)
          .thenComparingInt(LvmVersion::minor)
          .thenComparingInt(LvmVersion::patch);

  /// From what `lvm version` says.
  static Optional<LvmVersion> parse(String output) {
    var found = NUMBERS.matcher(output);
    return found.find()
        ? Optional.of(
            new LvmVersion(
                Integer.parseInt(found.group(1)),
                Integer.parseInt(found.group(2)),
                Integer.parseInt(found.group(3))))
        : Optional.empty();
  }

  boolean isAtLeast(int wantedMajor, int wantedMinor, int wantedPatch) {
    return compareTo(new LvmVersion(wantedMajor, wantedMinor, wantedPatch)) >= 0;
  }

  @Override
  public int compareTo(LvmVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "%d.%02d.%02d".formatted(major, minor, patch);
  }
}
