package io.lumeo.cli.lvm;

import io.lumeo.cli.lvm.PoolVerbs.Discards;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A discard mode as people write it, LVM's `nopassdown` among them.
final class DiscardWord implements ITypeConverter<Discards> {
  @Override
  public Discards convert(String text) {
    for (var mode : Discards.values()) {
      var word = text.toLowerCase(Locale.ROOT);
      if (word.equals(mode.toString()) || word.equals(mode.lvm())) {
        return mode;
      }
    }
    throw new TypeConversionException(
        "'%s' is not one of ignore, no-passdown, passdown".formatted(text));
  }
}
