package io.lumeo.configuration;

import io.lumeo.alerts.Secret;
import io.lumeo.policies.Amount;
import io.lumeo.policies.CronSchedule;
import io.lumeo.policies.CronSyntaxException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The kinds of single values that a configuration is made of.
final class Scalars {
  private static final String ENVIRONMENT = "env:";
  private static final Pattern SIZE_PARTS = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([A-Za-z]*)");
  private static final Pattern DURATION_PART = Pattern.compile("([0-9]+)(ms|[smhdw])");
  private static final Pattern ENVIRONMENT_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  static final Scalar<Boolean> TRUTH =
      new Scalar<>(
          "true or false",
          Yaml.Type.TRUTH,
          Map.of(),
          Boolean::parseBoolean,
          List.of(),
          false,
          false);

  /// What something is called: also a label, a part of a file name, a tag.
  static final Scalar<String> NAME =
      Scalar.matching(
          "a name (letters, digits and . _ - +, a letter or digit first)",
          "^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$",
          text -> text);

  /// What snapshots carry in a tag for life.
  static final Scalar<String> ID =
      Scalar.matching(
          "an id (a-z, digits and . _ -, a letter or digit first)",
          "^[a-z0-9][a-z0-9._-]{0,62}$",
          text -> text);

  static final Scalar<Glob> GLOB =
      Scalar.matching("a name or a pattern with * and ?", "^[A-Za-z0-9._+*?-]{1,128}$", Glob::new);

  /// A pattern for what has a slash: `vg0/thin`.
  static final Scalar<Glob> PATH_GLOB =
      Scalar.matching(
          "a name such as vg0/data, or a pattern with * and ?",
          "^[A-Za-z0-9._+*?-]{1,128}(/[A-Za-z0-9._+*?-]{1,128})?$",
          Glob::new);

  /// Words for people.
  static final Scalar<String> PROSE =
      Scalar.matching("a text on one line", "^[^\\r\\n\\t]{1,500}$", text -> text);

  static final Scalar<Duration> DURATION =
      Scalar.<Duration>matching(
              "a duration such as 100ms, 30s, 5m, 1h30m, 7d or 2w",
              "^([0-9]{1,9}(ms|s|m|h|d|w))+$",
              Scalars::duration)
          .withUnit();

  static final Scalar<Long> SIZE =
      Scalar.<Long>text(
              "a size such as 512MiB, 10GiB or 1.5TiB",
              Map.of("pattern", "^[0-9]+(\\.[0-9]+)? ?(B|[KMGTPE](iB)?)$"),
              Scalars::size)
          .withUnit();

  static final Scalar<Amount> AMOUNT =
      Scalar.<Amount>text(
              "a size such as 10GiB or a share such as 20%",
              Map.of("pattern", "^([0-9]{1,4}%|[0-9]+(\\.[0-9]+)? ?(B|[KMGTPE](iB)?))$"),
              text ->
                  text.endsWith("%")
                      ? new Amount.Percent(percent(text, 1000))
                      : new Amount.Bytes(size(text)))
          .withUnit();

  static final Scalar<Integer> PERCENT = share(0, 100);

  static final Scalar<ZoneId> ZONE =
      Scalar.text("a time zone such as Europe/Berlin or UTC", Map.of(), Scalars::zone);

  static final Scalar<String> SCHEDULE =
      Scalar.text("a schedule such as '15 3 * * *' or '@daily'", Map.of(), Scalars::schedule);

  static final Scalar<Instant> MOMENT =
      Scalar.matching(
          "a moment such as 2026-12-24T18:00:00Z",
          "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})$",
          Scalars::moment);

  /// A file or folder of this machine.
  static final Scalar<Path> PATH =
      Scalar.matching("an absolute path", "^/[^\\x00-\\x1f]*$", Scalars::path);

  /// A host as ssh knows it. What begins with `-` would be an option to ssh.
  static final Scalar<String> SSH_DESTINATION =
      Scalar.matching(
          "a host as ssh knows it: backup@db1.example.com, or a Host of ssh_config",
          "^([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9\\[][A-Za-z0-9._:%\\]-]*$",
          text -> text);

  static final Scalar<String> HOST_NAME =
      Scalar.matching(
          "a host name or address", "^[A-Za-z0-9\\[][A-Za-z0-9.:%\\]_-]{0,252}$", text -> text);

  static final Scalar<String> MAIL_ADDRESS =
      Scalar.matching(
          "a mail address such as ops@example.com",
          "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$",
          text -> text);

  /// An argument of a command.
  static final Scalar<String> ARGUMENT =
      Scalar.matching("an argument (text, in quotes if need be)", "^[^\\x00]*$", text -> text);

  static final Scalar<URI> ADDRESS =
      Scalar.text(
          "an address such as https://example.com/path",
          Map.of("pattern", "^https?://"),
          Scalars::address);

