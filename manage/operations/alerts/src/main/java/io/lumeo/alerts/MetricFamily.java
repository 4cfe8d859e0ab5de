package io.lumeo.alerts;

import static io.lumeo.alerts.MetricFamily.Type.COUNTER;
import static io.lumeo.alerts.MetricFamily.Type.GAUGE;
import static io.lumeo.alerts.MetricFamily.Type.HISTOGRAM;
import static io.lumeo.alerts.MetricFamily.Type.INFO;
import static io.lumeo.alerts.MetricFamily.Type.SUMMARY;

import java.util.List;
import java.util.stream.Stream;

/// A metric that Lumeo exposes. Names are a promise: dashboards and rules of others hold them.
///
/// @param name with its prefix and unit, as Prometheus asks; of a histogram, without `_bucket`,
///   `_sum` and `_count`, with which its observations are named
/// @param help one sentence
/// @param labels the labels that its series carry
public record MetricFamily(String name, Type type, String help, List<String> labels) {

  /// What Prometheus is told that it is.
  public enum Type {
    GAUGE,
    COUNTER,
    /// Values by the label `quantile`.
    SUMMARY,
    /// Counts by the label `le`.
    HISTOGRAM,
    /// Always 1: what matters is in the labels.
    INFO
  }

  private static final List<String> HOST = List.of("host");
  private static final List<String> GROUP = List.of("host", "vg");
  private static final List<String> POOL = List.of("host", "vg", "pool");
  private static final List<String> VOLUME = List.of("host", "vg", "pool", "lv");
  private static final List<String> POLICY = List.of("host", "policy");

  /// All there are.
  public static List<MetricFamily> all() {
    return ALL;
  }

