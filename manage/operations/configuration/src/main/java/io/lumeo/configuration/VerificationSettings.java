package io.lumeo.configuration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How it is proven that snapshots can be read.
///
/// @param sentinels files that must be in the snapshot, from the root of its file system
/// @param manifest a file inside the snapshot with SHA-256 sums, as `sha256sum` writes it
/// @param maximumAge how old the last success may be before it is said
public record VerificationSettings(
    TimetableSettings timetable,
    List<Path> sentinels,
    Optional<Path> manifest,
    Duration deadline,
    Duration maximumAge) {}
