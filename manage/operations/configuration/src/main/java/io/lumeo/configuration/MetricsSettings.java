package io.lumeo.configuration;

/// Where Prometheus fetches what the agent measures: on the loopback address, and nowhere else.
///
/// @param port 0 for nowhere at all
public record MetricsSettings(int port) {}
