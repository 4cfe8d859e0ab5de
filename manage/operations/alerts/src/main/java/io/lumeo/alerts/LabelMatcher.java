package io.lumeo.alerts;

import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A condition on a label, written as Alertmanager writes it: `host="db1"`, `pool!="scratch"`,
/// `lv=~"test-.*"`, `vg!~"a|b"`. A label that is absent has the empty value; `alertname`,
/// `severity` and `object` (`vg0/data`, whichever of a pool or a volume it is) are labels too.
///
/// @param equal whether the value is to match, or not to match
/// @param expression whether `value` is a regular expression, which the whole label must match
public record LabelMatcher(String label, boolean equal, boolean expression, String value) {
  private static final Pattern FORM =
      Pattern.compile(
          "\\s*([a-zA-Z_]\\w*)\\s*(=~|!~|!=|=)\\s*(?:\"([^\"]*)\"|((?:[^\"\\s=~][^\"\\s]*)?))\\s*");

  /// Reads one matcher.
  ///
  /// @throws IllegalArgumentException if it is not one, saying why
  public static LabelMatcher parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a matcher; write it as host=\"db1\" or lv=~\"test-.*\"".formatted(text));
    }
    var matcher =
        new LabelMatcher(
            form.group(1),
            form.group(2).startsWith("="),
            form.group(2).endsWith("~"),
            form.group(3) == null ? form.group(4) : form.group(3));
    try {
      matcher.pattern();
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'%s' is not a matcher: %s".formatted(text, e.getDescription()), e);
    }
    return matcher;
  }

  boolean matches(Map<String, String> labels) {
    return pattern().matcher(labels.getOrDefault(label, "")).matches() == equal;
  }

  private Pattern pattern() {
    return Pattern.compile(expression ? value : Pattern.quote(value), Pattern.DOTALL);
  }

  /// In the form that [#parse] reads.
  @Override
  public String toString() {
    var operator = (equal ? "=" : "!") + (expression ? "~" : equal ? "" : "=");
    return "%s%s\"%s\"".formatted(label, operator, value);
  }
}
