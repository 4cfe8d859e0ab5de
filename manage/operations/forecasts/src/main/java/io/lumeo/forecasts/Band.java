package io.lumeo.forecasts;

/// A value of the future: in one case of ten it is below `low`, in one of ten above `high`.
public record Band(double low, double likely, double high) {}
