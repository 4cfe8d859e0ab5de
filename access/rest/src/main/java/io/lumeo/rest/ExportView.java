package io.lumeo.rest;

import org.jspecify.annotations.Nullable;

/// A volume as it is served over NBD.
///
/// @param uri where to connect over the Unix socket, or null when there is none
/// @param tcpUri where to connect over TCP, or null when it is not served there
/// @param connectionCount how many clients use it now
public record ExportView(
    String name,
    @Nullable String uri,
    @Nullable String tcpUri,
    long sizeBytes,
    boolean readOnly,
    int connectionCount) {}
