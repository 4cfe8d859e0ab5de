package io.lumeo.cli;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A number of bytes as people write it: `10G`, `10GiB`, `1.5T`, `512MiB`, `64K`, `65536`, and
/// `4096s` for sectors of 512 bytes. Units are powers of 1024; the `iB` may be left out.
///
/// Decimal units (`GB`) are refused and not guessed at: half of those who write them mean the
/// binary ones, and a disk that is 7 % too small is found out late.
public record Size(long bytes) {
  private static final Pattern TEXT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z]*)");
  private static final Map<Character, Integer> SHIFTS =
      Map.of('k', 10, 'm', 20, 'g', 30, 't', 40, 'p', 50, 'e', 60);
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  /// Reads a size.
  ///
  /// @throws IllegalArgumentException saying what is wrong with it
  public static Size parse(String text) {
    var matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a size; write it as 10G, 512MiB, 64K, 65536 or 4096s".formatted(text));
    }
    var number = new BigDecimal(matcher.group(1));
    var bytes = number.multiply(BigDecimal.valueOf(unitBytes(text, matcher.group(2))));
    if (bytes.stripTrailingZeros().scale() > 0) {
      throw new IllegalArgumentException(
          "'%s' is not a whole number of bytes; use a smaller unit".formatted(text));
    }
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "'%s' is too large; the largest size is just below 8EiB".formatted(text));
    }
    return new Size(bytes.longValueExact());
  }

  private static long unitBytes(String text, String unit) {
    var lower = unit.toLowerCase(java.util.Locale.ROOT);
    if (lower.isEmpty() || lower.equals("b")) {
      return 1;
    }
    if (lower.equals("s")) {
      return 512;
    }
    var shift = SHIFTS.get(lower.charAt(0));
    var rest = lower.substring(1);
    if (shift != null && (rest.isEmpty() || rest.equals("ib"))) {
      return 1L << shift;
    }
    if (shift != null && rest.equals("b")) {
      throw new IllegalArgumentException(
          "'%s' has a decimal unit; write %siB for powers of 1024"
              .formatted(text, unit.substring(0, 1).toUpperCase(java.util.Locale.ROOT)));
    }
    throw new IllegalArgumentException(
        "'%s' has the unknown unit '%s'; use K, M, G, T, P or E, or s for sectors"
            .formatted(text, unit));
  }

  /// For people: the largest unit that leaves at least 1, with at most two decimals.
  @Override
  public String toString() {
    if (bytes < 1024) {
      return bytes + " B";
    }
    int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    var value = BigDecimal.valueOf(bytes).divide(BigDecimal.valueOf(1L << (10 * unit)));
    var rounded =
        value.setScale(value.compareTo(BigDecimal.TEN) < 0 ? 2 : 1, java.math.RoundingMode.DOWN);
    return plain(rounded) + " " + UNITS[unit];
  }

  private static String plain(BigDecimal value) {
    var stripped = value.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.toBigInteger().toString() : stripped.toPlainString();
  }

  /// A byte count for people.
  public static String human(long bytes) {
    return new Size(bytes).toString();
  }

  /// Lets options be sizes.
  public static final class Converter implements ITypeConverter<Size> {
    /// Made by picocli.
    public Converter() {}

    @Override
    public Size convert(String text) {
      try {
        return parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
