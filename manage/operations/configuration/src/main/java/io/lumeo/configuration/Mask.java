package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/// A configuration's text to be shown: what is confidential in it is `***`, and each line is still
/// the line it was.
///
/// Two nets, one under the other: what the keys say is confidential, wherever it stands; then, line
/// by line, whatever looks like a secret with its name, in comments and in arguments too.
final class Mask {
  private static final String MASKED = "***";

  /// A name that promises a secret, and what is set beside it. Names of files and of variables are
  /// not secrets.
  private static final Pattern NAMED =
      Pattern.compile(
          "(?i)((?:password|passwd|passphrase|secret|token|credentials?|api[-_]?key)[\"']?\\s*[:=]\\s*)"
              + "(?!env:)(\"[^\"]*\"|'[^']*'|[^\\s,\\]}]+)");

  private static final Pattern USER_IN_ADDRESS = Pattern.compile("(://)[^/@\\s]+@");

  private Mask() {}

  static String text(SourceText source) {
    var masked = maskKnown(source);
    masked = NAMED.matcher(masked).replaceAll("$1" + MASKED);
    return USER_IN_ADDRESS.matcher(masked).replaceAll("$1" + MASKED + "@");
  }

  /// Whether a text names a secret and gives it away.
  static boolean holdsSecret(String text) {
    return NAMED.matcher(text).find();
  }

  private static String maskKnown(SourceText source) {
    var found = new ArrayList<Yaml.Scalar>();
    // Mistakes are of no interest here: what is not understood is left to the second net.
    YamlText.parse(source, new ArrayList<>())
        .ifPresent(root -> ConfigurationKeys.SHAPE.findConfidential(root, found::add));
    return replace(source.text(), found);
  }

  /// From the end, so that what is still to come stays where it is.
  private static String replace(String text, List<Yaml.Scalar> found) {
    var masked = new StringBuilder(text);
    found.stream()
        .distinct() // an alias shows the same place twice
        .filter(scalar -> !scalar.text().startsWith("env:"))
        .sorted(Comparator.comparingInt(Yaml.Scalar::start).reversed())
        .forEach(scalar -> {
          var start = text.offsetByCodePoints(0, scalar.start());
          var end = text.offsetByCodePoints(start, scalar.end() - scalar.start());
          var lines = text.substring(start, end).chars().filter(c -> c == '\n').count();
          masked.replace(start, end, MASKED + "\n".repeat((int) lines));
        });
    return masked.toString();
  }
}
