package io.lumeo.nbd;

import java.util.Map;

/// What happened in a server since it started.
///
/// @param connections open now, in either phase
/// @param accepted connections since the start
/// @param refused connections closed at once because there were too many
/// @param failedHandshakes connections that ended without choosing an export or aborting
/// @param stalled connections closed because the client left a message unfinished or untaken
/// @param bytesInFlight what requests hold of the memory now, in whole buffers
/// @param bufferBytes what requests and connections hold together
/// @param exports by name, those that were opened at least once
public record Statistics(
    int connections,
    long accepted,
    long refused,
    long failedHandshakes,
    long stalled,
    long bytesInFlight,
    long bufferBytes,
    Map<String, ExportStatistics> exports) {}
