package io.lumeo.cli.lvm;

import io.lumeo.cli.Size;
import io.lumeo.storage.Change.StoreSize;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The size of a classic snapshot's store as people write it: `5G`, or `20%` of the origin.
final class StoreOption implements ITypeConverter<StoreSize> {
  private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3})%");

  @Override
  public StoreSize convert(String text) {
    var percent = PERCENT.matcher(text.strip());
    if (!percent.matches()) {
      return new StoreSize.Bytes(new Size.Converter().convert(text).bytes());
    }
    int share = Integer.parseInt(percent.group(1));
    if (share < 1 || share > 100) {
      throw new TypeConversionException(
          "'%s' is no share of the origin; give 1%% to 100%%".formatted(text));
    }
    return new StoreSize.OfOrigin(share);
  }
}
