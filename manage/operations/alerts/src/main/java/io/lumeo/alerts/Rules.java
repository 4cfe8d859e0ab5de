package io.lumeo.alerts;

import static io.lumeo.alerts.Rule.Direction.ABOVE;
import static io.lumeo.alerts.Rule.Direction.BELOW;
import static io.lumeo.alerts.Severity.CRITICAL;
import static io.lumeo.alerts.Severity.WARNING;

import io.lumeo.alerts.Measure.Absent;
import io.lumeo.alerts.Measure.Age;
import io.lumeo.alerts.Measure.Gauge;
import io.lumeo.alerts.Measure.Ratio;
import io.lumeo.alerts.Rule.Step;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The table of all rules with their defaults. `docs/prometheus/lumeo.rules.yaml` is written from
/// it, so that Prometheus and the agent say the same.
///
/// Where a figure is asked for between warning and critical (a snapshot at 80 %, a pool at 85 %),
/// it is a step of its own: passing it is announced again.
public final class Rules {
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final double DAY = 86_400;
  private static final List<Step> IT_IS_CRITICAL = List.of(new Step(CRITICAL, 1));
  private static final List<Step> IT_IS_A_WARNING = List.of(new Step(WARNING, 1));

  private Rules() {}

  /// Every rule, with its defaults, in the order that they are listed to people.
  public static List<Rule> defaults() {
    return List.of(
        snapshotStoreFull(),
        snapshotInvalid(),
        snapshotCleanUpFailed(),
        poolDataFull(),
        poolMetadataFull(),
        poolState(
            "PoolNeedsCheck",
            "needs_check",
            "needs its metadata checked",
            "The kernel found an error in the pool's metadata and takes no changes of it until it"
                + " has been checked; volumes may be read-only now or after the next activation.",
            List.of(
                "Stop what writes to the pool and unmount its volumes.",
                "lvchange -an {vg}/{pool}",
                "lvchange -ay --config"
                    + " 'global/thin_check_options=[\"-q\",\"--clear-needs-check-flag\"]'"
                    + " {vg}/{pool}",
                "That has it checked and takes the mark away. Only if it says that the check has"
                    + " failed: lvconvert --repair {vg}/{pool}, once, and keep the {pool}_meta0"
                    + " that it leaves behind.")),
        poolState(
            "PoolReadOnly",
            "ro",
            "is read-only",
            "Writes to every volume of the pool fail; most often its metadata is full or could not"
                + " be written.",
            List.of(
                "dmesg | grep -i thin",
                "lvs -o+lv_health_status,metadata_percent {vg}/{pool}",
                "lvextend --poolmetadatasize +256M {vg}/{pool}")),
        poolState(
            "PoolOutOfData",
            "out_of_data",
            "has no free data space",
            "Writes that need new space wait, and fail after a minute unless the pool is extended;"
                + " file systems on it may then turn read-only.",
            List.of(
                "lvextend -l +100%FREE {vg}/{pool}",
                "If the group is full: vgextend {vg} DEVICE, or remove snapshots you can spare.")),
        poolState(
            "PoolFailed",
            "failed",
            "has failed",
            "No volume of the pool can be read or written.",
            List.of(
                "dmesg | grep -i thin",
                "lvchange -an {vg}/{pool}",
                "lvconvert --repair {vg}/{pool}",
                "Before a repair, copy the metadata: it is small, and a second repair may lose"
                    + " what the first kept.")),
        extensionFailed(),
        groupCannotExtend(),
        autoextendMisconfigured(),
        selfExtensionBeyondLimit(),
        poolFullSoon(),
        poolFillingFast(),
        fileSystemFull(),
        policyMatchesNothing(),
        snapshotRunFailed(),
        policyOverdue(),
        verificationFailed(),
        verificationOld(),
        deviceMissing(),
        hostDown(),
        inventoryOld(),
        metricAbsent(),
        iopsDropped(),
        latencyHigh(),
        planUnfinished(),
        recordBroken(),
        channelFailing());
  }

