package io.lumeo.storage;

import org.jspecify.annotations.Nullable;

/// How full one pool or volume is now.
///
/// @param uuid of the pool or volume
/// @param data use of its data: a pool's blocks, a thin volume's mapped bytes, a classic snapshot's
///   store; null when the system does not say
/// @param metadata use of a pool's metadata, or null for what has none
public record UsageSample(
    String uuid, @Nullable Usage data, @Nullable Usage metadata, Health health) {}