  /// An address that whoever knows it can use, or where it is.
  static final Scalar<SecretSource> SECRET_ADDRESS =
      Scalar.<SecretSource>text(
              "an address such as https://example.com/path, or env:NAME",
              Map.of("pattern", "^(https?://|env:[A-Za-z_][A-Za-z0-9_]*$)"),
              text ->
                  text.startsWith(ENVIRONMENT)
                      ? inEnvironment(text)
                      : new SecretSource.Written(Secret.of(address(text).toString())))
          .asConfidential();

  /// A secret, which is never written here itself.
  static final Scalar<SecretSource> SECRET =
      Scalar.<SecretSource>text(
              "env:NAME, a variable that holds it (or the key of the same name with 'File', for a"
                  + " file that does)",
              Map.of("pattern", "^env:[A-Za-z_][A-Za-z0-9_]*$"),
              Scalars::inEnvironment)
          .asConfidential();

  static final Scalar<SecretSource> SECRET_FILE =
      Scalar.matching(
          "an absolute path", "^/[^\\x00-\\x1f]*$", text -> new SecretSource.InFile(path(text)));

  private Scalars() {}

  static Scalar<Integer> whole(int minimum, int maximum) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("minimum", minimum);
    schema.put("maximum", maximum);
    return new Scalar<>(
        "a whole number from %d to %d".formatted(minimum, maximum),
        Yaml.Type.WHOLE,
        schema,
        text -> whole(text, minimum, maximum),
        List.of(),
        false,
        false);
  }

  private static int whole(String text, int minimum, int maximum) throws WrongValue {
    try {
      var number = Integer.parseInt(text);
      if (number >= minimum && number <= maximum) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Too long for an int: as much out of range as any other.
    }
    throw new WrongValue("is not from %d to %d".formatted(minimum, maximum));
  }

  static Scalar<Integer> share(int minimum, int maximum) {
    return Scalar.<Integer>text(
            "a share such as 80%",
            Map.of("pattern", "^[0-9]{1,4}%$"),
            text -> {
              var percent = percent(text, maximum);
              if (percent < minimum) {
                throw new WrongValue("is not from %d%% to %d%%".formatted(minimum, maximum));
              }
              return percent;
            })
        .withUnit();
  }

  private static int percent(String text, int maximum) throws WrongValue {
    if (!text.matches("[0-9]{1,4}%")) {
      throw new WrongValue("is not a share such as 80% (whole percents)");
    }
    var percent = Integer.parseInt(text.substring(0, text.length() - 1));
    if (percent > maximum) {
      throw new WrongValue("is more than %d%%".formatted(maximum));
    }
    return percent;
  }

  static Scalar<String> constant(String value) {
    return Scalar.text(
        "'" + value + "'",
        Map.of("const", value),
        text -> {
          if (!text.equals(value)) {
            throw new WrongValue("is not '" + value + "'");
          }
          return text;
        });
  }

  /// One of a few words: the constants of an enum, in lower case with `-`.
  static <E extends Enum<E>> Scalar<E> oneOf(Class<E> type) {
    var words = new LinkedHashMap<String, E>();
    for (var value : type.getEnumConstants()) {
      words.put(word(value), value);
    }
    return oneOf(words);
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  static <V> Scalar<V> oneOf(Map<String, V> words) {
    var names = List.copyOf(words.keySet());
    return Scalar.text(
        "one of " + String.join(", ", names),
        Map.of("enum", names),
        text -> {
          var value = words.get(text);
          if (value == null) {
            throw new WrongValue(
                "is not one of %s%s"
                    .formatted(
                        String.join(", ", names),
                        Words.meant(text, names)
                            .map("; did you mean '%s'?"::formatted)
                            .orElse("")));
          }
          return value;
        });
  }

  /// A duration within bounds.
  static Scalar<Duration> duration(Duration minimum, Duration maximum) {
    return DURATION.meaning((duration, yaml, path, reading) -> {
      if (duration.compareTo(minimum) < 0 || duration.compareTo(maximum) > 0) {
        throw new WrongValue("is not from %s to %s".formatted(text(minimum), text(maximum)));
      }
    });
  }

  /// Gives a name that others refer to.
  static Scalar<String> naming(Reading.Names names) {
    return naming(names, NAME);
  }

  static Scalar<String> naming(Reading.Names names, Scalar<String> form) {
    return form.meaning(
        (name, yaml, path, reading) -> reading.give(names, name, yaml.place(), path));
  }

  /// Refers to a name.
  static Scalar<String> reference(Reading.Names names) {
    return NAME.meaning((name, yaml, path, reading) ->
        reading.refer(names, name, name::equals, yaml.place(), path));
  }

  /// Refers to at least one name by a pattern.
  static Scalar<Glob> references(Reading.Names names) {
    return GLOB.meaning((glob, yaml, path, reading) ->
        reading.refer(names, glob.text(), glob::matches, yaml.place(), path));
  }

  static <T, U> Scalar<U> map(Scalar<T> scalar, Function<T, U> function) {
    return new Scalar<>(
        scalar.what(),
        scalar.type(),
        scalar.schema(),
        text -> function.apply(scalar.parser().parse(text)),
        List.of(),
        scalar.confidential(),
        scalar.hasUnit());
  }

  static Duration duration(String text) throws WrongValue {
    var total = Duration.ZERO;
    var parts = DURATION_PART.matcher(text);
    while (parts.find()) {
      var count = Long.parseLong(parts.group(1));
      total =
          total.plus(
              switch (parts.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                case "d" -> Duration.ofDays(count);
                default -> Duration.ofDays(Math.multiplyExact(count, 7));
              });
    }
    if (total.compareTo(Duration.ofDays(36_525)) > 0) {
      throw new WrongValue("is longer than a century");
    }
    return total;
  }

  /// A duration as one writes it, in its largest whole unit.
  static String text(Duration duration) {
    var millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    var seconds = millis / 1000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    } else if (seconds % 3600 != 0) {
      return seconds / 60 + "m";
    }
    return seconds % 86_400 != 0 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }

  static long size(String text) throws WrongValue {
    var parts = SIZE_PARTS.matcher(text);
    if (!parts.matches()) {
      throw new WrongValue("is not a size such as 512MiB, 10GiB or 1.5TiB");
    }
    var bytes = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit(parts.group(2))));
    if (bytes.stripTrailingZeros().scale() > 0) {
      throw new WrongValue("is not a whole number of bytes; use a smaller unit");
    }
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new WrongValue("is too large; the largest size is just below 8EiB");
    }
    return bytes.longValueExact();
  }

  private static long unit(String unit) throws WrongValue {
    if (unit.isEmpty()) {
      throw new WrongValue("has no unit; write B, KiB, MiB, GiB, TiB, PiB or EiB after it");
    }
    if (unit.equals("B")) {
      return 1;
    }
    var power = "KMGTPE".indexOf(unit.charAt(0)) + 1;
    var rest = unit.substring(1);
    if (power > 0 && (rest.isEmpty() || rest.equals("iB"))) {
      return 1L << (10 * power);
    }
    if (power > 0 && rest.equals("B")) {
      // Not guessed at: half of those who write them mean the binary ones.
      throw new WrongValue(
          "has a decimal unit; write %siB for powers of 1024".formatted(unit.substring(0, 1)));
    }
    throw new WrongValue(
        "has the unknown unit '%s'; use B, KiB, MiB, GiB, TiB, PiB or EiB"
            .formatted(Words.shown(unit)));
  }

  /// The text itself: what its `H` stands for is not known before its owner is.
  private static String schedule(String text) throws WrongValue {
    try {
      return CronSchedule.parse(text).toString();
    } catch (CronSyntaxException e) {
      throw new WrongValue("is no schedule: " + e.problem(), e.column() - 1);
    }
  }

  private static ZoneId zone(String text) throws WrongValue {
    if (ZoneId.getAvailableZoneIds().contains(text)) {
      return ZoneId.of(text);
    }
    throw new WrongValue(
        "is not a time zone of the IANA list%s"
            .formatted(
                Words.meant(text, ZoneId.getAvailableZoneIds())
                    .map("; did you mean '%s'?"::formatted)
                    .orElse(", such as Europe/Berlin or UTC")));
  }

  private static Instant moment(String text) throws WrongValue {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new WrongValue("is not a moment that exists");
    }
  }

  private static Path path(String text) throws WrongValue {
    var path = Path.of(text);
    if (!path.normalize().equals(path)) {
      throw new WrongValue("has . or .. in it; write where it really is");
    }
    return path;
  }

  private static URI address(String text) throws WrongValue {
    try {
      var address = new URI(text);
      var scheme = String.valueOf(address.getScheme());
      if (!scheme.equals("https") && !scheme.equals("http")) {
        throw new WrongValue("is not an address that begins with https:// or http://");
      }
      if (address.getHost() == null) {
        throw new WrongValue("has no host");
      }
      if (address.getRawUserInfo() != null) {
        throw new WrongValue("has a user or password in it; use the keys for them");
      }
      return address;
    } catch (URISyntaxException e) {
      throw new WrongValue("is not an address", Math.max(0, e.getIndex()));
    }
  }

  private static SecretSource inEnvironment(String text) throws WrongValue {
    var name = text.startsWith(ENVIRONMENT) ? text.substring(ENVIRONMENT.length()) : "";
    if (!ENVIRONMENT_NAME.matcher(name).matches()) {
      throw new WrongValue(
          "should not be here: put it into a file that only its owner can read and name that with"
              + " the key that ends in 'File', or write env:NAME for a variable");
    }
    return new SecretSource.InEnvironment(name);
  }
}
