package io.lumeo.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What to look at in a snapshot.
///
/// @param snapshot its uuid
/// @param checkFileSystem run the file system's own checker, changing nothing
/// @param sentinels paths inside that must exist
/// @param checksums path inside → the SHA-256 it must have, in hex
/// @param copyOut files and folders inside to copy to `copyTo`, for restoring single files
/// @param copyTo an existing folder of the host's, or null when nothing is to be copied
public record InspectionRequest(
    String snapshot,
    boolean checkFileSystem,
    List<String> sentinels,
    Map<String, String> checksums,
    List<String> copyOut,
    @Nullable Path copyTo) {}
