package io.lumeo.audit;

import java.nio.file.Path;
import java.util.Optional;

/// Where the record is.
///
/// @param file what is written now; older parts lie beside it under the number of their first
///   record: `audit.000000000001.jsonl`
/// @param anchor a second file that is told of each record's hash, best on other storage; whoever
///   changes the record must change that as well
/// @param rotateAtBytes when the record goes on in a new file
public record AuditPlace(Path file, Optional<Path> anchor, long rotateAtBytes) {}
