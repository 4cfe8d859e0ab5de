package io.lumeo.forecasts;

import java.time.Instant;

/// What a device did up to one moment.
public record Load(Instant at, DiskRates rates) {}
