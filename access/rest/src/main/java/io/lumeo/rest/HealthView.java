package io.lumeo.rest;

import io.lumeo.thin.PoolMode;

/// Whether the server does its work. Open to all, so it says little.
///
/// @param status `ok`, or `degraded` when the pool cannot do all it should
/// @param instance names this run of the server; a client knows by it that it speaks to the server
///   it meant before it shows the token
public record HealthView(String status, String version, String instance, PoolMode mode) {
  static final String OK = "ok";
}
