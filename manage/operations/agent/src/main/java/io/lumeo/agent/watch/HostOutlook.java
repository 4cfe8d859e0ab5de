package io.lumeo.agent.watch;

import io.lumeo.configuration.GrowthSettings;
import io.lumeo.forecasts.Event;
import io.lumeo.forecasts.Forecaster;
import io.lumeo.forecasts.Full;
import io.lumeo.forecasts.FullDate;
import io.lumeo.forecasts.FullDate.Resource;
import io.lumeo.forecasts.Measure;
import io.lumeo.forecasts.Outlook;
import io.lumeo.forecasts.OverProvisioning;
import io.lumeo.forecasts.Purchase;
import io.lumeo.forecasts.Sample;
import io.lumeo.forecasts.SeriesKey;
import io.lumeo.storage.Inventory;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Usage;
import io.lumeo.storage.Volume;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is foreseen of one host. A value.
///
/// @param host its name
/// @param at when it was looked ahead
/// @param dates when things are full, those first that matter first
/// @param outlooks of what is used, by series
/// @param promises what thin pools have promised, by uuid
/// @param growth the rules that were counted with
public record HostOutlook(
    String host,
    Instant at,
    List<FullDate> dates,
    Map<SeriesKey, Outlook> outlooks,
    Map<String, OverProvisioning> promises,
    List<GrowthSettings> growth) {
  private static final double HEADROOM = 0.2;

  public HostOutlook {
    dates = List.copyOf(dates);
    outlooks = Map.copyOf(outlooks);
    promises = Map.copyOf(promises);
    growth = List.copyOf(growth);
  }

  /// What must be looked at to foresee a host: the use of all that can be full.
  public static List<SeriesKey> series(Inventory inventory) {
    var keys = new ArrayList<SeriesKey>();
    for (var pool : inventory.pools()) {
      keys.add(new SeriesKey(inventory.system(), pool.uuid(), Measure.DATA_USED));
      if (pool.metadata() != null) {
        keys.add(new SeriesKey(inventory.system(), pool.uuid(), Measure.METADATA_USED));
      }
    }
    for (var volume : inventory.volumes()) {
      if (volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT) {
        keys.add(new SeriesKey(inventory.system(), volume.uuid(), Measure.DATA_USED));
      }
      if (fileSystem(volume) != null) {
        keys.add(new SeriesKey(inventory.system(), volume.uuid(), Measure.FILE_SYSTEM_USED));
      }
    }
    return keys;
  }

  /// Looks ahead.
  ///
  /// @param histories of [#series]; what is missing has none
  /// @param events what is known to have changed things at once, by uuid
  /// @param growth the configured rules
  public static HostOutlook of(
      Inventory inventory,
      Map<SeriesKey, List<Sample>> histories,
      Map<String, List<Event>> events,
      List<GrowthSettings> growth,
      Instant now) {
    var outlooks = new HashMap<SeriesKey, Outlook>();
    for (var key : series(inventory)) {
      outlooks.put(
          key,
          Forecaster.look(
              histories.getOrDefault(key, List.of()),
              events.getOrDefault(key.uuid(), List.of()),
              now));
    }
    var terms = new GrowthTerms(growth);
    var promises = new HashMap<String, OverProvisioning>();
    for (var pool : inventory.pools()) {
      if (pool.kind() != Pool.Kind.VOLUME_GROUP) {
        promises.put(
            pool.uuid(),
            OverProvisioning.of(inventory, pool, terms.reachableBytes(inventory, pool)));
      }
    }
    return new HostOutlook(
        inventory.system(),
        now,
        FullDate.of(resources(inventory, outlooks, terms)),
        outlooks,
        promises,
        growth);
  }

  private static List<Resource> resources(
      Inventory inventory, Map<SeriesKey, Outlook> outlooks, GrowthTerms terms) {
    var resources = new ArrayList<Resource>();
    for (var pool : inventory.pools()) {
      var data = outlooks.get(new SeriesKey(inventory.system(), pool.uuid(), Measure.DATA_USED));
      add(resources, pool.uuid(), Full.DATA, data, pool.data().sizeBytes());
      var reachable = terms.reachableBytes(inventory, pool);
      if (reachable > pool.data().sizeBytes()) {
        add(resources, pool.uuid(), Full.DATA_WITH_GROUP, data, reachable);
      }
      var metadata = pool.metadata();
      if (metadata != null) {
        add(
            resources,
            pool.uuid(),
            Full.METADATA,
            outlooks.get(new SeriesKey(inventory.system(), pool.uuid(), Measure.METADATA_USED)),
            metadata.sizeBytes());
      }
    }
    for (var volume : inventory.volumes()) {
      if (volume.kind() == Volume.Kind.CLASSIC_SNAPSHOT && volume.data() != null) {
        add(
            resources,
            volume.uuid(),
            Full.SNAPSHOT_STORE,
            outlooks.get(new SeriesKey(inventory.system(), volume.uuid(), Measure.DATA_USED)),
            volume.data().sizeBytes());
      }
      var fileSystem = fileSystem(volume);
      if (fileSystem != null) {
        add(
            resources,
            volume.uuid(),
            Full.FILE_SYSTEM,
            outlooks.get(
                new SeriesKey(inventory.system(), volume.uuid(), Measure.FILE_SYSTEM_USED)),
            fileSystem.sizeBytes());
      }
    }
    return resources;
  }

  private static void add(
      List<Resource> resources, String uuid, Full what, @Nullable Outlook used, long limit) {
    if (used != null && limit > 0) {
      resources.add(new Resource(uuid, what, used, (double) limit));
    }
  }

  private static @Nullable Usage fileSystem(Volume volume) {
    return volume.fileSystem() == null ? null : volume.fileSystem().usage();
  }

  /// The outlook of one series.
  public Optional<Outlook> outlook(String uuid, Measure used) {
    return Optional.ofNullable(outlooks.get(new SeriesKey(host, uuid, used)));
  }

  /// The dates of one pool or volume.
  public List<FullDate> datesOf(String uuid) {
    return dates.stream().filter(date -> date.uuid().equals(uuid)).toList();
  }

  /// What a pool or group must have at `day` so that it suffices in nine of ten cases and a fifth
  /// stays free; empty when nothing was ever measured of it.
  public Optional<Purchase> purchase(Pool pool, Instant day) {
    return outlook(pool.uuid(), Measure.DATA_USED)
        .map(outlook ->
            Purchase.until(
                day,
                List.of(
                    new Purchase.Item(
                        outlook,
                        (double) pool.data().usedBytes(),
                        (double) pool.data().sizeBytes())),
                HEADROOM));
  }
}