  private static Rule snapshotStoreFull() {
    return share(
        "SnapshotStoreFull",
        new Gauge("lumeo_snapshot_cow_used_ratio"),
        List.of(new Step(WARNING, 0.70), new Step(WARNING, 0.80), new Step(CRITICAL, 0.90)),
        "Snapshot {vg}/{lv} on {host} has used {value} of its store",
        "At 100 % the snapshot becomes invalid and its content is lost; the origin is not harmed.",
        List.of("lvextend -L +1G {vg}/{lv}", "Or remove it if it is no longer needed."));
  }

  private static Rule snapshotInvalid() {
    return flag(
        "SnapshotInvalid",
        new Gauge("lumeo_snapshot_invalid"),
        IT_IS_CRITICAL,
        "Snapshot {vg}/{lv} on {host} is invalid",
        "Its store overflowed: what it held is lost and cannot be brought back. The origin is not"
            + " harmed, but there is no way back to that moment.",
        List.of(
            "lvs -o+lv_snapshot_invalid,origin {vg}/{lv}",
            "lvremove {vg}/{lv}",
            "Take a new snapshot with a larger store."));
  }

  private static Rule snapshotCleanUpFailed() {
    return flag(
        "SnapshotCleanUpFailed",
        new Gauge("lumeo_cleanup_failed"),
        IT_IS_A_WARNING,
        "Policy {policy} could not remove its expired snapshots on {host}",
        "Old snapshots go on holding space, and the pool fills sooner than foreseen.",
        List.of(
            "lvs -o+lv_active,lv_device_open,lv_tags",
            "A snapshot that is mounted or exported cannot be removed: unmount it, and the next run"
                + " removes it."));
  }

  private static Rule poolDataFull() {
    return share(
        "PoolDataFull",
        new Ratio("lumeo_thin_pool_data_used_bytes", "lumeo_thin_pool_data_size_bytes"),
        List.of(new Step(WARNING, 0.80), new Step(WARNING, 0.85), new Step(CRITICAL, 0.90)),
        "Data of pool {vg}/{pool} on {host} is {value} full",
        "When it is full, writes to every volume of the pool wait and then fail, although the"
            + " volumes look as if they had room.",
        List.of(
            "lvextend -L +10G {vg}/{pool}",
            "fstrim -av",
            "If the group is full: vgextend {vg} DEVICE, or remove snapshots you can spare."));
  }

  private static Rule poolMetadataFull() {
    return share(
        "PoolMetadataFull",
        new Ratio("lumeo_thin_pool_metadata_used_bytes", "lumeo_thin_pool_metadata_size_bytes"),
        List.of(new Step(WARNING, 0.70), new Step(CRITICAL, 0.85), new Step(CRITICAL, 0.90)),
        "Metadata of pool {vg}/{pool} on {host} is {value} full",
        "When it is full, the whole pool turns read-only and needs a repair, however much data"
            + " space is free.",
        List.of(
            "lvextend --poolmetadatasize +256M {vg}/{pool}",
            "Each snapshot takes metadata as it departs from its origin: remove what you can"
                + " spare."));
  }

  private static Rule poolState(
      String name, String state, String what, String meaning, List<String> next) {
    return flag(
        name,
        new Gauge("lumeo_thin_pool_state", Map.of("state", state)),
        IT_IS_CRITICAL,
        "Pool {vg}/{pool} on {host} " + what,
        meaning,
        next);
  }

  private static Rule extensionFailed() {
    return flag(
        "ExtensionFailed",
        new Gauge("lumeo_extension_failed"),
        IT_IS_CRITICAL,
        "{target} on {host} could not be extended",
        "It was to grow and did not, so that it goes on filling towards its end.",
        List.of(
            "vgs -o+vg_free",
            "lvs -a -o+lv_health_status,devices",
            "Give the group space (vgextend GROUP DEVICE) or extend by hand; the next attempt is"
                + " made after the cool-down."));
  }

