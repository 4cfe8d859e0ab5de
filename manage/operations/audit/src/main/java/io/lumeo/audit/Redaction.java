package io.lumeo.audit;

import java.util.Collection;
import java.util.Comparator;
import java.util.function.Supplier;

/// Takes secrets out of what is about to be recorded.
@FunctionalInterface
public interface Redaction {
  /// The text without its secrets.
  String redact(String text);

  /// Nothing is secret.
  static Redaction none() {
    return text -> text;
  }

  /// Puts `***` in the place of each secret that `secrets` knows of at that moment.
  static Redaction of(Supplier<? extends Collection<String>> secrets) {
    return text -> {
      var redacted = text;
      // The longer first: one secret may begin with another.
      for (var secret :
          secrets.get().stream()
              .filter(any -> !any.isEmpty())
              .sorted(Comparator.comparingInt(String::length).reversed())
              .toList()) {
        redacted = redacted.replace(secret, "***");
      }
      return redacted;
    };
  }
}
