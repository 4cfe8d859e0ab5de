package io.lumeo.configuration;

import java.nio.file.Path;
import java.util.Optional;

/// Where what was done is recorded.
///
/// @param anchor a second file that is told where the record ends, best on other storage
/// @param rotateAtBytes when the record goes on in a new file
public record AuditSettings(Path file, Optional<Path> anchor, long rotateAtBytes) {}