  private static Rule groupCannotExtend() {
    return new Rule(
        "GroupCannotExtend",
        new Ratio("lumeo_vg_free_bytes", "lumeo_vg_extension_step_bytes"),
        BELOW,
        List.of(new Step(WARNING, 1)),
        0.1,
        Quantity.RATIO,
        AT_ONCE,
        FIVE_MINUTES,
        "Volume group {vg} on {host} has free only {value} of what its next extension needs",
        "The next automatic extension in this group, which leaves the reserve alone, will be smaller"
            + " than its step or fail, and its pool or snapshot will then fill.",
        List.of("vgs {vg}", "vgextend {vg} DEVICE"));
  }

  private static Rule autoextendMisconfigured() {
    return flag(
        "AutoextendMisconfigured",
        new Gauge("lumeo_thin_pool_autoextend_misconfigured"),
        IT_IS_A_WARNING,
        "Pool {vg}/{pool} on {host} is to be extended by LVM, and LVM will not do it",
        "LVM extends a pool only if its profile tells it to and dmeventd monitors it: this one will"
            + " fill to the end.",
        List.of(
            "lvs -o+lv_profile,seg_monitor {vg}/{pool}",
            "systemctl start lvm2-monitor",
            "lvchange --monitor y {vg}/{pool}"));
  }

  private static Rule selfExtensionBeyondLimit() {
    return flag(
        "SelfExtensionBeyondLimit",
        new Gauge("lumeo_thin_pool_extension_over_limit"),
        IT_IS_A_WARNING,
        "LVM's next extension of pool {vg}/{pool} on {host} passes the limits of its growth rule",
        "LVM knows neither a maximum nor a reserve: its next step makes the pool larger than its"
            + " maximum, takes of the group's reserve, or finds no room in the group.",
        List.of(
            "lumeo grow explain --host {host}",
            "vgextend {vg} DEVICE",
            "Or raise the maximum, or let Lumeo extend it within its limits with 'mode: managed'."));
  }

  private static Rule poolFullSoon() {
    return new Rule(
        "PoolFullSoon",
        new Gauge("lumeo_thin_pool_time_to_full_seconds", Map.of("quantile", "0.1")),
        BELOW,
        List.of(new Step(WARNING, 7 * DAY)),
        DAY,
        Quantity.SECONDS,
        FIVE_MINUTES,
        Duration.ofHours(1),
        "Pool {vg}/{pool} on {host} may be full in {value} ({resource})",
        "By its growth so far there is one chance in ten that it is full by then.",
        List.of(
            "lvs -o+data_percent,metadata_percent {vg}",
            "Plan an extension, or remove what is no longer needed."));
  }

  private static Rule poolFillingFast() {
    return new Rule(
        "PoolFillingFast",
        new Gauge("lumeo_thin_pool_burn_time_to_full_seconds"),
        BELOW,
        List.of(new Step(CRITICAL, 30 * 60)),
        15 * 60,
        Quantity.SECONDS,
        AT_ONCE,
        FIVE_MINUTES,
        "Pool {vg}/{pool} on {host} is full in {value} at the rate of the last minutes",
        "Something writes much faster than usual; when the pool is full, writes to all of its"
            + " volumes fail.",
        List.of(
            "iostat -x 5 3",
            "Find and stop the writer, or extend at once: lvextend -L +10G {vg}/{pool}"));
  }

  private static Rule fileSystemFull() {
    return new Rule(
        "FileSystemFull",
        new Ratio("lumeo_filesystem_avail_bytes", "lumeo_filesystem_size_bytes"),
        BELOW,
        List.of(new Step(WARNING, 0.10), new Step(CRITICAL, 0.05)),
        0.02,
        Quantity.RATIO,
        AT_ONCE,
        FIVE_MINUTES,
        "File system {mountpoint} on {host} has only {value} left",
        "Programs that write there will fail, even if the volume group below has room.",
        List.of("df -h {mountpoint}", "lvextend --resizefs -L +10G {vg}/{lv}"));
  }

