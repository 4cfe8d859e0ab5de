package io.lumeo.forecasts;

import java.time.Instant;
import java.util.List;

/// What must be there at some day of the future, so that it suffices in nine of ten cases.
///
/// @param haveBytes what there is
/// @param neededBytes what is used then, at P90, with the headroom on top
/// @param unknown how many of the things have too little data: they count with what they use now
public record Purchase(double haveBytes, double neededBytes, int unknown) {

  /// One thing that is to suffice: a volume group, a pool.
  ///
  /// @param usedBytes now
  /// @param sizeBytes now
  public record Item(Outlook outlook, double usedBytes, double sizeBytes) {}

  /// What all of the items need together. The sum of their P90s is more than the P90 of their sum:
  /// space of one group does not help another.
  ///
  /// @param headroom the share that is to stay free, 0 to less than 1
  public static Purchase until(Instant day, List<Item> items, double headroom) {
    if (headroom < 0 || headroom >= 1) {
      throw new IllegalArgumentException("a headroom of %s is not a share".formatted(headroom));
    }
    var have = 0.0;
    var needed = 0.0;
    var unknown = 0;
    for (var item : items) {
      have += item.sizeBytes();
      switch (item.outlook()) {
        case Forecast forecast -> needed += forecast.at(day).high() / (1 - headroom);
        case Outlook.TooLittleData none -> {
          needed += item.usedBytes() / (1 - headroom);
          unknown++;
        }
      }
    }
    return new Purchase(have, needed, unknown);
  }

  /// What has to be bought; 0 when what there is suffices.
  public double missingBytes() {
    return Math.max(0, neededBytes - haveBytes);
  }
}
