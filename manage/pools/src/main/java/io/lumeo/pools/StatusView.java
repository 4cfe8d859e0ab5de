package io.lumeo.pools;

/// The pool's status as `dmsetup status` prints it: start, length in sectors, target, parameters.
public record StatusView(String statusLine) {}
