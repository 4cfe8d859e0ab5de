package io.lumeo.thin;

/// What a thin device holds of its pool, in bytes.
///
/// @param mappedBytes everything mapped
/// @param exclusiveBytes what no other device refers to: what deleting the device frees
/// @param sharedBytes what others refer to as well
public record DeviceUsage(long mappedBytes, long exclusiveBytes, long sharedBytes) {}
