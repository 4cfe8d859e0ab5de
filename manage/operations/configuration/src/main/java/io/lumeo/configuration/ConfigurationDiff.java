package io.lumeo.configuration;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Configurations as they are shown to people: in full, or as the difference of two. Secrets are
/// masked in both.
public final class ConfigurationDiff {
  private ConfigurationDiff() {}

  /// The text of the files, one after the other under their names.
  public static String show(List<SourceText> sources) {
    var shown = new StringBuilder();
    for (var source : sources) {
      shown.append("# %s\n".formatted(source.file())).append(Mask.text(source));
      if (!source.text().endsWith("\n")) {
        shown.append('\n');
      }
    }
    return shown.toString();
  }

  /// The difference in the form of `diff -u`, file by file; empty if there is none.
  ///
  /// @param fromName what the old one is called: `version 3`
  /// @param toName what the new one is called
  public static String between(
      String fromName, List<SourceText> from, String toName, List<SourceText> to) {
    var pairs = new LinkedHashMap<String, SourceText[]>();
    collect(from, 0, pairs);
    collect(to, 1, pairs);
    var diff = new StringBuilder();
    pairs.forEach((file, pair) ->
        diff.append(
            UnifiedDiff.of(
                "%s (%s)".formatted(file, fromName),
                pair[0].text(),
                Mask.text(pair[0]),
                "%s (%s)".formatted(file, toName),
                pair[1].text(),
                Mask.text(pair[1]))));
    return diff.toString();
  }

  private static void collect(List<SourceText> sources, int side, Map<String, SourceText[]> pairs) {
    for (var source : sources) {
      pairs
              .computeIfAbsent(
                  source.file(),
                  file -> new SourceText[] {new SourceText(file, ""), new SourceText(file, "")})[
              side] =
          source;
    }
  }
}
