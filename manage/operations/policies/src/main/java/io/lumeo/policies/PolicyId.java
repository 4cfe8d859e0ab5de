package io.lumeo.policies;

import java.util.regex.Pattern;

/// What a policy is known by for life, whatever it is called: snapshots carry it in a tag, so it
/// holds only what a tag may.
final class PolicyId {
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  private PolicyId() {}

  static boolean isOne(String id) {
    return FORM.matcher(id).matches();
  }

  static String require(String id) {
    if (!isOne(id)) {
      throw new IllegalArgumentException(
          ("\"%s\" cannot be a policy's id: it is 1 to 63 of a-z, 0-9, dot, dash and underscore,"
                  + " and begins with a letter or a digit")
              .formatted(id));
    }
    return id;
  }
}
