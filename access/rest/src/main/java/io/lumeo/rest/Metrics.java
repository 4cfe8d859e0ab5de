package io.lumeo.rest;

import io.lumeo.pools.ExportView;
import io.lumeo.pools.PoolView;
import io.lumeo.pools.VolumeService;
import io.lumeo.pools.VolumeView;
import io.lumeo.thin.PoolMode;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// The pool, its volumes and exports in Prometheus' text format, taken anew at every scrape.
final class Metrics {
  private final VolumeService volumes;
  private final String version;

  Metrics(VolumeService volumes, String version) {
    this.volumes = volumes;
    this.version = version;
  }

  Answer answer() throws IOException {
    var writer = PrometheusTextFormatWriter.create();
    var text = new ByteArrayOutputStream();
    writer.write(text, snapshots(), EscapingScheme.DEFAULT);
    return new Answer(200, writer.getContentType(), text.toByteArray(), Map.of());
  }

  private MetricSnapshots snapshots() throws IOException {
    var pool = volumes.pool();
    var list = volumes.list();
    var exports = volumes.exports();
    return MetricSnapshots.of(
        build(),
        gauge(pool, "data_size_bytes", "Size of the data device.", PoolView::dataSizeBytes),
        gauge(pool, "data_used_bytes", "Data in use.", PoolView::dataUsedBytes),
        gauge(pool, "metadata_size_bytes", "Size of the metadata.", PoolView::metadataSizeBytes),
        gauge(pool, "metadata_used_bytes", "Metadata in use.", PoolView::metadataUsedBytes),
        gauge(
            pool,
            "low_water_bytes",
            "Free space below which the pool asks to be extended.",
            PoolView::lowWaterBytes),
        gauge(
            pool,
            "virtual_size_bytes",
            "Sum of the sizes of all volumes and snapshots.",
            PoolView::virtualSizeBytes),
        gauge(
            pool,
            "needs_check",
            "1 when the pool takes no writes until it has been checked.",
            view -> view.needsCheck() ? 1 : 0),
        gauge(
            pool,
            "transaction_id",
            "The volume manager's number.",
            view -> view.transactionId().doubleValue()),
        gauge(
            pool,
            "snapshot_ticks_left",
            "How many more ticks the snapshot clock has.",
            PoolView::snapshotTicksLeft),
        gauge(pool, "volumes", "Volumes and clones in the pool.", PoolView::volumeCount),
        gauge(pool, "snapshots", "Snapshots in the pool.", PoolView::snapshotCount),
        mode(pool),
        volumeGauge(pool, list, "size_bytes", "Size of the volume.", volume -> volume.sizeBytes()),
        volumeGauge(
            pool,
            list,
            "mapped_bytes",
            "What the volume holds of the pool, shared or not.",
            volume -> volume.mappedBytes()),
        connections(pool, exports));
  }

  private InfoSnapshot build() {
    return InfoSnapshot.builder()
        .name("lumeo_build")
        .help("The version of Lumeo that runs.")
        .dataPoint(InfoDataPointSnapshot.builder().labels(Labels.of("version", version)).build())
        .build();
  }

  private static GaugeSnapshot gauge(
      PoolView pool, String name, String help, ToDoubleFunction<PoolView> value) {
    return GaugeSnapshot.builder()
        .name("lumeo_pool_" + name)
        .help(help)
        .dataPoint(
            GaugeDataPointSnapshot.builder()
                .labels(Labels.of("pool", pool.name()))
                .value(value.applyAsDouble(pool))
                .build())
        .build();
  }

  private static GaugeSnapshot mode(PoolView pool) {
    var gauge =
        GaugeSnapshot.builder()
            .name("lumeo_pool_mode")
            .help("What the pool can still do: 1 for the mode it is in, 0 for the others.");
    for (var mode : PoolMode.values()) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(Labels.of("pool", pool.name(), "mode", Records.word(mode)))
              .value(mode == pool.mode() ? 1 : 0)
              .build());
    }
    return gauge.build();
  }

  private static GaugeSnapshot volumeGauge(
      PoolView pool,
      List<VolumeView> volumes,
      String name,
      String help,
      ToDoubleFunction<VolumeView> value) {
    var gauge = GaugeSnapshot.builder().name("lumeo_volume_" + name).help(help);
    for (var volume : volumes) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(
                  Labels.of(
                      "pool", pool.name(),
                      "volume", volume.name(),
                      "kind", Records.word(volume.kind())))
              .value(value.applyAsDouble(volume))
              .build());
    }
    return gauge.build();
  }

  private static GaugeSnapshot connections(PoolView pool, List<ExportView> exports) {
    var gauge =
        GaugeSnapshot.builder()
            .name("lumeo_export_connections")
            .help("NBD clients that use the export.");
    for (var export : exports) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(Labels.of("pool", pool.name(), "export", export.name()))
              .value(export.connectionCount())
              .build());
    }
    return gauge.build();
  }
}
