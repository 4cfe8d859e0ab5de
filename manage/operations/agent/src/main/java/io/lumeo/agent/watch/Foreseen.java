package io.lumeo.agent.watch;

import io.lumeo.agent.Foresight;
import io.lumeo.forecasts.FastBurn;
import io.lumeo.forecasts.Forecast;
import io.lumeo.forecasts.Full;
import io.lumeo.forecasts.FullDate;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Sample;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.policies.GrowthTarget;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/// What growth is to know of the future: the forecast, and the burst that no forecast sees. Safe
/// for use by several threads.
///
/// @param hosts what is known of a host, by its name
/// @param outlooks what its forecast says, by its name
/// @param clock the time of day
record Foreseen(
    Function<String, Optional<Watched>> hosts,
    Function<String, Optional<HostOutlook>> outlooks,
    ChangeRates changes,
    InstantSource clock)
    implements Foresight {
  /// What is full this soon at the rate of the last minutes is a burst; at a longer span that rate
  /// says nothing.
  private static final Duration BURST = Duration.ofHours(1);

  @Override
  public OptionalLong fillBytesPerHour(String system, String uuid, GrowthTarget target) {
    var lately = lately(system, uuid, target);
    var foreseen =
        outlooks
            .apply(system)
            .flatMap(outlook -> outlook.outlook(uuid, measure(target)))
            .filter(Forecast.class::isInstance)
            .map(outlook -> ((Forecast) outlook).growthPerDay() / 24);
    return Stream.of(lately, foreseen)
        .flatMap(Optional::stream)
        .mapToLong(rate -> (long) Math.max(0, rate))
        .max();
  }

  /// The mean rate of the last minutes.
  private Optional<Double> lately(String system, String uuid, GrowthTarget target) {
    return hosts
        .apply(system)
        .map(host ->
            host.used()
                .getOrDefault(new SeriesKey(system, uuid, measure(target)), List.<Sample>of()))
        .filter(samples -> samples.size() > 1)
        .map(samples -> {
          var first = samples.getFirst();
          var last = samples.getLast();
          var millis = Math.max(1, Duration.between(first.at(), last.at()).toMillis());
          return (last.value() - first.value()) * 3_600_000 / millis;
        });
  }

  @Override
  public Optional<Duration> timeToFull(String system, String uuid, GrowthTarget target) {
    var now = clock.instant();
    return Stream.concat(foreseen(system, uuid, target, now), burst(system, uuid, target))
        .min(Duration::compareTo);
  }

  private Stream<Duration> foreseen(String system, String uuid, GrowthTarget target, Instant now) {
    return outlooks.apply(system).stream()
        .flatMap(outlook -> outlook.datesOf(uuid).stream())
        .filter(date -> date.what() == full(target))
        .map(FullDate::when)
        .map(when -> when.early())
        .filter(Objects::nonNull)
        .map(early -> early.isBefore(now) ? Duration.ZERO : Duration.between(now, early));
  }

  private Stream<Duration> burst(String system, String uuid, GrowthTarget target) {
    return hosts.apply(system).stream()
        .flatMap(host ->
            Stream.ofNullable(
                Monitors.burns(host).get(new SeriesKey(system, uuid, measure(target)))))
        .filter(burn -> burn.fillsWithin(BURST))
        .map(FastBurn::toFull)
        .filter(Objects::nonNull);
  }

  @Override
  public OptionalLong changedBytesPerHour(String system, String uuid) {
    return changes.bytesPerHour(system, uuid);
  }

  private static Measure measure(GrowthTarget target) {
    return switch (target) {
      case POOL_DATA, SNAPSHOT_STORE -> Measure.DATA_USED;
      case POOL_METADATA -> Measure.METADATA_USED;
      case FILE_SYSTEM -> Measure.FILE_SYSTEM_USED;
    };
  }

  private static Full full(GrowthTarget target) {
    return switch (target) {
      case POOL_DATA -> Full.DATA;
      case POOL_METADATA -> Full.METADATA;
      case SNAPSHOT_STORE -> Full.SNAPSHOT_STORE;
      case FILE_SYSTEM -> Full.FILE_SYSTEM;
    };
  }
}
