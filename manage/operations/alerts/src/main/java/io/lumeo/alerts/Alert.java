package io.lumeo.alerts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One trouble of one thing: a rule and the labels it was found with. All that is remembered of it
/// between two looks.
///
/// @param value as it was last seen
/// @param because why it was so then, or empty
/// @param level the index of the rule's step that is believed, -1 when none is
/// @param risingSince since when the value asks for a graver step, or null
/// @param fallingSince since when it asks for a milder one, or null
/// @param changedAt when `level` last changed
/// @param firings when it began to fire, of late; many of them are flapping
/// @param announced what people were last told and have not been told is over, or null
public record Alert(
    String rule,
    SortedMap<String, String> labels,
    double value,
    String because,
    int level,
    @Nullable Instant risingSince,
    @Nullable Instant fallingSince,
    Instant changedAt,
    List<Instant> firings,
    @Nullable Announcement announced) {

  /// What people were told.
  ///
  /// @param level the step
  /// @param severity of that step then
  public record Announcement(int level, Severity severity, Instant at) {}

  /// Where an alert is in its life.
  public enum Phase {
    /// Seen, and not yet for long enough to be believed.
    PENDING,
    FIRING,
    /// Well again; remembered for a while, in case it comes back.
    RESOLVED
  }

  public Alert {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    firings = List.copyOf(firings);
  }

  /// An alert of which nobody knows the reason.
  public Alert(
      String rule,
      SortedMap<String, String> labels,
      double value,
      int level,
      @Nullable Instant risingSince,
      @Nullable Instant fallingSince,
      Instant changedAt,
      List<Instant> firings,
      @Nullable Announcement announced) {
    this(rule, labels, value, "", level, risingSince, fallingSince, changedAt, firings, announced);
  }

  static Alert unseen(String rule, SortedMap<String, String> labels, Instant now) {
    return new Alert(rule, labels, Double.NaN, -1, null, null, now, List.of(), null);
  }

  public Phase phase() {
    if (level >= 0) {
      return Phase.FIRING;
    }
    return risingSince == null ? Phase.RESOLVED : Phase.PENDING;
  }

  /// The same for the same rule and labels, for ever: 16 hexadecimal digits.
  public String fingerprint() {
    return fingerprint(rule, labels);
  }

  static String fingerprint(String rule, Map<String, String> labels) {
    var text = new StringBuilder(rule);
    new TreeMap<>(labels)
        .forEach((name, value) -> text.append('\0').append(name).append('\0').append(value));
    try {
      var digest =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /// The same with what was seen of it now.
  Alert seen(double newValue, String newBecause) {
    return new Alert(
        rule,
        labels,
        newValue,
        newBecause,
        level,
        risingSince,
        fallingSince,
        changedAt,
        firings,
        announced);
  }

  Alert told(@Nullable Announcement what) {
    return new Alert(
        rule, labels, value, because, level, risingSince, fallingSince, changedAt, firings, what);
  }
}
