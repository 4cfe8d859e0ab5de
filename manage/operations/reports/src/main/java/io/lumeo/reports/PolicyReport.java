package io.lumeo.reports;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One policy on one host.
///
/// @param lastSuccess null if there was none yet
/// @param lastVerified null if there was none yet
/// @param snapshots how many it keeps
public record PolicyReport(
    String name,
    @Nullable Instant lastSuccess,
    boolean isOverdue,
    @Nullable Instant lastVerified,
    int snapshots) {}
