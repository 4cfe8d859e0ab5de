package io.lumeo.nbd;

import java.util.Map;

/// What happened to one export since the server started.
///
/// @param connections open now
/// @param connectionsTotal opened since the start
/// @param commands one entry for each command but [Command#DISCONNECT]
public record ExportStatistics(
    int connections, long connectionsTotal, Map<Command, CommandStatistics> commands) {}