  private static Rule policyMatchesNothing() {
    return new Rule(
        "PolicyMatchesNothing",
        new Gauge("lumeo_policy_volumes"),
        BELOW,
        List.of(new Step(WARNING, 1)),
        0,
        Quantity.COUNT,
        Duration.ofMinutes(15),
        AT_ONCE,
        "Policy {policy} selects no volume of any host",
        "It protects nothing: a name in it is wrong, or what it was for is gone or is called"
            + " otherwise now.",
        List.of(
            "lumeo policy show {policy}",
            "lvs -o+lv_tags",
            "Correct the policy's volumes, or turn it off with 'enabled: false'."));
  }

  private static Rule snapshotRunFailed() {
    return flag(
        "SnapshotRunFailed",
        new Gauge("lumeo_policy_failed"),
        IT_IS_A_WARNING,
        "Policy {policy} on {host} did not take all of its snapshots",
        "What changed since the run before is in no snapshot; the next run comes by the policy's"
            + " schedule.",
        List.of(
            "lumeo audit list --actor policy:{policy}",
            "Mend what it names, then take them now: lumeo policy run {policy}"));
  }

  private static Rule policyOverdue() {
    return flag(
        "PolicyOverdue",
        new Gauge("lumeo_policy_overdue"),
        IT_IS_A_WARNING,
        "Policy {policy} on {host} has not succeeded for more than one and a half of its periods",
        "The newest snapshot is older than was promised: a mishap now loses more work than it"
            + " should.",
        List.of(
            "lvs -o+lv_time,lv_tags",
            "Look into the audit record for the reason of the last run."));
  }

  private static Rule verificationFailed() {
    return flag(
        "VerificationFailed",
        new Gauge("lumeo_verification_failed"),
        IT_IS_CRITICAL,
        "Snapshots of policy {policy} on {host} could not be proven readable",
        "The newest of them may be worthless, and the volume they were taken of may be damaged as"
            + " well: do not count on them before one is proven again.",
        List.of(
            "lumeo audit list --actor policy:{policy} --verb snapshot.verify",
            "Keep the older snapshots (lumeo snapshot hold), and look into them by hand with:"
                + " lumeo snapshot verify"));
  }

  private static Rule verificationOld() {
    return new Rule(
        "VerificationOld",
        new Age("lumeo_verify_last_success_timestamp_seconds"),
        ABOVE,
        List.of(new Step(WARNING, 8 * DAY)),
        0,
        Quantity.SECONDS,
        AT_ONCE,
        AT_ONCE,
        "No snapshot of policy {policy} on {host} has been verified for {value}",
        "Nobody knows whether its snapshots could be restored.",
        List.of(
            "Verify one by hand, and look into the audit record for why the last verification"
                + " failed or did not run."));
  }

  private static Rule deviceMissing() {
    return new Rule(
        "DeviceMissing",
        new Gauge("lumeo_vg_missing_pvs"),
        ABOVE,
        IT_IS_CRITICAL,
        0,
        Quantity.COUNT,
        AT_ONCE,
        FIVE_MINUTES,
        "Volume group {vg} on {host} misses {value} of its devices",
        "Volumes on them are lost or without redundancy, and the group can hardly be changed.",
        List.of(
            "pvs -o+pv_missing,pv_uuid",
            "Bring the device back (cable, multipath, power), then: vgextend --restoremissing {vg}"
                + " DEVICE",
            "Do not run vgreduce --removemissing before you know what lies there."));
  }

  private static Rule hostDown() {
    return new Rule(
        "HostDown",
        new Gauge("lumeo_host_up"),
        BELOW,
        List.of(new Step(CRITICAL, 1)),
        0,
        Quantity.FLAG,
        Duration.ofMinutes(2),
        Duration.ofMinutes(1),
        "Host {host} does not answer",
        "Nothing on it is watched, snapshotted or extended; its other alerts stand as they were.",
        List.of("ssh {host} true", "ssh {host} lvs"));
  }

  private static Rule inventoryOld() {
    return new Rule(
        "InventoryOld",
        new Gauge("lumeo_inventory_age_seconds"),
        ABOVE,
        List.of(new Step(WARNING, 15 * 60)),
        0,
        Quantity.SECONDS,
        AT_ONCE,
        AT_ONCE,
        "What is known of host {host} is {value} old",
        "Alerts and forecasts of it speak of the past.",
        List.of(
            "ssh {host} lvs",
            "A command that hangs there often waits for a dead device: ps -eo state,pid,args |"
                + " grep ^D"));
  }

