package io.lumeo.configuration;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Files as users of `lvm-autoscaler` have them → a configuration of ours. They are JSON or YAML,
/// and a list of entries, or one under a key, or entries by name:
///
/// ```yaml
/// - lv_path: /dev/vg0/home
///   mount_point: /home
///   threshold_percent: 80
///   increment_gb: 5
///   interval_seconds: 60
/// ```
///
/// What has no counterpart is named in a comment, without its value, which may be a secret.
public final class AutoscalerImport {
  private static final Set<String> KNOWN =
      Set.of("lv_path", "mount_point", "threshold_percent", "increment_gb", "interval_seconds");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._+-]+");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

  private final List<Mistake> mistakes = new ArrayList<>();
  private final List<Target> targets = new ArrayList<>();
  private final Set<String> leftOut = new LinkedHashSet<>();
  private final List<BigDecimal> intervals = new ArrayList<>();

  /// What came of it.
  ///
  /// @param yaml a configuration, to be looked through before it is used
  /// @param mistakes entries that could not be understood; they are not in the text
  public record Imported(String yaml, List<Mistake> mistakes) {}

  private record Target(
      Place place,
      String group,
      String volume,
      Optional<String> mountPoint,
      int threshold,
      BigDecimal stepGib,
      List<String> leftOut) {}

  private AutoscalerImport() {}

  /// Converts a file.
  public static Imported convert(SourceText source) {
    var conversion = new AutoscalerImport();
    YamlText.parseAny(source, conversion.mistakes).ifPresent(conversion::collect);
    if (conversion.targets.isEmpty() && conversion.mistakes.isEmpty()) {
      conversion.mistake(new Place(source.file(), 1, 1), "has no entry with an lv_path");
    }
    return new Imported(conversion.write(source), conversion.mistakes.stream().sorted().toList());
  }

  private void collect(Yaml yaml) {
    switch (yaml) {
      case Yaml.Sequence sequence -> sequence.items().forEach(this::collect);
      case Yaml.Mapping mapping when get(mapping, "lv_path").isPresent() -> target(mapping);
      case Yaml.Mapping mapping -> {
        for (var entry : mapping.entries()) {
          if (entry.value() instanceof Yaml.Scalar scalar) {
            setting(entry.key(), scalar);
          } else {
            collect(entry.value());
          }
        }
      }
      case Yaml.Scalar scalar ->
          mistake(scalar.place(), "expected an entry with lv_path and found " + scalar.kind());
    }
  }

  /// A key that stands above the entries.
  private void setting(String key, Yaml.Scalar value) {
    if (key.equals("interval_seconds")) {
      interval(value);
    } else {
      leftOut.add(Words.shown(key));
    }
  }

  private void target(Yaml.Mapping entry) {
    var before = mistakes.size();
    var path = get(entry, "lv_path").orElseThrow();
    List<String> name =
        path instanceof Yaml.Scalar scalar ? groupAndVolume(scalar.text()) : List.of();
    if (name.size() != 2) {
      mistake(path.place(), "lv_path is not of the form /dev/vg0/home");
    }
    var mountPoint = get(entry, "mount_point").flatMap(this::mountPoint);
    var threshold =
        get(entry, "threshold_percent")
            .flatMap(value -> number(value, "threshold_percent", 1, 99))
            .orElse(BigDecimal.valueOf(80));
    var step =
        get(entry, "increment_gb")
            .flatMap(value -> number(value, "increment_gb", 0, 1 << 20))
            .orElse(BigDecimal.valueOf(1));
    if (step.signum() == 0) {
      mistake(entry.place(), "increment_gb is 0; it would never grow");
    }
    get(entry, "interval_seconds").ifPresent(this::interval);
    var others =
        entry.entries().stream()
            .map(Yaml.Entry::key)
            .filter(key -> !KNOWN.contains(key))
            .map(Words::shown)
            .toList();
    if (mistakes.size() == before) {
      targets.add(
          new Target(
              entry.place(),
              name.getFirst(),
              name.getLast(),
              mountPoint,
              threshold.setScale(0, java.math.RoundingMode.FLOOR).intValue(),
              step,
              others));
    }
  }

  /// `/dev/vg0/home`, `vg0/home`, and `/dev/mapper/vg0-home` in which `--` is a dash of a name.
  private static List<String> groupAndVolume(String path) {
    var rest = path.startsWith("/dev/") ? path.substring("/dev/".length()) : path;
    var parts =
        rest.startsWith("mapper/")
            ? List.of(rest.substring("mapper/".length()).split("(?<!-)-(?!-)"))
            : List.of(rest.split("/", -1));
    var names =
        rest.startsWith("mapper/")
            ? parts.stream().map(part -> part.replace("--", "-")).toList()
            : parts;
    return names.size() == 2 && names.stream().allMatch(part -> PLAIN.matcher(part).matches())
        ? names
        : List.of();
  }

  private Optional<String> mountPoint(Yaml value) {
    if (value instanceof Yaml.Scalar scalar && scalar.type() == Yaml.Type.NOTHING) {
      return Optional.empty();
    }
    try {
      if (value instanceof Yaml.Scalar scalar) {
        return Optional.of(Scalars.PATH.parser().parse(scalar.text()).toString());
      }
    } catch (WrongValue wrong) {
      mistake(value.place(), "mount_point " + wrong.message());
      return Optional.empty();
    }
    mistake(value.place(), "mount_point is not a path");
    return Optional.empty();
  }

  private void interval(Yaml value) {
    number(value, "interval_seconds", 1, 1_000_000_000).ifPresent(intervals::add);
  }

  private Optional<BigDecimal> number(Yaml value, String key, int minimum, int maximum) {
    if (value instanceof Yaml.Scalar scalar && NUMBER.matcher(scalar.text()).matches()) {
      var number = new BigDecimal(scalar.text());
      if (number.compareTo(BigDecimal.valueOf(minimum)) >= 0
          && number.compareTo(BigDecimal.valueOf(maximum)) <= 0) {
        return Optional.of(number);
      }
    }
    mistake(value.place(), "%s is not a number from %d to %d".formatted(key, minimum, maximum));
    return Optional.empty();
  }

  private String write(SourceText source) {
    var yaml = new StringBuilder();
    yaml.append("# Converted from %s.%n".formatted(Words.shown(source.file())));
    yaml.append(
        """
        # Check it with `lumeo config check` and read it through: growth also has a maximum, a
        # reserve and a look ahead, which the old file could not say.
        """);
    leftOut.forEach(key -> yaml.append("# Not carried over: %s.%n".formatted(key)));
    yaml.append(
        """

        hosts:
          - name: this-host
            kind: lvm

        """);
    yaml.append(targets.isEmpty() ? "growth: []\n" : "growth:\n");
    var names = new HashSet<String>();
    targets.forEach(target -> write(target, names, yaml));
    shortestInterval().ifPresent(interval -> yaml.append("\n").append(interval));
    return yaml.toString();
  }

  private void write(Target target, Set<String> names, StringBuilder yaml) {
    var object = target.group() + "/" + target.volume();
    if (!names.add(object)) {
      yaml.append(
          "  # %s stands a second time in line %d and is left out: the first rule holds.%n"
              .formatted(object, target.place().line()));
      return;
    }
    yaml.append("  - name: rule-%d-%s%n".formatted(names.size(), shortened(target.volume())));
    yaml.append("    host: this-host\n");
    yaml.append("    volume: %s%n".formatted(quoted(object)));
    target
        .mountPoint()
        .ifPresent(path -> yaml.append("    mountPoint: %s%n".formatted(quoted(path))));
    yaml.append("    threshold: %d%%%n".formatted(target.threshold()));
    yaml.append("    step: %s%n".formatted(step(target.stepGib())));
    target.leftOut().forEach(key -> yaml.append("    # Not carried over: %s.%n".formatted(key)));
  }

  /// LVM's `G` is 1024³ bytes, whatever the key is called.
  private static String step(BigDecimal gib) {
    var whole = gib.stripTrailingZeros();
    if (whole.scale() <= 0) {
      return whole.toBigInteger() + "GiB";
    }
    var mib = gib.multiply(BigDecimal.valueOf(1024)).setScale(0, java.math.RoundingMode.CEILING);
    return mib.toBigInteger() + "MiB";
  }

  /// Each entry had its own; we poll everything at one pace, so the quickest it is.
  private Optional<String> shortestInterval() {
    return intervals.stream()
        .min(Comparator.naturalOrder())
        .map(seconds -> Math.clamp(seconds.longValue(), 1, 3600))
        .map(seconds ->
            """
            # The shortest interval_seconds of the old file.
            monitors:
              pollInterval: %ds
              slowestPoll: %ds
            """
                .formatted(seconds, Math.max(seconds, 60)));
  }

  private static String shortened(String volume) {
    return volume.length() > 40 ? volume.substring(0, 40) : volume;
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static Optional<Yaml> get(Yaml.Mapping mapping, String key) {
    return mapping.entries().stream()
        .filter(entry -> entry.key().equals(key))
        .map(Yaml.Entry::value)
        .findFirst();
  }

  private void mistake(Place place, String message) {
    mistakes.add(new Mistake(place.file(), place.line(), place.column(), "", message));
  }
}
