package io.lumeo.lvm;

import java.util.ArrayList;
import java.util.List;

/// The report that LVM is asked for: all of every group, under one lock each, by one command. All
/// fields are known to 2.03.16 and to 2.03.40, so that no version need be told from another here.
final class ReportFields {
  private static final String GROUP =
      "vg_uuid,vg_name,vg_attr,vg_size,vg_free,vg_extent_size,vg_extent_count,vg_free_count,"
          + "vg_seqno,pv_count,vg_missing_pv_count,lv_count,snap_count,vg_tags,vg_profile,"
          + "vg_mda_free,vg_mda_size,vg_mda_used_count,vg_lock_type,vg_systemid,vg_exported,"
          + "vg_partial";

  private static final String DEVICE =
      "pv_uuid,pv_name,vg_name,pv_size,pv_free,pv_used,dev_size,pe_start,pv_attr,pv_missing,"
          + "pv_duplicate,pv_tags,pv_mda_free";

  private static final String VOLUME =
      "lv_uuid,lv_name,lv_full_name,lv_path,lv_dm_path,vg_name,lv_attr,lv_size,lv_metadata_size,"
          + "lv_layout,lv_role,pool_lv,pool_lv_uuid,data_lv,metadata_lv,origin,origin_uuid,"
          + "origin_size,lv_ancestors,lv_descendants,lv_time,lv_host,lv_tags,lv_profile,lv_active,"
          + "lv_device_open,lv_permissions,lv_suspended,lv_skip_activation,lv_merging,"
          + "lv_converting,lv_merge_failed,lv_snapshot_invalid,lv_check_needed,lv_health_status,"
          + "lv_when_full,data_percent,snap_percent,metadata_percent,sync_percent,copy_percent,"
          + "raid_sync_action,raid_mismatch_count,kernel_discards,lv_kernel_major,lv_kernel_minor,"
          + "lv_historical";

  private static final String SEGMENT =
      "lv_uuid,segtype,seg_start_pe,seg_size_pe,stripes,stripe_size,chunk_size,region_size,"
          + "thin_count,discards,zero,transaction_id,thin_id,seg_monitor,devices,metadata_devices";

  /// Nobody asks for these, but they cannot be left out: the shortest there is.
  private static final String DEVICE_SEGMENT = "pvseg_start";

  private ReportFields() {}

  /// The argument vector.
  ///
  /// @param quiet whether LVM is told to keep to itself what is no report: for the second try,
  ///   after a message was found in the middle of the JSON
  static List<String> arguments(boolean quiet) {
    var all = new ArrayList<String>();
    if (quiet) {
      all.add("-qq");
    }
    all.addAll(List.of("--all", "--foreign", "--reportformat", "json"));
    add(all, "vg", GROUP);
    add(all, "pv", DEVICE);
    add(all, "lv", VOLUME);
    add(all, "seg", SEGMENT);
    add(all, "pvseg", DEVICE_SEGMENT);
    return LvmCommand.of("fullreport", all);
  }

  private static void add(List<String> arguments, String report, String fields) {
    arguments.addAll(List.of("--configreport", report, "-o", fields));
  }
}
