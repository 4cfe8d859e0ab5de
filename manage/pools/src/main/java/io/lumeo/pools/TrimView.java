package io.lumeo.pools;

/// What trimming a volume gave back to the pool.
public record TrimView(String name, long freedBytes) {}
