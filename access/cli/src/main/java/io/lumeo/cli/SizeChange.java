package io.lumeo.cli;

import io.lumeo.block.StorageException;
import picocli.CommandLine.ITypeConverter;

/// A new size, or with a sign how much more or less: `20G`, `+5G`, `-1G`.
///
/// @param sign -1, 0 or 1; 0 for a new size
public record SizeChange(int sign, Size size) {

  /// The new size of what has `nowBytes`.
  public long applyTo(long nowBytes) throws StorageException {
    if (sign == 0) {
      return size.bytes();
    }
    try {
      var changed = Math.addExact(nowBytes, sign * size.bytes());
      if (changed > 0) {
        return changed;
      }
    } catch (ArithmeticException _) {
      // Said below: it is as unacceptable as a negative size.
    }
    throw new StorageException.InvalidArgument(
        "%s%s from %s leaves no size there is; choose another"
            .formatted(sign < 0 ? "-" : "+", size, Size.human(nowBytes)));
  }

  /// Lets options be such changes.
  public static final class Converter implements ITypeConverter<SizeChange> {
    /// Made by picocli.
    public Converter() {}

    @Override
    public SizeChange convert(String text) {
      var sign = text.startsWith("+") ? 1 : text.startsWith("-") ? -1 : 0;
      return new SizeChange(
          sign, new Size.Converter().convert(sign == 0 ? text : text.substring(1)));
    }
  }
}
