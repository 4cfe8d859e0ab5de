package io.lumeo.reports;

import io.lumeo.alerts.Quantity;
import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What both forms of a report say in the same words.
final class Phrases {
  private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd");
  static final String NONE = "–";

  private final ZoneId zone;

  Phrases(ZoneId zone) {
    this.zone = zone;
  }

  String time(@Nullable Instant at) {
    return at == null ? NONE : MINUTE.format(at.atZone(zone));
  }

  String date(@Nullable Instant at) {
    return at == null ? NONE : DATE.format(at.atZone(zone));
  }

  static String bytes(long bytes) {
    return bytes((double) bytes);
  }

  static String bytes(double bytes) {
    return Quantity.BYTES.text(bytes);
  }

  static String use(@Nullable Usage usage) {
    return usage == null
        ? NONE
        : "%s of %s (%s)"
            .formatted(
                bytes(usage.usedBytes()),
                bytes(usage.sizeBytes()),
                Quantity.RATIO.text(usage.ratio()));
  }

  static String perDay(double bytes) {
    return (bytes < 0 ? "−" : "+") + bytes(Math.abs(bytes)) + " a day";
  }

  /// When something is full, from the earliest to the latest it may be.
  String full(Growth.Full full) {
    var late = full.late() == null ? "later than can be foreseen" : date(full.late());
    var middle = full.middle() == null ? "" : ", most likely around " + date(full.middle());
    return "%s between %s and %s%s".formatted(full.what(), date(full.early()), late, middle);
  }

  static String kind(Pool.Kind kind) {
    return switch (kind) {
      case VOLUME_GROUP -> "volume group";
      case THIN_POOL -> "thin pool";
      case LUMEO_POOL -> "Lumeo pool";
    };
  }

  static String kind(Volume.Kind kind) {
    return switch (kind) {
      case THICK -> "thick";
      case THIN -> "thin";
      case CLASSIC_SNAPSHOT -> "classic snapshot";
      case THIN_SNAPSHOT -> "thin snapshot";
      case OTHER -> "other";
    };
  }

  /// What a reader sees of a health: its reason, if it is not well.
  static String health(Health health) {
    var word = health.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return health.reason().isEmpty() ? word : word + ": " + health.reason();
  }

  String unreachable(HostReport host) {
    return host.seenAt() == null
        ? "It has never answered."
        : "It does not answer. What follows was seen %s.".formatted(time(host.seenAt()));
  }

  String period(ReportData data) {
    return "From %s to %s, made %s (%s)."
        .formatted(time(data.from()), time(data.until()), time(data.madeAt()), zone);
  }
}