  private static Rule metricAbsent() {
    return new Rule(
        "MetricAbsent",
        new Absent("lumeo_host_up"),
        ABOVE,
        IT_IS_CRITICAL,
        0,
        Quantity.FLAG,
        FIVE_MINUTES,
        AT_ONCE,
        "No host is being watched",
        "Nothing is measured, so that no other alert can come.",
        List.of("systemctl status lumeo-agent", "journalctl -u lumeo-agent -n 50"));
  }

  private static Rule iopsDropped() {
    return new Rule(
        "IopsDropped",
        new Gauge("lumeo_volume_iops_drop_ratio"),
        ABOVE,
        List.of(new Step(WARNING, 0.5)),
        0.1,
        Quantity.RATIO,
        FIVE_MINUTES,
        FIVE_MINUTES,
        "Volume {vg}/{lv} on {host} does {value} fewer operations than usual at this time",
        "It is asked for work and gets less done than its baseline: a slow device, a rebuild, or"
            + " too many snapshots.",
        List.of("iostat -x 5 3", "lvs -a -o+sync_percent,snap_percent,devices {vg}"));
  }

  private static Rule latencyHigh() {
    return new Rule(
        "LatencyHigh",
        new Gauge("lumeo_volume_latency_seconds"),
        ABOVE,
        List.of(new Step(WARNING, 0.100)),
        0.020,
        Quantity.SECONDS,
        FIVE_MINUTES,
        FIVE_MINUTES,
        "Operations on volume {vg}/{lv} on {host} take {value}",
        "Whatever waits for this volume is slow.",
        List.of("iostat -x 5 3", "dmesg | tail -n 50"));
  }

  private static Rule planUnfinished() {
    return new Rule(
        "PlanUnfinished",
        new Gauge("lumeo_unfinished_plans"),
        ABOVE,
        IT_IS_A_WARNING,
        0,
        Quantity.COUNT,
        Duration.ofMinutes(15),
        AT_ONCE,
        "{value} changes on {host} were begun and not ended",
        "A volume may be larger than its file system, or a step half done.",
        List.of(
            "Look into the audit record for the plan and its last step.",
            "The agent finishes or undoes it when it can; it cannot while the host is busy or"
                + " unreachable."));
  }

  private static Rule recordBroken() {
    return flag(
        "RecordBroken",
        new Gauge("lumeo_record_broken"),
        IT_IS_CRITICAL,
        "The record of what was done is broken, or cannot be written",
        "Where it was changed, cut or put together anew, nobody can rely on it; while it cannot be"
            + " written, nothing is changed on any host.",
        List.of("lumeo audit verify", "df -h /var/log/lumeo"));
  }

  private static Rule channelFailing() {
    return new Rule(
        "ChannelFailing",
        new Gauge("lumeo_alert_channel_failing"),
        ABOVE,
        IT_IS_A_WARNING,
        0,
        Quantity.FLAG,
        FIVE_MINUTES,
        AT_ONCE,
        "Channel {channel} takes no messages",
        "Whoever listens there hears of no trouble.",
        List.of("journalctl -u lumeo-agent -n 50", "Test the channel once it is mended."));
  }

  private static Rule share(
      String name,
      Measure measure,
      List<Step> steps,
      String title,
      String meaning,
      List<String> next) {
    return new Rule(
        name,
        measure,
        ABOVE,
        steps,
        0.02,
        Quantity.RATIO,
        AT_ONCE,
        FIVE_MINUTES,
        title,
        meaning,
        next);
  }

  private static Rule flag(
      String name,
      Measure measure,
      List<Step> steps,
      String title,
      String meaning,
      List<String> next) {
    return new Rule(
        name, measure, ABOVE, steps, 0, Quantity.FLAG, AT_ONCE, FIVE_MINUTES, title, meaning, next);
  }
}
