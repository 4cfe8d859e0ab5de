package io.lumeo.configuration;

import java.nio.file.Path;
import java.util.List;

/// Everything that operations are told, right in itself: every name that is referred to exists, and
/// nothing contradicts.
///
/// @param state the folder of the state file, reports and backups of group metadata
/// @param growth the first that matches an object holds for it
public record Configuration(
    Path state,
    AuditSettings audit,
    List<HostSettings> hosts,
    List<PolicySettings> policies,
    TrashSettings trash,
    List<GrowthSettings> growth,
    List<TrimSettings> trim,
    MonitorSettings monitors,
    AlertSettings alerts,
    List<ChannelSettings> channels,
    List<ReportSettings> reports,
    MetricsSettings metrics) {}
