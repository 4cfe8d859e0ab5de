package io.lumeo.configuration;

import io.lumeo.policies.MinimumFree;
import java.util.List;
import java.util.Optional;

/// Snapshots of some volumes, by a schedule.
///
/// @param id what its snapshots belong to: another id is another policy, whose snapshots these are
///   not
/// @param volumes what any of these selects
/// @param except what is not meant after all
/// @param together whether the volumes of a run are one group: all of them or none
/// @param ping an address that is told of each run, so that silence is noticed
public record PolicySettings(
    String id,
    String title,
    boolean enabled,
    List<Selector> volumes,
    List<Selector> except,
    boolean together,
    TimetableSettings timetable,
    RetentionSettings retention,
    SnapshotSettings snapshot,
    Optional<MinimumFree> minimumFree,
    List<Hook> before,
    List<Hook> after,
    Optional<VerificationSettings> verification,
    Optional<SecretSource> ping) {}
