package io.lumeo.lvm;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the lines of `dmsetup status`, by token and not by column: the kernel's documents and the
/// kernel disagree about the order of the last ones.
///
/// ```
/// vg-pool-tpool: 0 819200 thin-pool 2 112/1024 0/6400 - rw discard_passdown queue_if_no_space - 256
/// ```
final class StatusParser {
  private static final int SECTOR_BYTES = 512;

  private StatusParser() {}

  /// Every device by its name; of one with several targets, the first that says more than `Other`.
  static Map<String, TargetStatus> parse(String output) {
    var found = new LinkedHashMap<String, TargetStatus>();
    output
        .lines()
        .forEach(line -> {
          int colon = line.indexOf(": ");
          if (colon > 0) {
            var name = line.substring(0, colon);
            line(line.substring(colon + 2)).ifPresent(status -> keep(found, name, status));
          }
        });
    return found;
  }

  private static void keep(Map<String, TargetStatus> found, String name, TargetStatus status) {
    if (found.get(name) == null || found.get(name) instanceof TargetStatus.Other) {
      found.put(name, status);
    }
  }

  /// `<start> <length> <target> <status…>`, in sectors.
  static Optional<TargetStatus> line(String line) {
    var tokens = List.of(line.strip().split("\\s+"));
    if (tokens.size() < 3) {
      return Optional.empty();
    }
    var target = tokens.get(2);
    var rest = tokens.subList(3, tokens.size());
    try {
      return Optional.of(status(target, rest));
    } catch (NumberFormatException | IndexOutOfBoundsException unknownForm) {
      return Optional.of(new TargetStatus.Other(target, String.join(" ", rest)));
    }
  }

  private static TargetStatus status(String target, List<String> tokens) {
    var first = tokens.isEmpty() ? "" : tokens.getFirst();
    boolean failed = first.equals("Fail") || first.equals("Error");
    return switch (target) {
      case "thin-pool" -> failed ? new TargetStatus.Failed(first) : pool(tokens);
      case "thin" -> failed ? new TargetStatus.Failed(first) : thin(first);
      case "snapshot", "snapshot-merge" -> snapshot(tokens);
      case "error" -> new TargetStatus.Failed("error");
      default -> new TargetStatus.Other(target, String.join(" ", tokens));
    };
  }

  private static TargetStatus pool(List<String> tokens) {
    var metadata = Fraction.parse(tokens.get(1));
    var data = Fraction.parse(tokens.get(2));
    var flags = new LinkedHashSet<>(tokens.subList(4, tokens.size()));
    return new TargetStatus.ThinPool(
        Long.parseLong(tokens.get(0)),
        metadata.used(),
        metadata.total(),
        data.used(),
        data.total(),
        !tokens.get(3).equals("-"),
        mode(flags),
        flags.contains("error_if_no_space"),
        flags.contains("needs_check"),
        flags);
  }

  private static TargetStatus.ThinPool.Mode mode(Set<String> flags) {
    if (flags.contains("out_of_data_space")) {
      return TargetStatus.ThinPool.Mode.OUT_OF_DATA_SPACE;
    }
    return flags.contains("ro")
        ? TargetStatus.ThinPool.Mode.READ_ONLY
        : TargetStatus.ThinPool.Mode.WRITE;
  }

  private static TargetStatus thin(String mapped) {
    return new TargetStatus.Thin(Long.parseLong(mapped) * SECTOR_BYTES);
  }

  /// `<used>/<total> <metadata>`, or words: `Invalid`, `Overflow`, `Merge failed`, `Unknown`.
  private static TargetStatus snapshot(List<String> tokens) {
    if (!tokens.getFirst().contains("/")) {
      return new TargetStatus.InvalidSnapshot(String.join(" ", tokens));
    }
    var store = Fraction.parse(tokens.getFirst());
    return new TargetStatus.Snapshot(
        store.used() * SECTOR_BYTES,
        store.total() * SECTOR_BYTES,
        Long.parseLong(tokens.get(1)) * SECTOR_BYTES);
  }

  /// `112/1024`.
  private record Fraction(long used, long total) {
    static Fraction parse(String text) {
      int slash = text.indexOf('/');
      return new Fraction(
          Long.parseLong(text.substring(0, slash)), Long.parseLong(text.substring(slash + 1)));
    }
  }
}
