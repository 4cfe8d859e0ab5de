package io.lumeo.cli;

import java.time.Duration;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A span of time as people write it: `30s`, `5m`, `1h30m`, `7d`, `2w`.
public final class Span implements ITypeConverter<Duration> {
  private static final Pattern TEXT =
      Pattern.compile(
          "(?:([0-9]{1,6})w)?(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?");

  private static final long[] SECONDS = {7 * 86_400, 86_400, 3_600, 60, 1};

  /// Made by picocli.
  public Span() {}

  @Override
  public Duration convert(String text) {
    var parts = TEXT.matcher(text.strip());
    if (text.isBlank() || !parts.matches()) {
      throw new TypeConversionException(
          "'%s' is no span of time; write it as 30s, 5m, 1h30m or 7d".formatted(text));
    }
    long seconds = 0;
    for (int i = 0; i < SECONDS.length; i++) {
      var part = parts.group(i + 1);
      seconds += part == null ? 0 : SECONDS[i] * Long.parseLong(part);
    }
    return Duration.ofSeconds(seconds);
  }
}
