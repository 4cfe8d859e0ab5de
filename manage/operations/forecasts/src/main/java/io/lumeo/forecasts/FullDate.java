package io.lumeo.forecasts;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// When one of the things that can be full will be.
///
/// @param uuid of the pool or volume
/// @param averted whether something extends it in time: another date of the same pool then says
///   when that comes to an end
public record FullDate(
    String uuid,
    Full what,
    double limitBytes,
    Crossing when,
    Confidence confidence,
    boolean averted) {

  private static final Comparator<FullDate> EARLIEST_FIRST =
      Comparator.comparing(FullDate::likely).thenComparing(FullDate::early);

  /// Something that can be full, and what is known of it.
  ///
  /// @param used the outlook of its used bytes
  /// @param limitBytes at which it is full
  public record Resource(String uuid, Full what, Outlook used, double limitBytes) {}

  /// The dates of all, those first that matter first: by the likely date, then by the early one;
  /// what does not fill within two years last.
  public static List<FullDate> of(List<Resource> resources) {
    return resources.stream()
        .map(resource ->
            new FullDate(
                resource.uuid(),
                resource.what(),
                resource.limitBytes(),
                resource.used().reaches(resource.limitBytes()),
                resource.used().confidence(resource.limitBytes()),
                isAverted(resource, resources)))
        .sorted(EARLIEST_FIRST)
        .toList();
  }

  /// The earliest date that nothing averts.
  public static Optional<FullDate> first(List<FullDate> dates) {
    return dates.stream()
        .filter(date -> !date.averted() && date.when().isForeseen())
        .min(EARLIEST_FIRST);
  }

  private static boolean isAverted(Resource resource, List<Resource> all) {
    return resource.what() == Full.DATA
        && all.stream()
            .anyMatch(other ->
                other.what() == Full.DATA_WITH_GROUP
                    && other.uuid().equals(resource.uuid())
                    && other.limitBytes() > resource.limitBytes());
  }

  private Instant likely() {
    var likely = when.likely();
    return likely == null ? Instant.MAX : likely;
  }

  private Instant early() {
    var early = when.early();
    return early == null ? Instant.MAX : early;
  }
}
