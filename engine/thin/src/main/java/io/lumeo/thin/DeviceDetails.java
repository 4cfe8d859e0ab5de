package io.lumeo.thin;

/// What the pool's metadata says of one thin device (the device details tree).
///
/// @param transactionId the pool's transaction id when the device was made
/// @param creationTime the snapshot clock when it was made
/// @param snapshotTime the snapshot clock when it last took part in a snapshot
public record DeviceDetails(
    ThinId id, long mappedBlocks, long transactionId, int creationTime, int snapshotTime) {}
