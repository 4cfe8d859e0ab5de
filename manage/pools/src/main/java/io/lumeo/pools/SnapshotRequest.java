package io.lumeo.pools;

import java.util.List;

/// A snapshot to be taken.
public record SnapshotRequest(String name, String origin, List<String> tags) {}
