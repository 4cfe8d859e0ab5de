package io.lumeo.pools;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A volume as it is served over NBD.
///
/// @param uri where to connect over the Unix socket, or null when there is none
/// @param tcpUri where to connect over TCP, or null when it is not served there
/// @param connectionCount how many connections use it now
/// @param clients where they come from, one entry each
public record ExportView(
    String name,
    @Nullable String uri,
    @Nullable String tcpUri,
    long sizeBytes,
    boolean readOnly,
    int connectionCount,
    List<String> clients) {}
