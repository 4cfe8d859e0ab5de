package io.lumeo.pools;

import io.lumeo.thin.PoolMode;

/// How a pool is.
///
/// @param well whether it can do all it should
public record Health(boolean well, PoolMode mode) {}