  private static final List<MetricFamily> ALL =
      List.of(
          of("host_up", GAUGE, "1 if the host answered the last time it was asked.", HOST),
          of("scrape_duration_seconds", GAUGE, "How long the last look at a host took.", HOST),
          of("inventory_age_seconds", GAUGE, "How old what is known of a host is.", HOST),
          of(
              "scrape_age_seconds",
              GAUGE,
              "How old the values on this page are: they are collected beforehand.",
              List.of()),
          of(
              "record_broken",
              GAUGE,
              "1 if the record of what was done is not as it was written, or cannot be.",
              List.of()),
          of("unfinished_plans", GAUGE, "Changes that were begun and not ended.", HOST),
          of("vg_size_bytes", GAUGE, "Size of the volume group.", GROUP),
          of("vg_free_bytes", GAUGE, "What the volume group has not given out.", GROUP),
          of("vg_missing_pvs", GAUGE, "Devices of the group that are not there.", GROUP),
          of(
              "vg_extension_step_bytes",
              GAUGE,
              "What must be free for the largest extension that comes next in the group, with the"
                  + " reserve that it leaves.",
              GROUP),
          of(
              "thin_pool_info",
              INFO,
              "The pool's identity.",
              List.of("host", "vg", "pool", "uuid", "kind")),
          of("thin_pool_data_size_bytes", GAUGE, "Size of the pool's data.", POOL),
          of("thin_pool_data_used_bytes", GAUGE, "The pool's data in use.", POOL),
          of("thin_pool_metadata_size_bytes", GAUGE, "Size of the pool's metadata.", POOL),
          of("thin_pool_metadata_used_bytes", GAUGE, "The pool's metadata in use.", POOL),
          of("thin_pool_chunk_size_bytes", GAUGE, "The unit that the pool gives out.", POOL),
          of(
              "thin_pool_virtual_bytes",
              GAUGE,
              "Sum of the sizes of the pool's volumes, with snapshots (all) or without.",
              with(POOL, "scope")),
          of(
              "thin_pool_state",
              GAUGE,
              "1 for the state the pool is in, 0 for the others.",
              with(POOL, "state")),
          of(
              "thin_pool_autoextend_misconfigured",
              GAUGE,
              "1 if the pool is to extend itself and will not: nothing told it to, or nothing watches.",
              POOL),
          of(
              "thin_pool_extension_over_limit",
              GAUGE,
              "1 if the pool's own next extension passes the limits of its growth rule.",
              POOL),
          of(
              "thin_pool_time_to_full_seconds",
              SUMMARY,
              "When the pool will be full by its growth, by probability; +Inf for never.",
              with(POOL, "resource")),
          of(
              "thin_pool_burn_time_to_full_seconds",
              GAUGE,
              "When the pool will be full at the rate of the last minutes; +Inf for never.",
              POOL),
          of(
              "lv_info",
              INFO,
              "The volume's identity.",
              List.of("host", "vg", "pool", "lv", "uuid", "kind", "origin")),
          of("lv_size_bytes", GAUGE, "Size of the volume.", VOLUME),
          of("lv_mapped_bytes", GAUGE, "What a thin volume holds, shared or not.", VOLUME),
          of("snapshot_created_timestamp_seconds", GAUGE, "When the snapshot was made.", VOLUME),
          of(
              "snapshot_cow_used_ratio",
              GAUGE,
              "The used share of a classic snapshot's store, 0 to 1.",
              VOLUME),
          of("snapshot_invalid", GAUGE, "1 if the snapshot overflowed and is lost.", VOLUME),
          of(
              "filesystem_size_bytes",
              GAUGE,
              "Size of a mounted file system on a volume.",
              with(VOLUME, "mountpoint")),
          of(
              "filesystem_avail_bytes",
              GAUGE,
              "Free space of a mounted file system on a volume.",
              with(VOLUME, "mountpoint")),
          of("volume_iops", GAUGE, "Operations per second on the volume.", VOLUME),
          of(
              "volume_iops_drop_ratio",
              GAUGE,
              "The share of its usual operations that a volume in demand does not do, 0 to 1.",
              VOLUME),
          of("volume_latency_seconds", GAUGE, "Mean time of an operation on the volume.", VOLUME),
          of(
              "policy_last_success_timestamp_seconds",
              GAUGE,
              "When the policy last did all it is for.",
              POLICY),
          of(
              "policy_overdue",
              GAUGE,
              "1 if that is more than one and a half periods and the grace ago.",
              POLICY),
          of(
              "policy_volumes",
              GAUGE,
              "Volumes that the policy selects, on all hosts together.",
              List.of("policy")),
          of(
              "policy_failed",
              GAUGE,
              "1 if the policy's last run did not do all it was for.",
              POLICY),
          of("policy_snapshots", GAUGE, "Snapshots that the policy keeps.", POLICY),
          of("policy_runs_total", COUNTER, "Runs of the policy.", with(POLICY, "result")),
          of("cleanup_failed", GAUGE, "1 if expired snapshots could not be removed.", POLICY),
          of(
              "verify_last_success_timestamp_seconds",
              GAUGE,
              "When a snapshot of the policy was last verified, or the policy began.",
              POLICY),
          of(
              "verification_failed",
              GAUGE,
              "1 if the last verification did not prove all snapshots readable.",
              POLICY),
          of(
              "extension_failed",
              GAUGE,
              "1 if the last extension of the target failed.",
              with(HOST, "target")),
          of("operations_total", COUNTER, "Operations on storage.", List.of("op", "result")),
          of(
              "operation_duration_seconds",
              HISTOGRAM,
              "How long operations on storage took.",
              List.of("op")),
          of("trim_reclaimed_bytes_total", COUNTER, "What trims gave back to their pools.", HOST),
          of(
              "alerts_sent_total",
              COUNTER,
              "Attempts to deliver a message.",
              List.of("channel", "result")),
          of(
              "alert_channel_failing",
              GAUGE,
              "1 if the last attempt on the channel failed.",
              List.of("channel")),
          of("build_info", INFO, "The version of Lumeo that runs.", List.of("version")));

  private static MetricFamily of(String name, Type type, String help, List<String> labels) {
    return new MetricFamily("lumeo_" + name, type, help, labels);
  }

  private static List<String> with(List<String> labels, String more) {
    return Stream.concat(labels.stream(), Stream.of(more)).toList();
  }
}
